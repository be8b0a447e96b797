"""One change of several workstreams: what is wanted, and what it does to each."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from programmes.imports.enums import BulkAct


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of every chosen workstream. Without a person nobody leads (or reviews) it any more."""

    act: BulkAct
    person_id: UUID | None = None
    person_name: str = ""
    reason: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class EditedRow:
    """One chosen workstream: what it says now, what it would say, or why it stays as it is."""

    id: UUID
    version: int
    name: str
    programme_name: str
    before: str
    after: str
    refusal: str = ""

    @property
    def is_changed(self) -> bool:
        return not self.refusal and self.before != self.after
