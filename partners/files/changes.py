from datetime import datetime
from hashlib import sha256

from partners.files.models import Document
from partners.files.rules.kinds import kept_name, kind_of
from partners.people.models import User


def keep_document(*, name: str, content: bytes, by: User, now: datetime) -> Document:
    """Keep a file for what will refer to it; its kind is told by its bytes, its name cleaned. No audit event.

    Raises: Refused at ``file`` as ``rules.kinds.kind_of`` says.
    """
    kind = kind_of(content)
    return Document.objects.create(
        name=kept_name(name, kind),
        media_type=kind.media_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content=content,
        uploaded_at=now,
        uploaded_by=by,
    )
