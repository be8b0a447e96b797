from uuid import UUID

from django.db.models import QuerySet

from partners.people.models import User
from programmes.imports.models import ProgrammeImport
from programmes.register.models import Programme


def import_of(programme: Programme, import_id: UUID, *, by: User) -> ProgrammeImport | None:
    """A file that this person uploaded for the programme, with its content; whether or not it was applied."""
    found = ProgrammeImport.objects.select_related("document", "programme__scope", "applied_by")
    return found.filter(pk=import_id, programme=programme, uploaded_by=by).first()


def imports_of(programme: Programme) -> QuerySet[ProgrammeImport]:
    """What was imported into the programme, newest first, without the content of the files."""
    found = ProgrammeImport.objects.filter(programme=programme, applied_at__isnull=False)
    return found.select_related("document", "applied_by").defer("document__content").order_by("-applied_at", "-pk")
