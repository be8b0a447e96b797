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

BOARD_SQL = """
WITH said AS (
    SELECT programme_id,
        CASE WHEN %(last_on)s BETWEEN exception_from_on AND exception_to_on THEN exception_kind
             WHEN current_period_on >= %(last_on)s AND exception_kind = 'withheld'
                 AND current_period_on BETWEEN exception_from_on AND exception_to_on THEN 'withheld'
             WHEN current_period_on >= %(last_on)s THEN current_rating
             WHEN started_at >= %(last)s OR reopened_at >= %(last)s THEN 'not_due' ELSE %(missing)s END AS shown,
        current_reported_at, current_ask_kind
    FROM programmes_workstream WHERE closed_at IS NULL
), rolled AS (
    SELECT programme_id,
        count(*) FILTER (WHERE shown = 'red') AS red, count(*) FILTER (WHERE shown = 'amber') AS amber,
        count(*) FILTER (WHERE shown = 'green') AS green, count(*) FILTER (WHERE shown IN ('late', 'silent', 'withheld')) AS silent,
        count(*) FILTER (WHERE current_ask_kind IN ('advice', 'direction', 'decision')) AS asks,
        max(current_reported_at) AS reported_at
    FROM said GROUP BY programme_id
)
SELECT p.id, p.name, p.delivery_model, s.kind AS stage, s.started_on IS NOT NULL AS is_under_way,
    %(today)s::date - s.planned_finish_on AS late, r.red + r.amber + r.green AS reported, r.silent, r.asks,
    r.red + r.amber + r.green + r.silent AS due, %(today)s::date - r.reported_at::date AS age,
    CASE WHEN r.red > 0 THEN 'Off track' WHEN 2 * (r.red + r.amber + r.green) < r.red + r.amber + r.green + r.silent
         THEN 'Not known' WHEN r.silent > 0 THEN 'At risk or worse' WHEN r.amber > 0 THEN 'At risk'
         ELSE 'On track' END AS overall,
    to_char(v.closes_at, 'HH12am on Day DD Month YYYY') AS closes, count(*) OVER () AS found
FROM programmes_programme p
JOIN partners_scope c ON c.id = p.scope_id
LEFT JOIN rolled r ON r.programme_id = p.id
LEFT JOIN LATERAL (
    SELECT kind, started_on, planned_finish_on FROM programmes_stage
    WHERE programme_id = p.id AND finished_on IS NULL ORDER BY position LIMIT 1
) s ON true
LEFT JOIN (
    SELECT programme_id, max(closes_at) AS closes_at FROM programmes_review
    WHERE opens_at <= %(now)s AND closes_at > %(now)s AND cancelled_at IS NULL GROUP BY programme_id
) v ON v.programme_id = p.id
WHERE c.parent_id = %(scope)s
ORDER BY r.red DESC, r.silent DESC, r.amber DESC, p.name, p.id
LIMIT %(limit)s
"""
BOARD_PAGE = """<!DOCTYPE html><html lang="en"><title>Board</title><table>
{% for row in rows %}<tr><th><a href="/programmes/{{ row.id }}/">{{ row.name }}</a> {{ row.delivery_model }}</th>
<td>{{ row.stage or "All stages" }} {{ "Under way" if row.is_under_way else "Not started" }}{% if row.late and row.late > 0 %}, {{ row.late }} days late to finish{% endif %}</td>
<td>{{ row.overall }}</td><td>{{ row.reported }} of {{ row.due }} reported{% if row.silent %}, {{ row.silent }} silent{% endif %} {{ row.age }} days ago</td>
<td>{{ row.asks }}</td><td>{{ row.closes or "No open review" }}</td></tr>
{% endfor %}</table></html>"""

PROGRAMME_SQL = """
SELECT w.id, w.name, u.name AS lead, %(today)s::date - w.current_reported_at::date AS age,
    CASE WHEN %(last_on)s BETWEEN w.exception_from_on AND w.exception_to_on THEN w.exception_kind
         WHEN w.current_period_on >= %(last_on)s AND w.exception_kind = 'withheld'
             AND w.current_period_on BETWEEN w.exception_from_on AND w.exception_to_on THEN 'withheld'
         WHEN w.current_period_on >= %(last_on)s THEN w.current_rating
         WHEN w.started_at >= %(last)s OR w.reopened_at >= %(last)s THEN 'not_due' ELSE %(missing)s END AS shown
FROM programmes_workstream w LEFT JOIN partners_user u ON u.id = w.lead_id
WHERE w.programme_id = %(programme)s AND w.closed_at IS NULL ORDER BY shown, w.name, w.id
"""
PROGRAMME_PAGE = """<!DOCTYPE html><html lang="en"><title>Programme</title><table>
{% for row in rows %}<tr><th><a href="/workstreams/{{ row.id }}/">{{ row.name }}</a></th>
<td>{{ row.shown }} {{ row.age }} days ago</td><td>{{ row.lead }}</td></tr>
{% endfor %}</table></html>"""

DUE_SQL = """
SELECT w.id, w.name, p.name AS programme, w.current_rating, %(today)s::date - w.current_reported_at::date AS age,
    NOT (w.started_at >= %(last)s OR w.reopened_at >= %(last)s) AS is_silent
FROM programmes_workstream w JOIN programmes_programme p ON p.id = w.programme_id
JOIN partners_roleholding h ON h.scope_id = p.scope_id AND h.ended_at IS NULL
WHERE h.user_id = %(user)s AND w.closed_at IS NULL AND (h.role = 'programme_manager' OR w.lead_id = h.user_id)
    AND (w.current_reported_at IS NULL OR w.current_reported_at <= %(last)s)
ORDER BY is_silent DESC, w.current_reported_at NULLS FIRST, w.name, w.id
"""
DUE_PAGE = """<!DOCTYPE html><html lang="en"><title>Due</title><table>
{% for row in rows %}<tr><th><a href="/workstreams/{{ row.id }}/">{{ row.name }}</a> {{ row.programme }}</th>
<td>{{ "Silent" if row.is_silent else "Due" }}</td><td>{{ row.current_rating }}, {{ row.age }} days ago</td></tr>
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
