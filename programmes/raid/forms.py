from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import DateField
from partners.clock.rules import words_for_date
from partners.people.forms import LineField, LinesField, VersionForm
from programmes.raid.enums import EntryState, Impact, Likelihood, RaidKind, RiskResponse
from programmes.raid.models import RaidEntry
from programmes.raid.queries import Sought, owners_in, saved_parts, workstreams_to_choose
from programmes.raid.rules import (
    COMMENT_LENGTH,
    DESCRIPTION_LENGTH,
    OUTCOME_LENGTH,
    SCORED,
    SCORED_PARTS,
    TITLE_LENGTH,
    Facts,
    parts_for,
)
from programmes.register.models import Programme
from programmes.register.queries import people_who_see

TITLES = {
    RaidKind.RISK: "What may happen and what it would lead to, in one line.",
    RaidKind.ASSUMPTION: "What you take for granted, in one line.",
    RaidKind.ISSUE: "What is going wrong, in one line.",
    RaidKind.ACTION: "What is to be done, in one line.",
}


class RowField(forms.TypedChoiceField):
    """One of the rows that the form offers, by its id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, empty_value=None, **options)


class ScaleField(forms.TypedChoiceField):
    """A step of a five-point scale, or none."""

    def __init__(self, scale: type[Likelihood] | type[Impact], **options: Any) -> None:
        steps = [(str(value), f"{value} {label}") for value, label in scale.choices]
        super().__init__(coerce=int, empty_value=None, choices=[("", "Choose"), *steps], **options)


class EntryForm(forms.Form):
    """What is said of an entry of one kind; the parts of the other kinds are left out."""

    title = LineField(max_length=TITLE_LENGTH)
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    likelihood = ScaleField(Likelihood, label="Likelihood now")
    impact = ScaleField(Impact, label="Impact")
    response = forms.ChoiceField(choices=[("", "Not decided"), *RiskResponse.choices], required=False)
    residual_likelihood = ScaleField(
        Likelihood,
        required=False,
        label="Likelihood after treatment",
        help_text="Leave both empty while nothing changes it.",
    )
    residual_impact = ScaleField(Impact, required=False, label="Impact after treatment")
    owner = RowField(required=False, help_text="Somebody who may see this programme.")
    due_on = DateField(
        required=False, label="Look at it again by", help_text="The owner is reminded. For example, 27 11 2026."
    )
    workstream = RowField(required=False)
    is_in_report = forms.BooleanField(required=False, label="Show it in reports")

    def __init__(self, programme: Programme, kind: RaidKind, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.kind = kind
        for part in set(SCORED) - set(SCORED_PARTS[kind]):
            del self.fields[part]
        self.fields["title"].help_text = TITLES[kind]
        if kind == RaidKind.ACTION:
            for name, label in (("owner", "Who does it"), ("due_on", "Done by")):
                self.fields[name].label, self.fields[name].required = label, True
        people = [(str(person.pk), f"{person.name} ({person.email})") for person in people_who_see(programme)]
        _offer(self, "owner", people, none="Nobody yet" if kind != RaidKind.ACTION else "Choose somebody")
        here = [(str(row.pk), row.name) for row in workstreams_to_choose(programme)]
        _offer(self, "workstream", here, none="The programme as a whole")

    @property
    def facts(self) -> Facts:
        """What was entered, once it is valid."""
        entered = self.cleaned_data
        return Facts(
            title=entered["title"],
            description=entered["description"],
            owner_id=entered["owner"],
            workstream_id=entered["workstream"],
            is_in_report=entered["is_in_report"],
            due_on=entered["due_on"],
            **{part: entered[part] for part in SCORED_PARTS[self.kind]},
        )


class RaiseForm(EntryForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    parent = forms.UUIDField(widget=forms.HiddenInput, required=False)


class TurnForm(EntryForm, VersionForm):
    """The new entry, filled with what the first one says."""

    keeps_open = forms.BooleanField(required=False, label="Keep the first one open as well")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, entry: RaidEntry, into: RaidKind, data: Any = None) -> None:
        said = parts_for(into, saved_parts(entry)) | {"version": entry.version}
        super().__init__(entry.programme, into, data, initial=said)
        self.fields["keeps_open"].label = f"Keep {entry.reference} open as well"


class ChangeForm(EntryForm, VersionForm):
    """What is saved stays valid, although the owner left or the workstream was closed."""

    def __init__(self, entry: RaidEntry, data: Any = None) -> None:
        saved = saved_parts(entry)
        super().__init__(entry.programme, RaidKind(entry.kind), data, initial=saved | {"version": entry.version})
        for name in ("owner", "workstream"):
            kept, field = getattr(entry, name), self.fields[name]
            offered = field.choices  # type: ignore[attr-defined]
            if kept and str(kept.pk) not in dict(offered):
                field.choices = [*offered, (str(kept.pk), str(kept))]  # type: ignore[attr-defined]

    def differences(self, entry: RaidEntry) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        saved = saved_parts(entry)
        typed = {name: self.cleaned_data.get(name) for name in saved if name in self.fields}
        return [
            (str(self[name].label), self._told(name, value), self._told(name, saved[name]))
            for name, value in typed.items()
            if (value or "") != (saved[name] or "")
        ]

    def _told(self, name: str, value: Any) -> str:
        choices = getattr(self.fields[name], "choices", None)
        if choices:
            return str(dict(choices).get(str(value or ""), ""))
        if isinstance(value, bool):
            return "Yes" if value else "No"
        return words_for_date(value) if isinstance(value, date) else str(value or "Not given")


class CloseForm(VersionForm):
    outcome = LineField(
        max_length=OUTCOME_LENGTH,
        label="How did it end?",
        help_text="One line. Everyone who sees the programme reads it.",
    )


class ReopenForm(forms.Form):
    reason = LineField(max_length=OUTCOME_LENGTH, label="Why is it reopened?", help_text="The history keeps it.")


class CommentForm(forms.Form):
    text = LinesField(
        max_length=COMMENT_LENGTH,
        label="Comment",
        help_text="Write @ and a whole name, such as @Ama Mensah, to tell somebody at once.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    named = RowField(required=False, label="Tell somebody", help_text="Instead of writing @ and their name.")
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, programme: Programme, data: Any = None) -> None:
        super().__init__(data)
        people = [(str(person.pk), f"{person.name} ({person.email})") for person in people_who_see(programme)]
        _offer(self, "named", people, none="Nobody")


class ToDecisionForm(forms.Form):
    """What goes along to the page that drafts a decision."""

    keeps_issue_open = forms.BooleanField(required=False, label="Keep the issue open until the decision is taken")


class RegisterFilterForm(forms.Form):
    """What the register may be narrowed by."""

    kind = forms.ChoiceField(choices=[("", "Any"), *RaidKind.choices], required=False)
    state = forms.ChoiceField(choices=[("", "Any"), *EntryState.choices], required=False, label="Open or closed")
    owner = RowField(required=False)
    workstream = RowField(required=False)
    overdue = forms.BooleanField(required=False, label="Overdue only")
    in_report = forms.BooleanField(required=False, label="Shown in reports only")
    q = LineField(max_length=200, required=False, label="Words or number", help_text="Such as “supplier”, or R12.")

    def __init__(self, programme: Programme, data: Any) -> None:
        super().__init__(data)
        _offer(self, "owner", [(str(pk), name) for pk, name in owners_in(programme)], none="Anybody")
        here = [(str(row.pk), row.name) for row in workstreams_to_choose(programme)]
        _offer(self, "workstream", here, none="Any")

    @property
    def sought(self) -> Sought:
        """Nothing in place of what cannot be."""
        self.is_valid()
        entered = self.cleaned_data
        return Sought(
            kind=entered.get("kind", ""),
            state=entered.get("state", ""),
            owner_id=entered.get("owner"),
            workstream_id=entered.get("workstream"),
            is_overdue=entered.get("overdue", False),
            is_in_report=entered.get("in_report", False),
            text=entered.get("q", ""),
        )


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]], *, none: str) -> None:
    form.fields[name].choices = [("", none), *choices]  # type: ignore[attr-defined]
