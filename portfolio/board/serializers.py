from rest_framework import serializers

from portfolio.board.enums import OVERALLS, STAGES
from portfolio.board.rules import LONGEST_SEARCH, ONLY, SEARCHED, SHORTEST_SEARCH, SORTS
from programmes.overview.rules import CHANGE_DAYS, DUE_DAYS, DueKind
from programmes.register.enums import DeliveryModel
from programmes.reviews.enums import ReviewState
from programmes.workstreams.enums import ASKS, Ask
from programmes.workstreams.rules import Overall

RATINGS = [(overall.value, overall.label) for overall in (*OVERALLS, Overall.ENDED)]


class BoardQuery(serializers.Serializer):
    """How the board is narrowed and sorted; ``q`` holds words of the programme's name.

    ``on`` is a day in the past: the board as at its end, from what was known then.
    """

    on = serializers.DateField(required=False)

    q = serializers.CharField(max_length=LONGEST_SEARCH, required=False, allow_blank=True)
    stage = serializers.ChoiceField(choices=list(STAGES.items()), required=False)
    rating = serializers.ChoiceField(choices=RATINGS, required=False)
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices, required=False)
    only = serializers.ChoiceField(choices=list(ONLY.items()), required=False)
    sort = serializers.ChoiceField(choices=list(SORTS.items()), required=False)


class PageQuery(serializers.Serializer):
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1)


class RollupOut(serializers.Serializer):
    """How many open workstreams said what. Those due are the ones reported and the silent ones."""

    due = serializers.IntegerField()
    reported = serializers.IntegerField()
    silent = serializers.IntegerField()
    not_due = serializers.IntegerField()
    red = serializers.IntegerField()
    amber = serializers.IntegerField()
    green = serializers.IntegerField()


class BoardRowOut(serializers.Serializer):
    """A programme with what its open workstreams say. ``stage`` is the current one, ``finished`` when all are."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    delivery_model = serializers.ChoiceField(choices=DeliveryModel.choices)
    stage = serializers.ChoiceField(choices=list(STAGES.items()), source="stage_key")
    rating = serializers.ChoiceField(choices=RATINGS, source="overall")
    coverage = serializers.CharField(source="rollup.coverage_words")
    workstreams = RollupOut(source="rollup")
    last_reported_at = serializers.DateTimeField(allow_null=True)
    asks = serializers.IntegerField()
    review_closes_at = serializers.DateTimeField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)


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
