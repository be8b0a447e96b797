"""Entries of a register."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from partners.people.models import User
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.operations import comment_on_entry, finish_entry, raise_entry, turn_entry
from programmes.raid.rules import Facts
from programmes.register.models import Programme
from tests.builders.core import NOW, make_manager

SCORES: dict[RaidKind, dict[str, Any]] = {
    RaidKind.RISK: {"likelihood": 4, "impact": 3},
    RaidKind.ISSUE: {"impact": 3},
}


def facts(kind: RaidKind = RaidKind.RISK, title: str = "Tablets come late", **said: Any) -> Facts:
    return Facts(title=title, **SCORES.get(kind, {}) | said)


def raise_raid(
    programme: Programme,
    kind: RaidKind = RaidKind.RISK,
    *,
    by: User | None = None,
    now: Any = NOW,
    parent_id: UUID | None = None,
    request_key: UUID | None = None,
    **said: Any,
) -> RaidEntry:
    """An entry raised by a programme manager; an action is theirs and due in a week unless it says otherwise."""
    by = by or make_manager(programme)
    if kind == RaidKind.ACTION:
        said = {"owner_id": by.pk, "due_on": date(2026, 9, 23)} | said
    return raise_entry(
        programme_id=programme.pk,
        kind=kind,
        facts=facts(kind, **said),
        parent_id=parent_id,
        request_key=request_key or uuid4(),
        by=by,
        now=now,
    )


def close_raid(entry: RaidEntry, *, by: User, outcome: str = "It went well", now: Any = NOW) -> RaidEntry:
    entry.refresh_from_db()
    return finish_entry(entry_id=entry.pk, version=entry.version, outcome=outcome, by=by, now=now)


def turn_raid(entry: RaidEntry, into: RaidKind, *, by: User, keeps_open: bool = False, now: Any = NOW) -> RaidEntry:
    owned: dict[str, Any] = {"owner_id": by.pk, "due_on": date(2026, 9, 23)} if into == RaidKind.ACTION else {}
    entry.refresh_from_db()
    return turn_entry(
        entry_id=entry.pk,
        version=entry.version,
        into=into,
        facts=facts(into, entry.title, **owned),
        keeps_open=keeps_open,
        request_key=uuid4(),
        by=by,
        now=now,
    )


def make_raid(programme: Programme, *, by: User) -> RaidEntry:
    """A risk with an action and a comment that names somebody, an assumption, and one that became an issue."""
    risk = raise_raid(programme, by=by, owner_id=by.pk)
    raise_raid(programme, RaidKind.ACTION, by=by, parent_id=risk.pk, title="Ask for a date")
    comment_on_entry(entry_id=risk.pk, text="Look.", named_ids=[by.pk], request_key=uuid4(), by=by, now=NOW)
    raise_raid(programme, RaidKind.ASSUMPTION, by=by, title="The price holds")
    turn_raid(raise_raid(programme, RaidKind.ASSUMPTION, by=by, title="Staff have time"), RaidKind.ISSUE, by=by)
    return risk
