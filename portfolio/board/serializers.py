from django.core.validators import RegexValidator
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.people.rules import ONE_LINE, ONE_LINE_ONLY
from portfolio.board.enums import OVERALLS
from portfolio.board.models import SavedView
from portfolio.board.rules import (
    CHECKS,
    LONGEST_SEARCH,
    ONLY,
    SEARCHED,
    SHORTEST_SEARCH,
    SIGNALS,
    SORTS,
    VIEW_NAME_LENGTH,
    VIEW_QUERY_LENGTH,
)
from programmes.overview.queries import ProgrammeRow
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS, DueKind
from programmes.register.enums import DeliveryModel
from programmes.reviews.enums import ReviewState
from programmes.workstreams.enums import ASKS, Ask
from programmes.workstreams.rules import Overall, Source

RATINGS = [(overall.value, overall.label) for overall in (*OVERALLS, Overall.ENDED)]

LINE = [RegexValidator(ONE_LINE, ONE_LINE_ONLY)]


class BoardQuery(serializers.Serializer):
    """How the board is narrowed and sorted; ``q`` holds words of the programme's name.

    ``on`` is a day in the past: the board as at its end, from what was known then.
    """

    on = serializers.DateField(required=False)

    q = serializers.CharField(max_length=LONGEST_SEARCH, required=False, allow_blank=True)
    stage = serializers.SlugField(max_length=50, required=False)
    rating = serializers.ChoiceField(choices=RATINGS, required=False)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
    only = serializers.ChoiceField(choices=list(ONLY.items()), required=False)
    sort = serializers.ChoiceField(choices=list(SORTS.items()), required=False)


class PageQuery(serializers.Serializer):
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1)


class RollupOut(serializers.Serializer):
    """How many open workstreams said what. Those due reported, are late or silent, or are withheld."""

    due = serializers.IntegerField()
    reported = serializers.IntegerField()
    late = serializers.IntegerField()
    silent = serializers.IntegerField()
    withheld = serializers.IntegerField()
    exempt = serializers.IntegerField()
    not_due = serializers.IntegerField()
    red = serializers.IntegerField()
    amber = serializers.IntegerField()
    green = serializers.IntegerField()


class ExceptionOut(serializers.Serializer):
    """Why a programme is an exception."""

    kind = serializers.ChoiceField(choices=list(SIGNALS.items()), source="key")
    words = serializers.CharField()


class BoardRowOut(serializers.Serializer):
    """A programme with what stands for it. ``stage`` is the key of the current one, ``finished`` when all are;
    ``rating_source`` says whose rating it is, beside ``own_rating`` and the words of the ``assurance``."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    stage = serializers.CharField(source="stage_key")
    stage_title = serializers.CharField(allow_null=True)
    rating = serializers.ChoiceField(choices=RATINGS, source="overall")
    rating_source = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in Source], source="stands.source"
    )
    own_rating = serializers.ChoiceField(choices=RATINGS, source="stands.own")
    assurance = serializers.CharField()
    exceptions = serializers.SerializerMethodField()
    coverage = serializers.CharField(source="rollup.coverage_words")
    workstreams = RollupOut(source="rollup")
    last_reported_at = serializers.DateTimeField(allow_null=True)
    asks = serializers.IntegerField()
    review_closes_at = serializers.DateTimeField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)

    @extend_schema_field(ExceptionOut(many=True))
    def get_exceptions(self, row: ProgrammeRow) -> list[dict[str, str]]:
        return [dict(ExceptionOut(one).data) for one in self.context["raised"].get(row.id, [])]


class BoardDecisionOut(serializers.Serializer):
    """A decision that was taken, by whom and when."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    office = serializers.CharField()
    holder_name = serializers.CharField()
    taken_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    is_superseded = serializers.BooleanField()


class BoardWaitingOut(serializers.Serializer):
    """A decision that waits for an office."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    office = serializers.CharField()
    proposed_at = serializers.DateTimeField()


class BoardReviewOut(serializers.Serializer):
    """A review that runs, is to come, or closed in the last 90 days."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=ReviewState.choices)


class BoardPartnerOut(serializers.Serializer):
    """A partner that can be called on."""

    relationship = serializers.UUIDField(source="relationship.pk")
    party = serializers.CharField(source="relationship.party_name")
    standing = serializers.CharField(source="standing.words")
    expires_on = serializers.DateField(source="standing.expires_on", allow_null=True)
    owner_name = serializers.CharField(source="standing.owner_name")


class BesideOut(serializers.Serializer):
    """The first few decisions, reviews and partners of a portfolio as at a day. Its money is ``/savings/``."""

    on = serializers.DateField()
    known_at = serializers.DateTimeField()
    decisions = BoardDecisionOut(many=True)
    waiting = BoardWaitingOut(many=True)
    reviews = BoardReviewOut(many=True)
    available = BoardPartnerOut(many=True)
    partners_by_standing = serializers.DictField(child=serializers.IntegerField(), source="partners")


class BesideQuery(serializers.Serializer):
    on = serializers.DateField(required=False)


class BoardOut(serializers.Serializer):
    """The whole portfolio in figures, and a page of its programmes."""

    as_of = serializers.DateTimeField()
    programmes = serializers.IntegerField()
    ended = serializers.IntegerField()
    coverage = serializers.CharField()
    workstreams = RollupOut()
    programmes_by_rating = serializers.DictField(child=serializers.IntegerField())
    programmes_by_exception = serializers.DictField(child=serializers.IntegerField())
    asks = serializers.IntegerField()
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = BoardRowOut(many=True)


class BoardChangesQuery(serializers.Serializer):
    """How far back to look, and whether reports that say nothing new are listed too."""

    days = serializers.ChoiceField(choices=[(days, f"{days} days") for days in CHANGE_DAYS], default=max(CHANGE_DAYS))
    routine = serializers.BooleanField(default=False)


class BoardChangeOut(serializers.Serializer):
    """One act in the portfolio. ``summary`` reads after the actor's name; ``page`` is empty where no page shows it."""

    id = serializers.IntegerField()
    happened_at = serializers.DateTimeField()
    actor = serializers.CharField()
    summary = serializers.CharField()
    place = serializers.CharField()
    page = serializers.CharField()


class BoardDueQuery(serializers.Serializer):
    """How far ahead to look."""

    days = serializers.ChoiceField(choices=[(days, f"{days} days") for days in DUE_DAYS], default=min(DUE_DAYS))


class BoardDueOut(serializers.Serializer):
    """Something to happen on a day, or at an instant (``at``), to a stage or review (``about``). Without a ``place`` it is due from every workstream."""

    on = serializers.DateField()
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in DueKind])
    title = serializers.CharField()
    about = serializers.CharField()
    place = serializers.CharField()
    is_late = serializers.BooleanField()
    page = serializers.CharField()


class BoardAskOut(serializers.Serializer):
    """What the author of a workstream's latest status needs from above."""

    kind = serializers.ChoiceField(choices=[(kind, Ask(kind).label) for kind in ASKS])
    text = serializers.CharField()
    workstream = serializers.UUIDField(source="workstream_id")
    workstream_name = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    reported_at = serializers.DateTimeField()
    reported_by = serializers.CharField()


class SearchQuery(serializers.Serializer):
    """What to look for. With ``only`` one kind comes page by page; else each kind with its first few results."""

    q = serializers.CharField(min_length=SHORTEST_SEARCH, max_length=LONGEST_SEARCH)
    only = serializers.ChoiceField(choices=list(SEARCHED.items()), required=False)
    page = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class FoundOut(serializers.Serializer):
    """One result, where it belongs in words, and the address of its page."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    belongs_to = serializers.CharField()
    page = serializers.CharField()


class GroupOut(serializers.Serializer):
    """What was found of one kind."""

    kind = serializers.ChoiceField(choices=list(SEARCHED.items()), source="key")
    title = serializers.CharField()
    count = serializers.IntegerField(source="page.paginator.count")
    pages = serializers.IntegerField(source="page.paginator.num_pages")
    results = FoundOut(many=True, source="page.object_list")


class SearchOut(serializers.Serializer):
    q = serializers.CharField()
    groups = GroupOut(many=True)


class SinceQuery(serializers.Serializer):
    """Two days to compare: ``since``, and ``on`` (today unless given)."""

    since = serializers.DateField()
    on = serializers.DateField(required=False)


class DifferenceOut(serializers.Serializer):
    """How one thing read then and reads now, in words; empty is nothing."""

    part = serializers.CharField()
    then = serializers.CharField()
    now = serializers.CharField()


class ChangedProgrammeOut(serializers.Serializer):
    """A programme with everything that differs."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    differences = DifferenceOut(many=True)


class RecordsQuery(serializers.Serializer):
    check = serializers.ChoiceField(choices=[(key, check.title) for key, check in CHECKS.items()], required=False)


class GapOut(serializers.Serializer):
    """Something that is missing in the records, what to do about it, and the page that mends it."""

    check = serializers.ChoiceField(choices=[(key, check.title) for key, check in CHECKS.items()])
    title = serializers.CharField()
    subject = serializers.CharField()
    programme = serializers.UUIDField(source="programme_id")
    programme_name = serializers.CharField()
    advice = serializers.CharField()
    page = serializers.CharField()


class ViewNameIn(serializers.Serializer):
    name = serializers.CharField(max_length=VIEW_NAME_LENGTH, validators=LINE)


class ViewIn(ViewNameIn):
    """A filter of a portfolio's board, as in the query of its address, to be kept under a name."""

    portfolio = serializers.UUIDField()
    query = serializers.CharField(max_length=VIEW_QUERY_LENGTH)
    request_key = serializers.UUIDField()


class ViewOut(serializers.Serializer):
    """A view that you keep, and the address that opens it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    portfolio = serializers.UUIDField(source="portfolio_id")
    query = serializers.CharField()
    saved_at = serializers.DateTimeField()
    page = serializers.SerializerMethodField()

    def get_page(self, view: SavedView) -> str:
        return f"{reverse('portfolio_board', args=[view.portfolio_id])}?{view.query}"
