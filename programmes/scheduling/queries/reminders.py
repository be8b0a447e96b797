"""What is asked about gates that are planned, of those who run the programme, assure it or answer for it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from partners.calendar.queries import working_calendar
from partners.calendar.rules import BeyondCalendar
from partners.clock.rules import local_date, words_for_date
from programmes.register.models import Programme
from programmes.register.queries import programmes_that_are_asked
from programmes.reminders.queries import People, away_by_day, people_of
from programmes.reminders.rules import Recipient, Wanted, WaveWords, Within, here_of
from programmes.scheduling.queries.gates import gates_due
from programmes.scheduling.rules.gates import GateDue
from programmes.scheduling.rules.notices import GateNotice, notices_of_gate

KIND = "gate"


def gate_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """The reminders of the next gate of each running programme, as long as they are of use.

    A gate whose days lie beyond the known bank holidays is planned once they are known.
    """
    programmes = {one.pk: one for one in programmes_that_are_asked(within.programme_ids)}
    people, calendar = people_of(list(programmes.values())), working_calendar()
    coming: list[tuple[GateDue, GateNotice]] = []
    for gate in gates_due(list(programmes), date.max):
        if within.subject_ids is not None and gate.stage_id not in within.subject_ids:
            continue
        try:
            notices = notices_of_gate(gate.planned_start_on, has_review=gate.has_review, calendar=calendar)
        except BeyondCalendar:
            continue
        coming += [(gate, notice) for notice in notices if notice.valid_until > now]
    away = away_by_day([local_date(notice.due_at) for _, notice in coming])
    for gate, notice in coming:
        told = people[gate.programme_id]
        asked = here_of(_whom(told, notice), away(local_date(notice.due_at)), told.in_sight)
        yield _wanted(programmes[gate.programme_id], gate, notice, asked)


def _whom(people: People, notice: GateNotice) -> list[UUID]:
    """Who runs the programme, and the CIOs, who assure; once it is late also who answers for it."""
    owner = [people.owner] if people.owner and notice.key == "overdue" else []
    return [*people.in_charge, *people.chiefs, *owner]


def _wanted(programme: Programme, gate: GateDue, notice: GateNotice, asked: Sequence[UUID]) -> Wanted:
    name = gate.gate_title or f"The gate before {gate.stage_title}"
    path = reverse("stages_of_programme", args=[programme.pk])
    return Wanted(
        kind=KIND,
        key=f"{gate.stage_id}/gate/{gate.planned_start_on}/{notice.key}",
        subject_id=gate.stage_id,
        programme_id=programme.pk,
        words=WaveWords(
            title=f"{notice.title}: {gate.stage_title}",
            mail_subject=f"{notice.title}: {gate.stage_title}, {programme.name}",
            mail_text=(
                f"{name} of {programme.name} is planned for {words_for_date(gate.planned_start_on)}.\n\n{notice.asked}"
            ),
            due_at=notice.due_at,
            due_reason=notice.due_reason,
            valid_until=notice.valid_until,
        ),
        recipients=tuple(Recipient(one, f"gate:{gate.stage_id}", path) for one in asked),
        needs_sight=True,
    )
