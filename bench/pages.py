"""The main pages and list endpoints, each beside a bare one: queries, times, bytes, memory, ratios."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.urls import include, path

from bench import bare
from bench.generate import NOW
from bench.measure import Comparison, Side, getting, measure, signed_in
from partners.clock.operations import set_clock
from partners.clock.rules import local_date
from partners.people.models import User
from partners.people.queries import people
from partners.people.serializers import PersonOut
from portfolio.groups.models import Portfolio
from portfolio.groups.queries import programme_rows
from portfolio.groups.serializers import ProgrammeRowOut
from programmes.register.models import Programme
from programmes.workstreams.queries import reporting_days, with_standing, workstream_values, workstreams_visible_to
from programmes.workstreams.serializers import WorkstreamOut

PAGE_GOAL, PAGED_GOAL, LIST_GOAL, AS_AT_GOAL = 2.0, 3.0, 1.5, 2.0
PROGRAMME_LIMIT = 100.0  # milliseconds
HEADINGS = ("", "queries", "p50 ms", "p95 ms", "KB", "peak MB", "ratio", "goal")


def main(runs: int) -> bool:
    """Prints the table; returns whether every goal is met."""
    set_clock(to=NOW)
    compared = [measure(one, runs=runs) for one in comparisons()]
    print(f"\nMedian and 95th percentile of {runs} requests, in turns, in one process.\n")
    for line in table(compared):
        print(line)
    missed = [one.title for one in compared if not one.is_met]
    print("\nEvery goal is met." if not missed else f"\nMissed: {', '.join(missed)}.")
    return not missed


def comparisons() -> list[Comparison]:
    portfolio, programme = Portfolio.objects.get(), Programme.objects.alias(n=Count("workstreams")).order_by("-n")[0]
    cio, administrator, manager, staff = (_person(n) for n in (1, 2, 3, 25))
    days = reporting_days(NOW)
    cut_offs = {
        "now": NOW,
        "today": local_date(NOW),
        "last_on": days.last_on,
        "missing": "late" if days.is_in_grace else "silent",
        "last": days.last_deadline,
        "next_on": days.next_on,
        "next": days.next_deadline,
        "scope": portfolio.scope_id,
        "programme": programme.pk,
    }
    all_programmes = Programme.objects.count()
    views = {
        "board": bare.bare_page(bare.BOARD_SQL, bare.BOARD_PAGE, cut_offs | {"limit": 100}),
        "board-whole": bare.bare_page(bare.BOARD_SQL, bare.BOARD_PAGE, cut_offs | {"limit": all_programmes}),
        "programme": bare.bare_page(bare.PROGRAMME_SQL, bare.PROGRAMME_PAGE, cut_offs),
        "due": bare.bare_page(bare.DUE_SQL, bare.DUE_PAGE, cut_offs | {"user": manager.pk}),
        "tasks": bare.bare_page(bare.TASKS_SQL, bare.TASKS_PAGE, {"user": staff.pk}),
        "people": bare.bare_page(bare.PEOPLE_SQL, bare.PEOPLE_PAGE, {}),
        "api-programmes": bare.bare_list(lambda: programme_rows(cio), ProgrammeRowOut),
        "api-workstreams": bare.bare_list(
            lambda: workstream_values(with_standing(workstreams_visible_to(cio), days).order_by("name", "pk")),
            WorkstreamOut,
        ),
        "api-people": bare.bare_list(people, PersonOut),
    }
    settings.ROOT_URLCONF = (path("", include("config.urls")), *bare.routes(views))
    board = f"/portfolios/{portfolio.pk}/"
    whole = f"CIO's page, {all_programmes:,} programmes on one page"
    return [
        _beside("CIO's page, 100 of them", cio, board, "board", PAGED_GOAL),
        _beside(whole, cio, f"{board}?per_page=1000", "board-whole", PAGE_GOAL),
        _as_at("CIO's page as at a week ago, 100 of them", cio, board),
        _as_at("The same, all on one page", cio, f"{board}?per_page=1000"),
        _beside(
            "Programme with 200 workstreams", cio, f"/programmes/{programme.pk}/", "programme", limit=PROGRAMME_LIMIT
        ),
        _beside("My week", manager, "/my-week/", "due"),
        _beside("My tasks", staff, "/my-tasks/", "tasks"),
        _beside("People, 50 of them", administrator, "/people/", "people"),
        _beside("/api/programmes/", cio, "/api/programmes/", "api-programmes", LIST_GOAL),
        _beside("/api/workstreams/", cio, "/api/workstreams/", "api-workstreams", LIST_GOAL),
        _beside("/api/people/", administrator, "/api/people/", "api-people", LIST_GOAL),
        _alone("/api/portfolios/…/board/", cio, f"/api/portfolios/{portfolio.pk}/board/"),
        _alone("What changed in 30 days", cio, f"{board}changes/"),
        _alone("Search", cio, "/search/?q=custody"),
    ]


def table(compared: list[Comparison]) -> list[str]:
    """A Markdown table; the bare side stands below each page."""
    lines = [_line(HEADINGS), _line(["---"] + ["---:"] * (len(HEADINGS) - 1))]
    for one in compared:
        ratio = f"{one.ratio:.2f}" if one.ratio else ""
        goal = f"{one.goal:g}" if one.goal else f"{one.limit:g} ms" if one.limit else ""
        lines.append(_line([one.title, *_figures(one.ours), ratio, goal]))
        if one.bare:
            lines.append(_line([f"- {one.beside}", *_figures(one.bare), "", ""]))
    return lines


def _beside(
    title: str, user: User, address: str, name: str, goal: float | None = None, limit: float | None = None
) -> Comparison:
    client = signed_in(user)
    return Comparison(title, Side(getting(client, address)), Side(getting(client, f"/bare/{name}/")), goal, limit)


def _as_at(title: str, user: User, address: str) -> Comparison:
    """An earlier day beside today."""
    client, day = signed_in(user), local_date(NOW) - timedelta(days=7)
    earlier = f"{address}{'&' if '?' in address else '?'}on={day}"
    return Comparison(title, Side(getting(client, earlier)), Side(getting(client, address)), AS_AT_GOAL, beside="today")


def _alone(title: str, user: User, address: str) -> Comparison:
    return Comparison(title, Side(getting(signed_in(user), address)))


def _person(number: int) -> User:
    return User.objects.get(email=f"person{number}@example.org")


def _figures(side: Side) -> list[str]:
    return [
        str(side.queries),
        f"{side.p50:.1f}",
        f"{side.p95:.1f}",
        f"{side.size / 1000:,.0f}",
        f"{side.peak / 1_000_000:.1f}",
    ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
