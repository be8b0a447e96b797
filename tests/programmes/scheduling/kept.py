"""What acts on gate reviews write, and that a refused one writes nothing."""

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import Refused
from partners.files.models import Document
from programmes.raid.models import RaidEntry
from programmes.scheduling.models import GateCheck, GateEvidence, GateRecommendation, GateReview
from programmes.workstreams.models import AssuranceRating


def everything(programme):
    """All that an act on a review may write."""
    return (
        list(GateReview.objects.order_by("pk").values_list()),
        list(GateCheck.objects.order_by("pk").values_list()),
        list(GateEvidence.objects.order_by("pk").values_list()),
        list(GateRecommendation.objects.order_by("pk").values_list()),
        RaidEntry.objects.count(),
        AssuranceRating.objects.count(),
        Document.objects.count(),
        AuditEvent.objects.filter(action__startswith="scheduling.").count(),
    )


def refused(act, sentence, *, programme, kind=Refused):
    """The act is refused with these words, and nothing is written."""
    before = everything(programme)

    with pytest.raises(kind) as told:
        act()

    assert told.value.sentence.startswith(sentence), told.value.sentence
    assert everything(programme) == before
    return told.value
