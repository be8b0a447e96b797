import uuid

from django.db import models

from partners.audit.models import MutableModel, both_or_neither
from partners.files.models import Document
from partners.people.models import User
from programmes.imports.enums import ImportKind
from programmes.register.models import Programme


class ProgrammeImport(MutableModel):
    """A file of rows for one programme, kept from its upload until it is applied or discarded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=12, choices=ImportKind)
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="programme_import")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [both_or_neither("applied")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.programme}"
