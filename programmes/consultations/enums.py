from django.db.models import TextChoices


class QuestionKind(TextChoices):
    """How a question is answered."""

    SHORT_TEXT = "short_text", "Short text"
    LONG_TEXT = "long_text", "Long text"
    SINGLE_CHOICE = "single_choice", "One of several"
    MULTIPLE_CHOICE = "multiple_choice", "Any of several"
    SCALE = "scale", "A scale"


WITH_OPTIONS = (QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE, QuestionKind.SCALE)


class TaskState(TextChoices):
    """How far one person is with one consultation."""

    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Submitted"


class ConsultationState(TextChoices):
    """Computed from stored instants and the business clock, never stored."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Not open yet"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class Verdict(TextChoices):
    """What a moderator did with a comment."""

    SHOWN = "shown", "Shown"
    REDACTED = "redacted", "Shown in part"
    WITHHELD = "withheld", "Not shown"


SEALED = (Verdict.REDACTED, Verdict.WITHHELD)  # the original is read by nobody, but for a moderator who says why


class Ground(TextChoices):
    """On which a comment is not shown as it was written."""

    SPAM = "spam", "Spam"
    OBSCENITY = "obscenity", "Obscenity"
    DEFAMATION = "defamation", "Defamation"
