from django.db.models import IntegerChoices, TextChoices


class RaidKind(TextChoices):
    """What an entry of the register is."""

    RISK = "risk", "Risk"
    ASSUMPTION = "assumption", "Assumption"
    ISSUE = "issue", "Issue"
    ACTION = "action", "Action"


class Likelihood(IntegerChoices):
    """How likely a risk is. Source: the five-point scales of the Orange Book, HM Treasury."""

    RARE = 1, "Rare"
    UNLIKELY = 2, "Unlikely"
    POSSIBLE = 3, "Possible"
    LIKELY = 4, "Likely"
    ALMOST_CERTAIN = 5, "Almost certain"


class Impact(IntegerChoices):
    """How bad it would be, or is."""

    MINOR = 1, "Minor"
    MODERATE = 2, "Moderate"
    SERIOUS = 3, "Serious"
    MAJOR = 4, "Major"
    SEVERE = 5, "Severe"


class RiskResponse(TextChoices):
    """What is done about a risk."""

    AVOID = "avoid", "Avoid it"
    REDUCE = "reduce", "Reduce it"
    TRANSFER = "transfer", "Transfer it"
    SHARE = "share", "Share it"
    ACCEPT = "accept", "Accept it"


class Origin(TextChoices):
    """What an entry came out of, where that is no other entry. ``origin_id`` is its id."""

    GATE_REVIEW = "gate_review", "Recommendation of a gate review"
    ASSURANCE = "assurance", "Follow-up of a red assurance rating"
    GATE_CONDITION = "gate_condition", "Condition of a gate decision"
    STATUS = "status", "Status update"
    IMPORT = "import", "Import"


class EntryState(TextChoices):
    """Whether an entry still asks for something."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


# What each kind may turn into; an issue may also be taken to a decision.
TURNS: dict[RaidKind, tuple[RaidKind, ...]] = {
    RaidKind.RISK: (RaidKind.ISSUE,),
    RaidKind.ASSUMPTION: (RaidKind.RISK, RaidKind.ISSUE),
    RaidKind.ISSUE: (RaidKind.ACTION,),
    RaidKind.ACTION: (),
}
