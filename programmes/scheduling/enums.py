from django.db.models import TextChoices


class StageKind(TextChoices):
    """The default life cycle, in order."""

    TECHNOLOGY = "technology", "ICT-enabled technology transformation"
    INFORMATION = "information", "Information transformation"
    BUSINESS = "business", "Business transformation"


class StageState(TextChoices):
    """Computed from a stage's actual dates."""

    NOT_STARTED = "not_started", "Not started"
    UNDER_WAY = "under_way", "Under way"
    FINISHED = "finished", "Finished"


class GateResult(TextChoices):
    """What was decided at the gate before a stage."""

    PROCEED = "proceed", "Proceed"
    WITH_CONDITIONS = "with_conditions", "Proceed with conditions"
    PAUSE = "pause", "Pause"
    STOP = "stop", "Stop"
    WAIVED = "waived", "Waived"


class CheckAnswer(TextChoices):
    """What a gate review found on one line of its checklist."""

    OPEN = "", "Not answered"
    MET = "met", "Met"
    PARTLY = "partly", "Partly met"
    NOT_MET = "not_met", "Not met"
    NOT_APPLICABLE = "not_applicable", "Does not apply"
