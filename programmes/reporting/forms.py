from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

from partners.audit.rules import Refused
from partners.clock.forms import DateField
from partners.people.forms import LineField, LinesField, PersonField
from programmes.register.rules import OUT_OF_DATE
from programmes.reporting.models import StatusStep
from programmes.reporting.rules import (
    DIMENSIONS,
    EXPLANATION_LENGTH,
    GREEN,
    NEW_STEPS,
    PATH_LENGTH,
    QUESTION_LENGTH,
    RATINGS,
    STEP_LENGTH,
    TYPED,
    Contradiction,
    Ratings,
    StepGiven,
    Typed,
    report_of,
    with_carried,
)
from programmes.workstreams.enums import Ask, Dimension, Rating
from programmes.workstreams.models import StatusUpdate
from programmes.workstreams.rules import ASK_LENGTH, CHANGED_LENGTH, REASON_LENGTH, ReportState

SHOW = [
    ("open", "All that are open"),
    *reversed(Rating.choices),
    ("late", "Late"),
    ("silent", "Silent"),
    ("withheld", "Withheld"),
    ("exempt", "Exempt"),
    ("not_due", "Not due yet"),
    ("closed", "Closed"),
]
REPORTS = [("", "Any report"), *((state.value, state.label) for state in ReportState)]
RATING_HINTS = {
    Rating.GREEN: "It will deliver what was agreed, when it was agreed.",
    Rating.AMBER: "Something threatens it, and you have a plan.",
    Rating.RED: "It will not deliver as agreed unless somebody acts.",
}
STALE = dict.fromkeys(("required", "invalid"), OUT_OF_DATE)
EXPLAIN = "Explain this, or change the rating"


class RatingField(forms.ChoiceField):
    """A rating, as a change from last time."""

    widget = forms.RadioSelect

    def __init__(self, *, label: str, last: str | None) -> None:
        super().__init__(choices=_choices(last), label=label, initial=last)
        if not label.endswith("?"):
            self.error_messages["required"] = f"Rate {label.lower()}"


class TicksField(forms.MultipleChoiceField):
    """Steps that are done. A tick for one that is not there any more counts for nothing."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        return [text for text in super().to_python(value) if self.valid_value(text)]


class ExplainingForm(forms.Form):
    """Has a field for each thing that speaks against a rating."""

    based_on = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages=STALE)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)

    def __init__(self, data: Any = None, *, against: Sequence[Contradiction], **options: Any) -> None:
        super().__init__(data, **options)
        self.against = against
        for each in against:
            self.fields[f"explain_{each.kind}"] = LineField(
                max_length=EXPLANATION_LENGTH,
                required=False,
                label=f"{each.words[:1].upper()}{each.words[1:]}",
                help_text="Why does your rating hold although this is so?",
            )

    @property
    def explanations(self) -> dict[str, str]:
        """What was explained, by kind."""
        return {each.kind: self.cleaned_data.get(f"explain_{each.kind}", "") for each in self.against}

    def explaining(self, kind: str) -> forms.BoundField:
        return self[f"explain_{kind}"]

    def check_explained(self, ratings: Ratings) -> None:
        for each in self.against:
            name = f"explain_{each.kind}"
            if each.contradicts(ratings) and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, EXPLAIN)


class StatusForm(ExplainingForm):
    """A report. It opens with what was said last time, so that the author changes what is different."""

    changed = LinesField(
        max_length=CHANGED_LENGTH,
        label="What has changed?",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In one sentence. What is listed above need not be said again.",
    )
    path_to_green = LinesField(
        max_length=PATH_LENGTH,
        label="What brings it back on track?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    path_owner = PersonField(
        required=False,
        label="Who sees to that?",
        help_text="The name or work email address of somebody with an account.",
    )
    path_due_on = DateField(required=False, label="By when is it back on track?", help_text="For example, 27 11 2026.")
    ask_kind = forms.ChoiceField(
        choices=Ask.choices, widget=forms.RadioSelect, label="What do you need from above?", initial=Ask.NONE
    )
    ask = LinesField(
        max_length=ASK_LENGTH,
        label="Your ask",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What you need, from whom and by when.",
    )
    continues = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        latest: StatusUpdate | None,
        steps: Sequence[StepGiven],
        against: Sequence[Contradiction],
        today: date,
    ) -> None:
        self.latest, self.today = latest, today
        initial = self._said(latest) if latest else {}
        super().__init__(data, against=against, initial=initial)
        for name, label in [("rating", "How is it going?"), *Dimension.choices]:
            self.fields[name] = RatingField(label=str(label), last=getattr(latest, name) if latest else None)
        self._add_steps(steps)
        if latest and latest.path_owner:
            self.fields["path_owner"].keeps = latest.path_owner  # type: ignore[attr-defined]

    @classmethod
    def restored(cls, typed: Typed, *, based_on: UUID | None, **options: Any) -> "StatusForm":
        """The form as it was typed, with nothing said about what is missing yet."""
        data = QueryDict(mutable=True)
        for name, texts in typed.values.items():
            data.setlist(name, list(texts))
        data["based_on"] = str(based_on or "")
        data["request_key"] = str(uuid4())
        data["continues"], data["seen"] = typed.window, typed.saved_at.isoformat()
        form = cls(data, **options)
        form._errors = ErrorDict()  # type: ignore[attr-defined]
        form.cleaned_data = {}
        return form

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("rating") == GREEN:
            said |= {"path_to_green": "", "path_owner": None, "path_due_on": None}
        if said.get("ask_kind") == Ask.NONE and self.latest and said.get("ask", "").strip() == self.latest.ask:
            said["ask"] = ""  # what is left of the last ask counts as cleared once the author needs nothing
        if not self.errors:
            try:
                self._check(said)
            except Refused as refused:
                self.add_error(self.field_of(refused), refused.sentence)
            self.check_explained(Ratings(said["rating"], **{name: said[name] for name in DIMENSIONS}))
        return said

    @property
    def report(self) -> dict[str, Any]:
        """What was said, as the operations take it."""
        said = self.cleaned_data
        return {
            **{name: Rating(said[name]) for name in ("rating", *DIMENSIONS)},
            "changed": said["changed"],
            "steps": self._steps(said),
            "ask_kind": Ask(said["ask_kind"]),
            "ask": said["ask"],
            "path_to_green": said["path_to_green"],
            "path_owner_id": said["path_owner"],
            "path_due_on": said["path_due_on"],
            "explanations": self.explanations,
            "request_key": said["request_key"],
        }

    def field_of(self, refused: Refused) -> str | None:
        """The field that the refusal is about."""
        name = "step_1" if refused.field == "steps" else refused.field
        return name if name in self.fields else None

    @property
    def step_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("step_")]

    def _add_steps(self, steps: Sequence[StepGiven]) -> None:
        self.carried = [step.text for step in steps if not step.is_done]
        if self.carried:
            self.fields["done"] = TicksField(
                choices=[(text, text) for text in self.carried],
                required=False,
                label="What was to happen next: tick what is done",
                help_text="What you do not tick is carried over.",
            )
        self._add_rows([""] * NEW_STEPS)

    def _add_rows(self, texts: Sequence[str]) -> None:
        for number, text in enumerate(texts, 1):
            self.fields[f"step_{number}"] = LineField(
                max_length=STEP_LENGTH, required=False, initial=text, label=f"Next step {number}"
            )

    def _steps(self, said: Mapping[str, Any]) -> list[StepGiven]:
        done = [StepGiven(text, is_done=True) for text in said.get("done", [])]
        return [*done, *(StepGiven(said[row.name]) for row in self.step_rows)]

    def _check(self, said: Mapping[str, Any]) -> None:
        report_of(
            rating=said["rating"],
            changed=said["changed"],
            steps=with_carried(self._steps(said), self.carried),
            ask_kind=said["ask_kind"],
            ask=said["ask"],
            path_to_green=said["path_to_green"],
            path_owner_id=said["path_owner"],
            path_due_on=said["path_due_on"],
            today=self.today,
        )

    @staticmethod
    def _said(latest: StatusUpdate) -> dict[str, Any]:
        return {
            "ask_kind": latest.ask_kind,
            "ask": latest.ask,
            "path_to_green": latest.path_to_green,
            "path_owner": latest.path_owner.email if latest.path_owner else "",
            "path_due_on": latest.path_due_on,
            "based_on": latest.pk,
        }


class CorrectionForm(StatusForm):
    """A report in place of another: it opens with every word of that one, and its steps may be reworded."""

    reason = LineField(
        max_length=REASON_LENGTH,
        label="Why is it corrected?",
        help_text="For example, “the date was that of another site”. Everyone who sees the status sees this.",
    )

    def _add_steps(self, steps: Sequence[StepGiven]) -> None:
        self.carried = []
        done = [step.text for step in steps if step.is_done]
        if done:
            self.fields["done"] = TicksField(
                choices=[(text, text) for text in done], initial=done, required=False, label="What is done"
            )
        self._add_rows([*(step.text for step in steps if not step.is_done), ""])

    @staticmethod
    def _said(latest: StatusUpdate) -> dict[str, Any]:
        kept = {each.kind: each.explanation for each in latest.contradictions.all()}  # type: ignore[attr-defined]
        explained = {f"explain_{kind}": words for kind, words in kept.items()}
        return StatusForm._said(latest) | {"changed": latest.changed} | explained


class SameStatusForm(ExplainingForm):
    """That nothing has changed: which status is repeated, and why its ratings still hold."""

    def __init__(self, data: Any = None, *, latest: StatusUpdate, against: Sequence[Contradiction]) -> None:
        kept = {each.kind: each.explanation for each in latest.contradictions.all()}  # type: ignore[attr-defined]
        explained = {f"explain_{kind}": words for kind, words in kept.items()}
        super().__init__(data, against=against, initial={"based_on": latest.pk} | explained)
        self.ratings = Ratings(latest.rating, **{name: getattr(latest, name) for name in DIMENSIONS})

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self.check_explained(self.ratings)
        return said


class AcknowledgeForm(forms.Form):
    question = LinesField(
        max_length=QUESTION_LENGTH,
        required=False,
        label="Your question",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leave it empty if you have none. The author gets a mail, and everybody who sees the status sees it.",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)


class AnswerForm(forms.Form):
    text = LinesField(
        max_length=QUESTION_LENGTH,
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever asked gets a mail, and everybody who sees the status sees it.",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages=STALE)


def typed_in(data: QueryDict) -> dict[str, list[str]]:
    """What of a report was typed, by the name of each field, for a draft."""
    return {name: data.getlist(name) for name in TYPED if name in data}


def steps_given(steps: Iterable[StatusStep]) -> list[StepGiven]:
    """Steps as a form takes them."""
    return [StepGiven(step.text, step.is_done) for step in steps]


def _choices(last: str | None) -> list[tuple[str, str]]:
    """The ratings, best first, each with what it would be beside the last."""

    def words(rating: str) -> str:
        label = str(Rating(rating).label)
        if last is None:
            return label
        change = RATINGS.index(rating) - RATINGS.index(last)
        return f"{label} ({'as last time' if not change else 'worse' if change > 0 else 'better'})"

    return [(rating, words(rating)) for rating in RATINGS]


class WorkstreamFilterForm(forms.Form):
    """What the list of a programme's workstreams may be narrowed by."""

    show = forms.ChoiceField(choices=SHOW, required=False, label="Show")
    report = forms.ChoiceField(choices=REPORTS, required=False, label="Report for this period")
    q = forms.CharField(max_length=100, required=False, label="Name or lead")

    @property
    def is_narrowed(self) -> bool:
        """Whether something else is asked for than all that are open."""
        return self.is_valid() and any(value not in ("", "open") for value in self.cleaned_data.values())
