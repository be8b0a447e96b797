"""Files of rows for a programme."""

from uuid import uuid4

from partners.people.models import User
from programmes.imports.enums import ImportKind
from programmes.imports.models import ProgrammeImport
from programmes.imports.operations import keep_import
from programmes.register.models import Programme
from tests.builders.core import NOW


def make_import(programme: Programme, *, by: User) -> ProgrammeImport:
    """A file that waits for its preview to be confirmed."""
    return keep_import(
        programme_id=programme.pk,
        kind=ImportKind.WORKSTREAMS,
        name="workstreams.csv",
        content=b"Name,Description\nVehicle data,What every car sends\n",
        request_key=uuid4(),
        by=by,
        now=NOW,
    )
