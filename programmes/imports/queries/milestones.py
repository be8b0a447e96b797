from collections.abc import Iterator, Mapping
from datetime import date

from partners.clock.rules import words_for_date
from partners.people.rules.csv_files import Problem
from programmes.imports.rules.cells import Value
from programmes.imports.rules.columns import Given, GivenRow, columns_of_milestones
from programmes.imports.rules.plans import PlannedRow, planned, repeats
from programmes.register.models import Programme
from programmes.register.rules import REASON_LENGTH
from programmes.scheduling.models import DeliveryMilestone
from programmes.scheduling.rules import MILESTONE_NAME_LENGTH
from programmes.workstreams.models import Workstream

COLUMNS = columns_of_milestones(name=MILESTONE_NAME_LENGTH, reason=REASON_LENGTH)
FIRST: dict[str, Value] = {
    "workstream": "",
    "is_critical": False,
    "baseline_on": None,
    "forecast_on": None,
    "achieved_on": None,
    "reason": "",
}


def planned_rows(programme: Programme, given: Given, *, today: date) -> tuple[list[PlannedRow], list[Problem]]:
    """Each row beside the milestone of its name in its workstream; two queries. One that was dropped is not there."""
    rows_there = DeliveryMilestone.objects.filter(programme=programme, dropped_at=None).select_related("workstream")
    there = {
        _key(each.name, each.workstream.name if each.workstream else ""): each for each in rows_there.order_by("pk")
    }
    workstreams = {each.name.casefold(): each for each in Workstream.objects.filter(programme=programme).order_by("pk")}
    rows: list[PlannedRow] = []
    problems = repeats(given.rows, keys=("name", "workstream"), heading="Name")
    for row in given.rows:
        name, called = str(row.values.get("name") or ""), str(row.values.get("workstream") or "")
        workstream, found = workstreams.get(called.casefold()), there.get(_key(name, called))
        current = _current(found) if found else None
        said = {key: value for key, value in row.values.items() if value not in (None, "")}
        if workstream:
            said["workstream"] = workstream.name
        if current is None and said.get("baseline_on"):
            said.setdefault("forecast_on", said["baseline_on"])
        plan = planned(
            GivenRow(row.line, said),
            name=name,
            columns=given.columns,
            current=current,
            found_id=found.pk if found else None,
            first=FIRST,
        )
        problems += _workstream_problems(row, called, workstream, is_new=found is None)
        problems += _problems(plan, current, today=today)
        rows.append(plan)
    return rows, problems


def _workstream_problems(
    row: GivenRow, called: str, workstream: Workstream | None, *, is_new: bool
) -> Iterator[Problem]:
    if called and workstream is None:
        sentence = f"{called} is no workstream of this programme. Add it first, mend the name, or leave it empty."
        yield Problem(row.line, "Workstream", sentence)
    elif workstream and workstream.closed_at and is_new:
        sentence = f"{workstream.name} is closed. Reopen it first, or take the row out."
        yield Problem(row.line, "Workstream", sentence)


def _problems(plan: PlannedRow, current: Mapping[str, Value] | None, *, today: date) -> Iterator[Problem]:
    """What a person could not do by hand either."""
    baseline, forecast, achieved = (_day(plan.values, key) for key in ("baseline_on", "forecast_on", "achieved_on"))
    if achieved and achieved > today:
        yield Problem(
            plan.line, "Achieved", f"{words_for_date(achieved)} is still to come. Today is {words_for_date(today)}."
        )
    if current is None:
        if baseline is None:
            yield Problem(plan.line, "Baseline", "is empty. Give the day first agreed of a new milestone.")
        return
    was = _day(current, "achieved_on")
    if baseline != current["baseline_on"]:
        first = _day(current, "baseline_on")
        words = words_for_date(first) if first else ""
        yield Problem(plan.line, "Baseline", f"never changes: it is {words}. Write that, or leave it empty.")
    if was and achieved != was:
        sentence = f"was {words_for_date(was)}. Take that back on its page first, or leave this empty."
        yield Problem(plan.line, "Achieved", sentence)
    if forecast != current["forecast_on"]:
        if was:
            sentence = f"stays as it is: the milestone was achieved on {words_for_date(was)}. Leave this empty."
            yield Problem(plan.line, "Forecast", sentence)
        elif not plan.values.get("reason"):
            yield Problem(plan.line, "Reason", "is empty. Say why the forecast moves.")


def _day(values: Mapping[str, Value], key: str) -> date | None:
    found = values[key]
    return found if isinstance(found, date) else None


def _key(name: str, workstream: str) -> tuple[str, str]:
    return name.casefold(), workstream.casefold()


def _current(milestone: DeliveryMilestone) -> dict[str, Value]:
    return {
        "name": milestone.name,
        "workstream": milestone.workstream.name if milestone.workstream else "",
        "is_critical": milestone.is_critical,
        "baseline_on": milestone.baseline_on,
        "forecast_on": milestone.forecast_on,
        "achieved_on": milestone.achieved_on,
    }
