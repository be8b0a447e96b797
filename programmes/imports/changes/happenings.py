from django.db.models import Model

from partners.audit.changes import Happening
from partners.audit.rules import listed
from programmes.imports.enums import Outcome
from programmes.imports.rules.cells import words_of
from programmes.imports.rules.plans import PlannedRow
from programmes.register.models import Programme


def happening(
    programme: Programme, row: PlannedRow, subject: Model, *, named: str, version: int, source: str
) -> Happening:
    """What the import did to one thing, so that its own history says so."""
    is_new = row.outcome == Outcome.ADDED
    what = "added" if is_new else f"changed {listed([change.heading.lower() for change in row.changes])} of"
    before = {change.heading.lower(): change.before for change in row.changes}
    after: dict[str, object] = {change.heading.lower(): change.after for change in row.changes}
    return Happening(
        subject,
        f"{what} {named} (import of {source})",
        scope_id=programme.scope_id,
        before=None if is_new else {"version": version - 1, **before},
        after={
            "version": version,
            **({key: words_of(value) for key, value in row.values.items()} if is_new else after),
        },
    )
