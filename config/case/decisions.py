"""What was decided, by which office, with what effect; and what was tried and refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from config.demo.telling import Event, local, refused
from programmes.decisions.enums import NeedLevel, PartnerFate, WorkFate
from programmes.decisions.models import Decision
from programmes.decisions.operations import (
    add_option,
    choose_option,
    draft_decision,
    propose_decision,
    set_dispositions,
    take_decision,
    withdraw_decision,
)
from programmes.decisions.rules import (
    Dispositions,
    Draft,
    LastDay,
    NeedDraft,
    OptionDraft,
    PartnerDisposition,
    WorkDisposition,
)

if TYPE_CHECKING:
    from config.case.story import Case

A_LITTLE = timedelta(minutes=5)


class Decisions:
    """Drafted by the chief information officer's account, recorded by the clerk of the office."""

    def __init__(self, case: "Case", data: dict[str, Any]) -> None:
        self.case = case
        self.data = data

    def events(self) -> Iterator[Event]:
        for row in self.data["decisions"]:
            drafted = local(row["drafted_at"])
            yield Event(drafted, partial(self._draft, row))
            if "tried_at" in row:
                tried = local(row["tried_at"])
                yield Event(tried, partial(self._dispose, row, row["forgotten"]))
                yield Event(tried, partial(self._propose, row))
                yield Event(tried, refused(partial(self._take, row)))
                yield Event(tried + A_LITTLE, partial(self._dispose, row, ""))
            elif "taken_on" in row:
                yield Event(drafted, partial(self._propose, row))
            if "taken_on" in row:
                yield Event(local(row["recorded_at"]), partial(self._take, row))
        row = self.data["abolished"]
        at = local(row["at"])
        yield Event(at, partial(self._draft, row))
        yield Event(at, partial(self._propose, row))
        yield Event(at, refused(partial(self._take, row)))
        yield Event(at + A_LITTLE, partial(self._withdraw, row))

    def _id(self, row: dict[str, Any]) -> UUID:
        return self.case.key_of("decision", row["key"])

    def _version(self, row: dict[str, Any]) -> int:
        return Decision.objects.get(pk=self._id(row)).version

    def _draft(self, row: dict[str, Any], now: datetime) -> None:
        """With its options, and which of them is chosen and why not the others, where that is known."""
        case, by = self.case, self.case.cast.person(self.case.cio)
        draft_decision(
            programme_id=case.programmes[row["programme"]].pk,
            draft=Draft(
                title=row["title"],
                question=row["question"],
                office_id=case.offices[row["office"]].pk,
                rationale=row.get("rationale", ""),
                source=row.get("source", ""),
                ends_programme=row.get("ends_programme", False),
            ),
            request_key=self._id(row),
            by=by,
            now=now,
        )
        options = {case.key_of("option", row["key"], option["title"]): option for option in row["options"]}
        for option_id, option in options.items():
            add_option(decision_id=self._id(row), option=self._option(option), request_key=option_id, by=by, now=now)
        chosen = [option_id for option_id, option in options.items() if option.get("chosen")]
        if chosen:
            choose_option(
                decision_id=self._id(row),
                version=self._version(row),
                option_id=chosen[0],
                rejected_because={
                    option_id: option["because"] for option_id, option in options.items() if "because" in option
                },
                by=by,
                now=now,
            )

    def _option(self, row: dict[str, Any]) -> OptionDraft:
        needs = [
            NeedDraft(self.case.partners.capability_id(key), NeedLevel(level), note)
            for key, level, note in row["needs"]
        ]
        return OptionDraft(row["title"], row["ambition"], row["delivery_model"], needs=tuple(needs))

    def _dispose(self, row: dict[str, Any], forgotten: str, now: datetime) -> None:
        """Says what becomes of everything that is left behind, but for the workstream that is forgotten."""
        case = self.case
        fates = {key: fate for key, fate in row["workstreams"].items() if key != forgotten}
        set_dispositions(
            decision_id=self._id(row),
            version=self._version(row),
            dispositions=Dispositions(
                workstreams=tuple(self._workstream(key, fate) for key, fate in fates.items()),
                engagements=tuple(LastDay(case.engagements[key].pk, day) for key, day in row["engagements"].items()),
                relationships=tuple(
                    PartnerDisposition(
                        relationship_id,
                        PartnerFate.AVAILABLE,
                        owner_id=case.cast.id_of(case.cio),
                        expires_on=case.partners.data["available_until"],
                    )
                    for relationship_id in case.partners.bidders()
                ),
            ),
            by=case.cast.person(case.cio),
            now=now,
        )

    def _workstream(self, key: str, fate: str) -> WorkDisposition:
        """``fate`` is one, or the programme that the workstream moves to."""
        thing_id = self.case.workstreams[key].pk
        if fate in self.case.programmes:
            return WorkDisposition(thing_id, WorkFate.MOVE, move_to_id=self.case.programmes[fate].pk)
        return WorkDisposition(thing_id, WorkFate(fate))

    def _propose(self, row: dict[str, Any], now: datetime) -> None:
        propose_decision(
            decision_id=self._id(row), version=self._version(row), by=self.case.cast.person(self.case.cio), now=now
        )

    def _take(self, row: dict[str, Any], now: datetime) -> None:
        clerk = self.case.offices[row["office"]].clerk
        assert clerk
        take_decision(
            decision_id=self._id(row), version=self._version(row), taken_on=row["taken_on"], by=clerk, now=now
        )

    def _withdraw(self, row: dict[str, Any], now: datetime) -> None:
        withdraw_decision(
            decision_id=self._id(row),
            reason=row["withdrawn_because"],
            by=self.case.cast.person(self.case.cio),
            now=now,
        )
