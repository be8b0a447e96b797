import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from partners.audit.models import AppendOnlyModel, MutableModel, both_or_neither
from partners.consortia.models import Consortium
from partners.organisations.models import Organisation
from partners.people.models import Unit, User
from programmes.consultations.enums import WITH_OPTIONS, ConsultationState, Ground, QuestionKind, TaskState, Verdict
from programmes.reviews.enums import ReviewState
from programmes.reviews.models import Review


class Consultation(MutableModel):
    """Questions put to staff or to partners while a review runs. Frozen at launch; open and closed as the review is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="consultations")
    title = models.CharField(max_length=200)
    introduction = models.TextField()
    launched_at = models.DateTimeField(null=True, blank=True)
    launched_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [both_or_neither("launched")]

    def __str__(self) -> str:
        return self.title

    def state_at(self, now: datetime) -> ConsultationState:
        """A draft until launch, unless the review is over; then as the review, which must have been read with it."""
        state = self.review.state_at(now)
        if self.launched_at is None and state not in (ReviewState.CANCELLED, ReviewState.CLOSED):
            return ConsultationState.DRAFT
        return ConsultationState(state.value)


class AudienceUnit(MutableModel):
    """A unit whose people are asked."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="audience")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "unit"], name="programmes_audienceunit_once")]

    def __str__(self) -> str:
        return f"{self.consultation}: {self.unit}"


class AudienceOrganisation(MutableModel):
    """An organisation whose contacts are asked."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="audience_organisations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "organisation"], name="programmes_audienceorganisation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation}: {self.organisation}"


class AudienceConsortium(MutableModel):
    """A consortium whose members' contacts are asked: those of its members on the day of launch."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="audience_consortia")
    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "consortium"], name="programmes_audienceconsortium_once")
        ]

    def __str__(self) -> str:
        return f"{self.consultation}: {self.consortium}"


class Question(MutableModel):
    """A question in its place; ``options`` is a list of wordings for the kinds that have them.

    Answers to a shared question are comments: shown without names to everybody asked, once a moderator has read them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=QuestionKind)
    text = models.CharField(max_length=500)
    help_text = models.CharField(max_length=500, blank=True)
    is_required = models.BooleanField(default=True)
    is_shared = models.BooleanField(default=False, db_default=False)
    options = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "position"],
                name="programmes_question_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=(models.Q(kind__in=WITH_OPTIONS) & ~models.Q(options=[]))
                | (~models.Q(kind__in=WITH_OPTIONS) & models.Q(options=[])),
                name="programmes_question_options_where_needed",
            ),
            models.CheckConstraint(
                condition=models.Q(is_shared=False) | ~models.Q(kind__in=WITH_OPTIONS),
                name="programmes_question_shared_is_text",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ConsultationTask(MutableModel):
    """One person on the roll, asked once; ``unit_name`` is their unit, or a partner's organisation, on the day the roll
    was frozen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="tasks")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consultation_tasks")
    unit_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=TaskState, default=TaskState.NOT_STARTED)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "person"], name="programmes_consultationtask_once")
        ]

    def __str__(self) -> str:
        return f"{self.consultation}: {self.person}"


class DraftAnswer(MutableModel):
    """An answer saved on Continue and not submitted yet; erased by the submission that takes it."""

    task = models.ForeignKey(ConsultationTask, on_delete=models.PROTECT, related_name="drafts")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "question"], name="programmes_draftanswer_once")]

    def __str__(self) -> str:
        return "A draft answer"


class Response(AppendOnlyModel):
    """A submission. The highest ``number`` of a task counts; earlier ones are history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(ConsultationTask, on_delete=models.PROTECT, related_name="responses")
    number = models.PositiveSmallIntegerField()
    receipt_code = models.CharField(max_length=20, unique=True)
    submitted_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    request_key = models.UUIDField(unique=True)

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["task", "number"], name="programmes_response_number_once")]

    def __str__(self) -> str:
        return self.receipt_code


class Answer(AppendOnlyModel):
    """One answer of a response: text, or the chosen option or options. A question left out has no row."""

    id = models.BigAutoField(primary_key=True)
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField()

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="programmes_answer_once")]

    def __str__(self) -> str:
        return "An answer"


class AnswerLink(MutableModel):
    """Lets whoever holds it answer one task without signing in. Its secret is derived, and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(ConsultationTask, on_delete=models.PROTECT, related_name="answer_links")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("revoked"),
            models.UniqueConstraint(
                fields=["task"], condition=models.Q(revoked_at__isnull=True), name="programmes_answerlink_one_live"
            ),
        ]

    def __str__(self) -> str:
        return f"A link for {self.task}"


class Moderation(AppendOnlyModel):
    """What a moderator did with one comment; the highest ``number`` counts. The original stays, sealed, in the answer.

    ``shown_text`` is what others read: empty where it is withheld, with parts taken out where it is redacted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="moderations")
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    ground = models.CharField(max_length=20, choices=Ground, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    shown_text = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["answer", "number"], name="programmes_moderation_number_once"),
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.SHOWN, ground="")
                | (~models.Q(verdict=Verdict.SHOWN) & ~models.Q(ground="") & ~models.Q(reason="")),
                name="programmes_moderation_has_ground_and_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.WITHHELD, shown_text="")
                | (~models.Q(verdict=Verdict.WITHHELD) & ~models.Q(shown_text="")),
                name="programmes_moderation_shown_text",
            ),
        ]

    def __str__(self) -> str:
        return self.get_verdict_display()
