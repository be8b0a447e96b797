"""The other side of each comparison: bare views with one SQL statement, and bare lists of Django REST framework.

They go through the same middleware, signed in, so session and person are two queries on either side; they ask for no
permission and know no clock. The pages are rendered by the same Jinja2, with markup that is as plain as it can be.
"""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import URLPattern, path
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import Serializer

# What a workstream shows, in the words of the product: its rating, or why there is none.
SHOWN = """CASE WHEN %(last_on)s BETWEEN w.exception_from_on AND w.exception_to_on THEN w.exception_kind
         WHEN w.current_period_on >= %(last_on)s AND w.exception_kind = 'withheld'
             AND w.current_period_on BETWEEN w.exception_from_on AND w.exception_to_on THEN 'withheld'
         WHEN w.current_period_on >= %(last_on)s THEN w.current_rating
         WHEN w.started_at >= %(last)s OR w.reopened_at >= %(last)s THEN 'not_due' ELSE %(missing)s END"""
BOARD_SQL = f"""
WITH said AS (
    SELECT w.id, w.programme_id, w.name, {SHOWN} AS shown, w.current_rating, w.current_reported_at, w.current_ask_kind
    FROM programmes_workstream w WHERE w.closed_at IS NULL
), rolled AS (
    SELECT programme_id,
        count(*) FILTER (WHERE shown = 'red') AS red, count(*) FILTER (WHERE shown = 'amber') AS amber,
        count(*) FILTER (WHERE shown = 'green') AS green, count(*) FILTER (WHERE shown = 'late') AS late,
        count(*) FILTER (WHERE shown = 'silent') AS silent, count(*) FILTER (WHERE shown = 'withheld') AS withheld,
        count(*) FILTER (WHERE shown = 'not_due') AS not_due, count(*) FILTER (WHERE shown = 'exempt') AS exempt,
        count(*) FILTER (WHERE current_ask_kind IN ('advice', 'direction', 'decision')) AS asks,
        max(current_reported_at) AS reported_at
    FROM said GROUP BY programme_id
), needing AS (
    SELECT d.programme_id, count(DISTINCT d.id) AS waiting FROM programmes_workstreamlink l
    JOIN said d ON d.id = l.dependant_id JOIN said p ON p.id = l.provider_id AND p.shown = 'red'
    WHERE l.ended_at IS NULL GROUP BY d.programme_id
), assured AS (
    SELECT DISTINCT ON (programme_id) programme_id, rating, assured_by, assured_on,
        CASE WHEN rating IN ('red', 'amber_red') THEN 'red' WHEN rating = 'green' THEN 'green' ELSE 'amber' END AS overall
    FROM programmes_assurancerating
    WHERE withdrawn_at IS NULL AND assured_on <= %(today)s AND expires_on >= %(today)s
    ORDER BY programme_id, assured_on DESC, recorded_at DESC
), overridden AS (
    SELECT DISTINCT ON (programme_id) programme_id, rating FROM programmes_ratingoverride
    WHERE withdrawn_at IS NULL AND period_on >= %(today)s ORDER BY programme_id, recorded_at DESC
), slipped AS (
    SELECT DISTINCT ON (m.programme_id) m.programme_id, m.name, m.forecast_on < %(today)s AS is_overdue,
        count(*) OVER (PARTITION BY m.programme_id) AS counted,
        CASE WHEN w.current_rating = 'green' AND w.closed_at IS NULL THEN w.name END AS green_workstream
    FROM programmes_deliverymilestone m LEFT JOIN programmes_workstream w ON w.id = m.workstream_id
    WHERE m.is_critical AND m.achieved_on IS NULL AND m.dropped_at IS NULL
        AND (m.forecast_on > m.baseline_on OR m.forecast_on < %(today)s)
    ORDER BY m.programme_id, m.forecast_on < %(today)s DESC, m.forecast_on - m.baseline_on DESC
), ahead AS (
    SELECT DISTINCT ON (programme_id) id, programme_id, title, planned_start_on FROM programmes_stage
    WHERE started_on IS NULL AND is_active AND replaced_at IS NULL ORDER BY programme_id, position
), gate AS (
    SELECT a.*, o.result, o.decided_on, EXISTS (SELECT FROM programmes_gatereview r WHERE r.stage_id = a.id) AS has_review
    FROM ahead a LEFT JOIN LATERAL (
        SELECT result, decided_on FROM programmes_gateoutcome WHERE stage_id = a.id ORDER BY decided_on DESC, number DESC LIMIT 1
    ) o ON true
    WHERE o.result IN ('pause', 'stop') OR o.result IS NULL AND a.planned_start_on <= %(today)s + 30
), conditions AS (
    SELECT programme_id, count(*) AS counted, min(due_on) AS first_on FROM programmes_raidentry
    WHERE origin = 'gate_condition' AND closed_at IS NULL GROUP BY programme_id
), own AS (
    SELECT p.id, p.name, p.delivery_model, p.ended_on, r.*, coalesce(r.red, 0) + coalesce(r.amber, 0) + coalesce(r.green, 0) AS reported,
        coalesce(r.late, 0) + coalesce(r.silent, 0) + coalesce(r.withheld, 0) AS unheard
    FROM programmes_programme p JOIN partners_scope c ON c.id = p.scope_id LEFT JOIN rolled r ON r.programme_id = p.id
    WHERE c.parent_id = %(scope)s
), stood AS (
    SELECT own.*, a.overall AS assured, a.rating AS assured_as, a.assured_by, a.assured_on, o.rating AS overridden,
        CASE WHEN red > 0 THEN 'red' WHEN reported + unheard = 0 THEN 'not_due' WHEN 2 * reported < reported + unheard THEN 'not_known'
             WHEN unheard > 0 THEN 'amber_or_worse' WHEN amber > 0 THEN 'amber' ELSE 'green' END AS own_rating
    FROM own LEFT JOIN assured a ON a.programme_id = own.id LEFT JOIN overridden o ON o.programme_id = own.id
), shown AS (
    SELECT stood.*, CASE WHEN given IS NULL OR unheard > 0 AND array_position(worse, given) < array_position(worse, own_rating)
        THEN own_rating ELSE given END AS overall
    FROM stood, LATERAL (SELECT coalesce(assured, overridden) AS given,
        ARRAY['not_due', 'green', 'amber', 'amber_or_worse', 'not_known', 'red']::varchar[] AS worse) AS said
)
SELECT h.id, h.name, h.delivery_model, h.overall, h.own_rating, h.assured, h.assured_as, h.assured_by, h.assured_on,
    CASE WHEN h.overall = h.assured THEN 'Assurance' WHEN h.overall = h.overridden THEN 'Set by the office' ELSE 'Own reports' END AS source,
    s.title AS stage, s.started_on IS NOT NULL AS is_under_way, s.planned_start_on, s.planned_finish_on,
    %(today)s::date - CASE WHEN s.started_on IS NULL THEN s.planned_start_on ELSE s.planned_finish_on END AS days_late,
    h.reported, h.reported + h.unheard AS due, h.late, h.silent, h.withheld, h.not_due, h.exempt,
    coalesce(h.asks, 0) AS asks, %(today)s::date - h.reported_at::date AS age, n.waiting,
    CASE WHEN m.counted > 0 AND 'green' IN (h.overall, h.own_rating) THEN 'On track' ELSE m.green_workstream END AS green,
    m.name AS milestone, m.is_overdue, m.counted AS slipped, g.title AS gate, g.result, g.decided_on, g.planned_start_on AS gate_on,
    g.has_review, d.counted AS conditions, d.first_on,
    to_char(v.closes_at, 'HH12am on Day DD Month YYYY') AS closes, count(*) OVER () AS found
FROM shown h
LEFT JOIN needing n ON n.programme_id = h.id LEFT JOIN slipped m ON m.programme_id = h.id
LEFT JOIN gate g ON g.programme_id = h.id LEFT JOIN conditions d ON d.programme_id = h.id
LEFT JOIN LATERAL (
    SELECT title, started_on, planned_start_on, planned_finish_on FROM programmes_stage
    WHERE programme_id = h.id AND finished_on IS NULL AND is_active ORDER BY position LIMIT 1
) s ON true
LEFT JOIN (
    SELECT programme_id, max(closes_at) AS closes_at FROM programmes_review
    WHERE opens_at <= %(now)s AND closes_at > %(now)s AND cancelled_at IS NULL GROUP BY programme_id
) v ON v.programme_id = h.id
ORDER BY h.ended_on NULLS FIRST, array_position(ARRAY['red', 'not_known', 'amber_or_worse', 'amber', 'green']::varchar[], h.overall), h.red DESC, h.unheard DESC, h.name, h.id
LIMIT %(limit)s
"""
BOARD_PAGE = """<!DOCTYPE html><html lang="en"><title>Board</title><table>
{% for row in rows %}<tr><th><a href="/programmes/{{ row.id }}/">{{ row.name }}</a> {{ row.delivery_model }}
{% if row.overall == "red" %}<p>Off track: {{ row.source }}</p>{% endif %}
{% if row.green %}<p>{{ row.green }}, but {{ row.milestone }} {{ "is overdue" if row.is_overdue else "is expected later" }}{% if row.slipped > 1 %} and {{ row.slipped - 1 }} more{% endif %}</p>{% endif %}
{% if row.result %}<p>Gate to {{ row.gate }}: {{ row.result }} on {{ row.decided_on }}</p>{% endif %}
{% if row.silent %}<p>{{ row.silent }} silent</p>{% endif %}
{% if row.days_late and row.days_late > 0 %}<p>{{ row.stage }}: {{ row.days_late }} days late</p>{% endif %}
{% if row.waiting %}<p>{{ row.waiting }} wait for one off track</p>{% endif %}
{% if row.assured and row.assured != row.own_rating %}<p>Own reports: {{ row.own_rating }}. Assurance: {{ row.assured_as }} by {{ row.assured_by }}, {{ row.assured_on }}</p>{% endif %}
{% if row.conditions %}<p>{{ row.conditions }} conditions of a gate to meet, the first by {{ row.first_on }}</p>{% endif %}
{% if row.gate and not row.result %}<p>Gate to {{ row.gate }} before {{ row.gate_on }}{% if not row.has_review %}, no gate review yet{% endif %}</p>{% endif %}</th>
<td>{{ row.stage or "All stages" }} {{ "Under way" if row.is_under_way else "Not started" }}{% if row.days_late and row.days_late > 0 %}, {{ row.days_late }} days late{% endif %}</td>
<td>{{ row.overall }} {{ row.source }}{% if row.source != "Own reports" %}; own: {{ row.own_rating }}{% endif %}</td>
<td>{{ row.reported }} of {{ row.due }} reported{% if row.late %}, {{ row.late }} late{% endif %}{% if row.silent %}, {{ row.silent }} silent{% endif %}{% if row.withheld %}, {{ row.withheld }} withheld{% endif %}{% if row.exempt %}, {{ row.exempt }} exempt{% endif %}{% if row.not_due %}, {{ row.not_due }} not due yet{% endif %} {{ row.age }} days ago</td>
<td>{{ row.asks }}</td><td>{{ row.closes or "No open review" }}</td></tr>
{% endfor %}</table></html>"""

PROGRAMME_SQL = f"""
SELECT w.id, w.name, u.name AS lead, %(today)s::date - w.current_reported_at::date AS age, {SHOWN} AS shown
FROM programmes_workstream w LEFT JOIN partners_user u ON u.id = w.lead_id
WHERE w.programme_id = %(programme)s AND w.closed_at IS NULL ORDER BY shown, w.name, w.id
"""
PROGRAMME_PAGE = """<!DOCTYPE html><html lang="en"><title>Programme</title><table>
{% for row in rows %}<tr><th><a href="/workstreams/{{ row.id }}/">{{ row.name }}</a></th>
<td>{{ row.shown }} {{ row.age }} days ago</td><td>{{ row.lead }}</td></tr>
{% endfor %}</table></html>"""

DUE_SQL = f"""
SELECT w.id, w.name, p.name AS programme, w.current_rating, %(today)s::date - w.current_reported_at::date AS age,
    {SHOWN} IN ('late', 'silent') AS is_missing
FROM programmes_workstream w JOIN programmes_programme p ON p.id = w.programme_id
JOIN partners_roleholding h ON h.scope_id = p.scope_id AND h.ended_at IS NULL
WHERE h.user_id = %(user)s AND w.closed_at IS NULL AND (h.role = 'programme_manager' OR w.lead_id = h.user_id)
    AND ({SHOWN} IN ('late', 'silent') OR %(next)s <= %(now)s + interval '7 days'
        AND (w.current_period_on IS NULL OR w.current_period_on < %(next_on)s)
        AND (w.exception_from_on IS NULL OR %(next_on)s NOT BETWEEN w.exception_from_on AND w.exception_to_on))
ORDER BY is_missing DESC, w.current_reported_at NULLS FIRST, w.name, w.id
"""
DUE_PAGE = """<!DOCTYPE html><html lang="en"><title>Due</title><table>
{% for row in rows %}<tr><th><a href="/workstreams/{{ row.id }}/">{{ row.name }}</a> {{ row.programme }}</th>
<td>{{ "Missing" if row.is_missing else "Due" }}</td><td>{{ row.current_rating }}, {{ row.age }} days ago</td></tr>
{% endfor %}</table></html>"""

TASKS_SQL = """
SELECT t.id, c.title, t.state, r.title AS review, p.name AS programme, to_char(r.closes_at, 'HH12am on Day DD Month YYYY') AS closes
FROM programmes_consultationtask t JOIN programmes_consultation c ON c.id = t.consultation_id
JOIN programmes_review r ON r.id = c.review_id JOIN programmes_programme p ON p.id = r.programme_id
WHERE t.person_id = %(user)s ORDER BY r.closes_at, t.id
"""
TASKS_PAGE = """<!DOCTYPE html><html lang="en"><title>Tasks</title><ul>
{% for row in rows %}<li><a href="/tasks/{{ row.id }}/">{{ row.title }}</a> {{ row.programme }}, {{ row.state }}, closes {{ row.closes }}</li>
{% endfor %}</ul></html>"""

PEOPLE_SQL = """
SELECT u.id, u.name, u.email, n.name AS unit, count(*) OVER () AS found
FROM partners_user u LEFT JOIN partners_unit n ON n.id = u.unit_id
WHERE u.is_active ORDER BY u.name, u.id LIMIT 50
"""
PEOPLE_PAGE = """<!DOCTYPE html><html lang="en"><title>People</title><table>
{% for row in rows %}<tr><th><a href="/people/{{ row.id }}/">{{ row.name }}</a></th><td>{{ row.email }}</td><td>{{ row.unit }}</td></tr>
{% endfor %}</table></html>"""


def bare_page(sql: str, page: str, values: dict[str, object]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that runs one statement and renders its rows."""
    template = engines["jinja2"].from_string(page)

    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = namedtuple("row", [column.name for column in cursor.description])._make
            rows = [row(found) for found in cursor.fetchall()]
        return HttpResponse(template.render({"rows": rows}))

    return view


def bare_list(rows: Callable[[], QuerySet], serializer: type[Serializer]) -> Callable[[HttpRequest], HttpResponse]:
    """A list of Django REST framework over the queryset that the product's own list reads."""

    class Rows(ListAPIView):
        authentication_classes: list[Any] = []
        permission_classes: list[Any] = []
        renderer_classes = [JSONRenderer]
        serializer_class = serializer

        def get_queryset(self) -> QuerySet:
            return rows()

    return login_not_required(Rows.as_view())


def routes(views: dict[str, Callable[[HttpRequest], HttpResponse]]) -> list[URLPattern]:
    return [path(f"bare/{name}/", view) for name, view in views.items()]
