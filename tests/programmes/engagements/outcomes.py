"""What came of an act: its refusal, or its audit events."""

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Refused


def refusal(act, *args, **named):
    """(field, sentence) of the refusal; fails when there is none."""
    with pytest.raises(Refused) as caught:
        act(*args, **named)
    return caught.value.field, caught.value.sentence


def events(action):
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))
