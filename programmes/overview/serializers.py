from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from programmes.consultations.enums import TaskState
from programmes.overview.rules import CHANGE_DAYS, EventKind
from programmes.reviews.enums import ReviewState
from programmes.workstreams.enums import ASKS, Ask
from programmes.workstreams.queries import StatusDue
from programmes.workstreams.rules import Overall, ReportState

OVERALLS = [(overall.value, overall.label) for overall in Overall]
ASK_KINDS = [(kind, Ask(kind).label) for kind in ASKS]
EVENT_KINDS = [(kind.value, kind.label) for kind in EventKind]
REPORT_STATES = [(state.value, state.label) for state in ReportState]
CHANGE_DAY_CHOICES = [(days, f"{days} days") for days in CHANGE_DAYS]


class ChangesQuery(serializers.Serializer):
    """How far back to look, and whether reports that say nothing new are listed too."""

    days = serializers.ChoiceField(choices=CHANGE_DAY_CHOICES, default=max(CHANGE_DAYS))
    routine = serializers.BooleanField(default=False)


class ChangeOut(serializers.Serializer):
    """One act. ``summary`` reads after the name of the actor; ``page`` is empty where no page shows it."""

    id = serializers.IntegerField()
    happened_at = serializers.DateTimeField()
    actor = serializers.CharField()
    summary = serializers.CharField()
    place = serializers.CharField()
    page = serializers.CharField()


class LessonQuery(serializers.Serializer):
    """Words that a lesson holds, each of them."""

    q = serializers.CharField(max_length=200, required=False, default="")


class LikeLessonOut(serializers.Serializer):
    """A lesson of another programme of a like kind."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField(source="programme.name")
    delivery_model = serializers.CharField(source="programme.delivery_model")
    title = serializers.CharField()
    text = serializers.CharField()
    learned_on = serializers.DateField()


class TimelineQuery(serializers.Serializer):
    """What of the story is told, in which order; ``on`` is the day as at which, today without one."""

    kind = serializers.ChoiceField(choices=EVENT_KINDS, required=False)
    order = serializers.ChoiceField(choices=["newest", "oldest"], default="newest")
    on = serializers.DateField(required=False)


class EventOut(serializers.Serializer):
    """Something that happened on a day. ``recorded_on`` is empty where it was recorded that day."""

    on = serializers.DateField()
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    words = serializers.CharField()
    detail = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_on = serializers.DateField(allow_null=True)
    page = serializers.CharField()


class OwnProgrammeOut(serializers.Serializer):
    """A programme with what its open workstreams say. ``stage`` is the current one, ``finished`` when all are."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    stage = serializers.CharField(source="stage_key")
    rating = serializers.ChoiceField(choices=OVERALLS, source="overall")
    coverage = serializers.CharField(source="rollup.coverage_words")
    last_reported_at = serializers.DateTimeField(allow_null=True)
    asks = serializers.IntegerField()


class StatusDueOut(serializers.Serializer):
    """A report that you owe; ``state`` says where it stands."""

    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    is_silent = serializers.BooleanField()
    due_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=REPORT_STATES))
    def get_state(self, due: StatusDue) -> str:
        return str(self.context["reports"][due.workstream_id])


class ToAcknowledgeOut(serializers.Serializer):
    """A report that waits for you to acknowledge it."""

    update = serializers.UUIDField(source="update_id")  # type: ignore[assignment]
    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme_name = serializers.CharField()
    rating = serializers.CharField()
    reported_at = serializers.DateTimeField()
    reported_by = serializers.CharField()
    is_late = serializers.BooleanField()


class AskedOut(serializers.Serializer):
    """A question about a report of yours that you have not answered."""

    update = serializers.UUIDField(source="update_id")  # type: ignore[assignment]
    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    question = serializers.CharField()
    asked_at = serializers.DateTimeField()
    asked_by = serializers.CharField()


class OwnActionOut(serializers.Serializer):
    """An action of yours that is late, or due within fourteen days."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    title = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    due_on = serializers.DateField()


class OwnTaskOut(serializers.Serializer):
    """A task of yours that is open."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    closes_at = serializers.DateTimeField()


class OpenAskOut(serializers.Serializer):
    """What a workstream needs from above by its latest report."""

    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ASK_KINDS)
    text = serializers.CharField()
    reported_at = serializers.DateTimeField()
    reported_by = serializers.CharField()


class NextStepOut(serializers.Serializer):
    on = serializers.DateField()
    title = serializers.CharField()


class RunningOut(serializers.Serializer):
    """A review that is open or about to open, with its next step within 30 days."""

    id = serializers.UUIDField(source="review.id")
    title = serializers.CharField(source="review.title")
    programme = serializers.UUIDField(source="review.programme_id")
    state = serializers.ChoiceField(choices=ReviewState.choices, source="review.state")
    closes_at = serializers.DateTimeField(source="review.closes_at")
    next_step = NextStepOut(allow_null=True)


class OwnOut(serializers.Serializer):
    """Your own page: what you owe, what is asked of you, what changed in seven days."""

    as_of = serializers.DateTimeField()
    statuses = StatusDueOut(many=True)
    to_acknowledge = ToAcknowledgeOut(many=True)
    questions = AskedOut(many=True)
    actions = OwnActionOut(many=True)
    tasks = OwnTaskOut(many=True)
    asks = OpenAskOut(many=True)
    programmes = OwnProgrammeOut(many=True)
    reviews = RunningOut(many=True, source="running")
    changes = ChangeOut(many=True)
