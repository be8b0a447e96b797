from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import DateField
from partners.clock.rules import words_for_date
from partners.organisations.queries import organisations_visible_to
from partners.people.forms import LineField, LinesField, VersionForm
from partners.people.models import User
from partners.people.queries import offices_over
from programmes.engagements.enums import EngagementKind
from programmes.engagements.models import Engagement
from programmes.engagements.queries import engagements_in, relationships_to_choose, workstreams_to_choose
from programmes.engagements.rules import HOLDER_LENGTH, REASON_LENGTH, TASK_LENGTH, WHO_LENGTH, WORDS_LENGTH, Facts
from programmes.register.models import Programme
from programmes.register.rules import SOURCE_LENGTH

Choices = list[tuple[str, str]]


class RowField(forms.TypedChoiceField):
    """One of the rows that the form offers, by its id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, empty_value=None, **options)


class EngagementForm(forms.Form):
    who = LineField(
        max_length=WHO_LENGTH, label="Who", help_text="A name or a team, such as “Design team, four people”."
    )
    kind = forms.ChoiceField(choices=EngagementKind.choices, widget=forms.RadioSelect)
    organisation = RowField(
        required=False,
        label="Sent by",
        help_text="Leave this empty for our own staff and for people who work for themselves.",
    )
    workstream = RowField(required=False)
    task = LineField(max_length=TASK_LENGTH, label="What they do")
    starts_on = DateField(label="First day", help_text="For example, 27 3 2026. It may lie ahead.")
    planned_end_on = DateField(
        required=False,
        label="Planned last day",
        help_text="What is intended. They stay on the list until their last day is recorded.",
    )
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Such as the contract and its date.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, programme: Programme, user: User, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        _offer(self, "organisation", [(str(row.pk), row.name) for row in organisations_visible_to(user)], none="Nobody")
        here = [(str(row.pk), row.name) for row in workstreams_to_choose(programme)]
        _offer(self, "workstream", here, none="The programme as a whole")

    @property
    def facts(self) -> Facts:
        """What was entered, once it is valid."""
        entered = self.cleaned_data
        return Facts(
            kind=entered["kind"],
            who=entered["who"],
            task=entered["task"],
            starts_on=entered["starts_on"],
            planned_end_on=entered["planned_end_on"],
            organisation_id=entered["organisation"],
            workstream_id=entered["workstream"],
            source=entered["source"],
        )


class ChangeEngagementForm(EngagementForm, VersionForm):
    """What is saved stays valid, although the workstream went to another programme."""

    def __init__(self, engagement: Engagement, user: User, data: Any = None) -> None:
        super().__init__(engagement.programme, user, data, initial=_saved(engagement) | {"version": engagement.version})
        del self.fields["request_key"]
        for name in ("organisation", "workstream"):
            kept, field = getattr(engagement, name), self.fields[name]
            offered = field.choices  # type: ignore[attr-defined]
            if kept and str(kept.pk) not in dict(offered):
                field.choices = [*offered, (str(kept.pk), str(kept))]  # type: ignore[attr-defined]

    def differences(self, engagement: Engagement) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = _saved(engagement)
        typed = {name: self.cleaned_data.get(name) for name in saved}
        return [
            (str(self[name].label), self._told(name, typed[name]), self._told(name, saved[name]))
            for name in saved
            if (typed[name] or "") != (saved[name] or "")
        ]

    def _told(self, name: str, value: Any) -> str:
        choices = getattr(self.fields[name], "choices", None)
        if choices:
            return str(dict(choices).get(str(value or ""), ""))
        return words_for_date(value) if isinstance(value, date) else str(value or "Not given")


class EngagementFilterForm(forms.Form):
    """What the list of engagements may be narrowed by, and the day that it is shown as at."""

    kind = forms.ChoiceField(choices=[("", "Any"), *EngagementKind.choices], required=False)
    organisation = RowField(required=False, label="Sent by")
    on = DateField(required=False, label="On which day", help_text="Who worked here then; today without one.")

    def __init__(self, data: Any, organisations: Choices) -> None:
        super().__init__(data)
        _offer(self, "organisation", organisations, none="Anybody")

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("kind", "organisation", "on"))


class RollOffForm(forms.Form):
    ended_on = DateField(
        label="Last day",
        help_text="The last day that they work on this, for example 27 3 2026. It may lie ahead.",
    )
    reason = LineField(max_length=REASON_LENGTH, label="Why?", help_text="Everyone who sees the programme reads this.")


class UndoRollOffForm(forms.Form):
    reason = LineField(max_length=REASON_LENGTH, label="Why?", help_text="The history keeps it.")


class BidForm(forms.Form):
    relationship = RowField(label="Partner")
    named_on = DateField(
        label="Day they were named as a bidder",
        help_text="The members of a consortium are kept as they were on this day.",
    )
    source = LineField(max_length=SOURCE_LENGTH, help_text="Such as the paper or the notice, and its date.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, programme: Programme, user: User, data: Any = None) -> None:
        super().__init__(data)
        partners = [
            (str(row.pk), f"{row.party_name} ({row.get_state_display().lower()})")
            for row in relationships_to_choose(programme, user)
        ]
        _offer(self, "relationship", partners, none="Choose a partner")


class AcknowledgementForm(forms.Form):
    holder = LineField(
        max_length=HOLDER_LENGTH,
        label="Who said it",
        help_text="Their name and role, such as “Ola Brand, chief constable”.",
    )
    office = RowField(required=False, help_text="If they spoke as the holder of an office.")
    words = LinesField(max_length=WORDS_LENGTH, label="What was said", widget=forms.Textarea(attrs={"rows": 4}))
    given_on = DateField(label="Day it was said", help_text="For example, 27 3 2026.")
    engagement = RowField(required=False, label="Whose work", help_text="If it was about somebody on the list.")
    source = LineField(max_length=SOURCE_LENGTH, help_text="Where it can be read, such as a report and its date.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, programme: Programme, data: Any = None) -> None:
        super().__init__(data)
        offices = [(str(row.pk), f"{row.title}, {row.body}") for row in offices_over(programme.scope)]
        _offer(self, "office", offices, none="None")
        engaged = [(str(row.pk), row.who) for row in engagements_in(programme)]
        _offer(self, "engagement", engaged, none="The programme's as a whole")


def _offer(form: forms.Form, name: str, choices: Choices, *, none: str) -> None:
    form.fields[name].choices = [("", none), *choices]  # type: ignore[attr-defined]


def _saved(engagement: Engagement) -> dict[str, Any]:
    return {
        "who": engagement.who,
        "kind": engagement.kind,
        "organisation": engagement.organisation_id,
        "workstream": engagement.workstream_id,
        "task": engagement.task,
        "starts_on": engagement.starts_on,
        "planned_end_on": engagement.planned_end_on,
        "source": engagement.source,
    }
