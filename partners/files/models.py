import uuid

from django.db import models
from django.db.models import Q

from partners.audit.models import AppendOnlyModel
from partners.people.models import User


class Document(AppendOnlyModel):
    """A file as it was uploaded, for ever the same. ``sha256`` is of its bytes, in hexadecimal; ``size`` in bytes.

    It belongs to whatever refers to it, and is read with the permission of that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="partners_document_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="partners_document_has_hash"),
        ]

    def __str__(self) -> str:
        return self.name
