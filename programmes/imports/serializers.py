from rest_framework import serializers

from partners.files.rules.tables import MOST_ROWS
from programmes.imports.enums import BulkAct, ImportKind, Outcome
from programmes.register.rules import LARGEST_VERSION
from programmes.workstreams.enums import Rating
from programmes.workstreams.rules import REASON_LENGTH, ReportState, Standing

SHOW = [
    ("open", "All that are open"),
    *Rating.choices,
    *((standing.value, standing.label) for standing in Standing if standing != Standing.REPORTED),
]
REPORTS = [(state.value, state.label) for state in ReportState]
LARGEST_TEXT = 2 * 1024 * 1024


class RowsIn(serializers.Serializer):
    """Rows as a CSV text with the headings of the template. With ``dry_run`` it only tells what it would do.

    ``digest`` is that of a dry run: the import is refused when it would do something else by now.
    """

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    csv = serializers.CharField(max_length=LARGEST_TEXT, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False)
    digest = serializers.CharField(max_length=64, required=False)
    request_key = serializers.UUIDField(required=False)


class FileIn(serializers.Serializer):
    """A CSV or Excel file with the headings of the template, up to 10 MB; otherwise as ``RowsIn``."""

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    file = serializers.FileField(max_length=200)
    dry_run = serializers.BooleanField(default=False)
    digest = serializers.CharField(max_length=64, required=False)
    request_key = serializers.UUIDField(required=False)


class ListQuery(serializers.Serializer):
    """What of a list is written: what shows so, and holds these words in its name or its lead's."""

    show = serializers.ChoiceField(choices=SHOW, required=False)
    q = serializers.CharField(max_length=100, required=False)


class AllQuery(ListQuery):
    """``portfolio`` is the id of the scope of a portfolio."""

    portfolio = serializers.UUIDField(required=False)


class ProgrammeQuery(ListQuery):
    """``report`` says where the report for the period under way stands."""

    report = serializers.ChoiceField(choices=REPORTS, required=False)


class MilestoneQuery(serializers.Serializer):
    workstream = serializers.UUIDField(required=False)


class RowProblemOut(serializers.Serializer):
    """Something to mend, and how."""

    line = serializers.IntegerField()
    column = serializers.CharField()
    sentence = serializers.CharField()


class RowChangeOut(serializers.Serializer):
    heading = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class RowOut(serializers.Serializer):
    """One row and what became, or would become, of it."""

    line = serializers.IntegerField()
    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    changes = RowChangeOut(many=True)


class RowsOut(serializers.Serializer):
    """What became, or would become, of the rows. With problems nothing would."""

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    added = serializers.IntegerField(max_value=MOST_ROWS)
    changed = serializers.IntegerField(max_value=MOST_ROWS)
    unchanged = serializers.IntegerField(max_value=MOST_ROWS)
    notes = serializers.ListField(child=serializers.CharField())
    problems = RowProblemOut(many=True)
    rows = RowOut(many=True)
    digest = serializers.CharField()


class ChosenIn(serializers.Serializer):
    """A workstream in the version that was looked at."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class SeveralIn(serializers.Serializer):
    """One thing to be done to several workstreams. ``person`` leads or reviews (nobody without one); ``reason`` closes or
    exempts; ``from_on`` and ``to_on`` are reporting days, both inclusive. With ``dry_run`` it only tells."""

    workstreams = serializers.ListField(child=ChosenIn(), allow_empty=False, max_length=MOST_ROWS)
    act = serializers.ChoiceField(choices=BulkAct.choices)
    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=REASON_LENGTH, required=False, default="", allow_blank=True)
    from_on = serializers.DateField(required=False, allow_null=True, default=None)
    to_on = serializers.DateField(required=False, allow_null=True, default=None)
    dry_run = serializers.BooleanField(default=False)
    request_key = serializers.UUIDField(required=False)


class EditedRowOut(serializers.Serializer):
    """A workstream, what it says now and what it would say; ``refusal`` says why it cannot."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    programme_name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    refusal = serializers.CharField()


class SeveralOut(serializers.Serializer):
    """How many were changed (none by a dry run), and what the change is to each."""

    changed = serializers.IntegerField()
    rows = EditedRowOut(many=True)
