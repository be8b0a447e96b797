from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import DateField
from partners.clock.rules import words_for_date
from partners.consortia.models import Capability
from partners.consortia.queries import capabilities_to_choose
from partners.people.forms import LineField, LinesField, PersonField, VersionForm
from partners.people.models import Office, User
from partners.people.queries import offices_over
from programmes.decisions.enums import Ambition, DecisionState, NeedLevel, PartnerFate, WorkFate
from programmes.decisions.models import Decision, DecisionOption, GateConditionToMeet, SavingFate, WorkstreamFate
from programmes.decisions.queries import (
    Disposed,
    LeftBehind,
    conditions_of,
    decisions_to_supersede,
    draft_of,
    engagement_name,
    option_draft_of,
    programmes_to_move_to,
)
from programmes.decisions.rules import (
    CONDITION_LENGTH,
    DESCRIPTION_LENGTH,
    MOST_CONDITIONS,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    RATIONALE_LENGTH,
    REASON_LENGTH,
    REJECTED_LENGTH,
    SOURCE_LENGTH,
    TITLE_LENGTH,
    WAIVER_LENGTH,
    ConditionDraft,
    Dispositions,
    Draft,
    LastDay,
    NeedDraft,
    OptionDraft,
    PartnerDisposition,
    ReviewDraft,
    WorkDisposition,
)
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.reviews.rules import DEFAULT_REVIEW_LIMIT_WEEKS, PURPOSE_LENGTH
from programmes.scheduling.enums import GateResult
from programmes.scheduling.queries import stages_of

Choices = list[tuple[str, str]]
WEEKS = [(n, f"{n} week{'' if n == 1 else 's'}") for n in range(DEFAULT_REVIEW_LIMIT_WEEKS, 0, -1)]
NOT_YET = ("", "Not decided yet")
REVIEW = ("review_title", "review_purpose", "review_starts_on")
ROOM_FOR_CONDITIONS = 3
CONDITION = ("text", "owner", "due_on")
WHOLE_CONDITION = "A condition has its words, who meets it and by when. Enter this as well, or leave it empty"
ONLY_WITH_A_REVIEW = "Enter this as well, or leave the whole review empty"


class RowField(forms.TypedChoiceField):
    """One of the rows that the form offers, by its id."""

    def __init__(self, *, offered: Choices = (), none: str = "", **options: Any) -> None:  # type: ignore[assignment]
        choices = [("", none), *offered]
        super().__init__(coerce=UUID, empty_value=None, choices=choices, **options)


class OwnerField(PersonField):
    """Somebody of those that were looked up once for all such fields of a form."""

    def __init__(self, *, offered: list[tuple[str, str]], keeps: User | None, **options: Any) -> None:
        super().__init__(**options)
        self.offered, self.keeps = offered, keeps

    def suggestions(self) -> list[tuple[str, str]]:
        return self.offered


class ComparingForm(forms.Form):
    """A form that tells where what was typed differs from what is saved now."""

    def differences(self, saved: dict[str, Any]) -> list[tuple[str, str, str]]:
        """As (label, typed, saved); ``saved`` is what the form would show if it were opened now."""
        typed = {name: self._typed(name) for name in self.fields if name in saved}
        return [
            (str(self[name].label), self._told(name, typed[name]), self._told(name, saved[name]))
            for name in typed
            if str(typed[name] or "") != str(saved[name] or "")
        ]

    def _typed(self, name: str) -> Any:
        """A person as they were typed, to be compared with the address that is saved."""
        is_person = isinstance(self.fields[name], PersonField)
        return str(self[name].value() or "").strip() if is_person else self.cleaned_data.get(name)

    def _told(self, name: str, value: Any) -> str:
        if choices := getattr(self.fields[name], "choices", None):
            return str(dict(choices).get(str(value or ""), "")) or "Not given"
        if isinstance(value, bool):
            return "Yes" if value else "No"
        return words_for_date(value) if isinstance(value, date) else str(value or "Not given")


class DecisionForm(ComparingForm):
    """The words of a decision and what it is to do."""

    title = LineField(max_length=TITLE_LENGTH, help_text="What is decided, such as “End business partnering”.")
    question = LinesField(
        max_length=QUESTION_LENGTH, help_text="What has to be decided, and why now.", widget=forms.Textarea({"rows": 4})
    )
    rationale = LinesField(
        max_length=RATIONALE_LENGTH,
        required=False,
        label="Rationale",
        help_text="Why this way: what the office is asked to rely on. Needed before it is proposed.",
    )
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Such as the paper of a board and its date.")
    ends_programme = forms.BooleanField(
        required=False,
        label="It ends the programme",
        help_text="You then say what becomes of everything that the programme leaves behind.",
    )
    delivery_model = forms.ChoiceField(
        choices=[("", "As it is"), *DeliveryModel.choices],
        required=False,
        label="How the programme is delivered from then on",
    )
    gate_result = forms.ChoiceField(
        choices=[("", "Nothing"), *GateResult.choices], required=False, label="What is decided at the gate"
    )
    gate_waiver_reason = LineField(
        max_length=WAIVER_LENGTH,
        required=False,
        label="Why the gate is waived",
        help_text="Only for “Waived”: why the stage may start without what its gate asks for.",
    )
    review_title = LineField(max_length=TITLE_LENGTH, required=False, label="Title of the review")
    review_purpose = LinesField(
        max_length=PURPOSE_LENGTH,
        required=False,
        label="Purpose of the review",
        widget=forms.Textarea({"rows": 3}),
        help_text="People who are asked read this.",
    )
    review_starts_on = DateField(
        required=False, label="Opening day of the review", help_text="A working day, such as 15 9 2026."
    )
    review_weeks = forms.TypedChoiceField(
        choices=WEEKS, coerce=int, label="Length of the review", initial=DEFAULT_REVIEW_LIMIT_WEEKS
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self, programme: Programme, data: Any = None, *, conditions: Sequence[GateConditionToMeet] = (), **options: Any
    ) -> None:
        """``conditions`` are those that are saved."""
        super().__init__(data, **options)
        stages = [
            (str(stage.id), stage.title) for stage in stages_of([programme.pk])[programme.pk] if not stage.started_on
        ]
        taken = [
            (str(each.pk), f"{each.title} ({words_for_date(each.taken_on)})")
            for each in decisions_to_supersede(programme)
            if each.taken_on
        ]
        self.fields["office"] = RowField(
            offered=[(str(each.pk), office_words(each)) for each in offices_over(programme.scope)],
            none="Choose an office",
            label="Office that decides",
        )
        self.fields["gate"] = RowField(offered=stages, none="No gate", required=False, label="Gate before this stage")
        self.fields["supersedes"] = RowField(
            offered=taken, none="None", required=False, label="Decision that it supersedes"
        )
        self._offer_conditions(saved=conditions)
        self.order_fields(
            ["title", "question", "office", "rationale", "source", "ends_programme", "delivery_model", "gate"]
        )

    @property
    def draft(self) -> Draft:
        """What was entered, once it is valid."""
        entered = self.cleaned_data
        review = None
        if entered["review_title"]:
            review = ReviewDraft(
                entered["review_title"], entered["review_purpose"], entered["review_starts_on"], entered["review_weeks"]
            )
        return Draft(
            title=entered["title"],
            question=entered["question"],
            office_id=entered["office"],
            rationale=entered["rationale"],
            source=entered["source"],
            ends_programme=entered["ends_programme"],
            delivery_model=entered["delivery_model"],
            gate_id=entered["gate"],
            gate_result=entered["gate_result"],
            gate_conditions=tuple(
                ConditionDraft(text=text, owner_id=owner, due_on=due_on)
                for text, owner, due_on in ([entered[name] for name in names] for names in self._condition_names())
                if text
            ),
            gate_waiver_reason=entered["gate_waiver_reason"],
            supersedes_id=entered["supersedes"],
            review=review,
        )

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        """The fields of each condition."""
        return [[self[name] for name in names] for names in self._condition_names()]

    @property
    def opens_conditions(self) -> bool:
        """Whether the page shows them at once: some are asked for, or one has to be mended."""
        asked = self["gate_result"].value() == GateResult.WITH_CONDITIONS
        return asked or any(bound.errors for row in self.conditions for bound in row)

    def clean(self) -> dict[str, Any]:
        """A review has its title, purpose and opening day, or none of them; so has a condition its three parts."""
        entered = super().clean() or {}
        self._check_whole(REVIEW, ONLY_WITH_A_REVIEW, entered)
        for names in self._condition_names():
            self._check_whole(names, WHOLE_CONDITION, entered)
        return entered

    def _check_whole(self, names: Sequence[str], words: str, entered: dict[str, Any]) -> None:
        given = [name for name in names if entered.get(name)]
        for name in names:
            if given and name not in given and name not in self.errors:
                self.add_error(name, words)

    def _condition_names(self) -> list[list[str]]:
        return [[f"condition_{number}_{part}" for part in CONDITION] for number in range(1, self.rows + 1)]

    def _offer_conditions(self, *, saved: Sequence[GateConditionToMeet]) -> None:
        sent = sum(f"condition_{number}_text" in self.data for number in range(1, MOST_CONDITIONS + 1))
        self.rows = min(MOST_CONDITIONS, max(len(saved) + ROOM_FOR_CONDITIONS, sent))
        people = PersonField().suggestions()
        for number in range(1, self.rows + 1):
            owner = saved[number - 1].owner if number <= len(saved) else None
            label = f"Condition {number}"
            self.fields[f"condition_{number}_text"] = LineField(
                max_length=CONDITION_LENGTH, required=False, label=label
            )
            self.fields[f"condition_{number}_owner"] = OwnerField(
                offered=people, keeps=owner, required=False, label=f"{label}: who meets it"
            )
            self.fields[f"condition_{number}_due_on"] = DateField(required=False, label=f"{label}: by when")


class IssueForm(forms.Form):
    """The issue that is taken to a decision, and whether it stays open meanwhile."""

    issue = forms.UUIDField(widget=forms.HiddenInput, required=False)
    keeps_issue_open = forms.BooleanField(widget=forms.HiddenInput, required=False)


class DraftDecisionForm(DecisionForm, IssueForm):
    """A decision to be drafted, of an issue or by itself."""


class ChangeDecisionForm(DecisionForm, VersionForm):
    def __init__(self, decision: Decision, data: Any = None) -> None:
        initial = saved_draft(decision) | {"version": decision.version}
        super().__init__(decision.programme, data, conditions=conditions_of(decision), initial=initial)
        del self.fields["request_key"]


class OptionForm(ComparingForm):
    """One way to decide, and what it needs of partners."""

    title = LineField(max_length=TITLE_LENGTH, help_text="In a few words, such as “A taskforce of our own”.")
    description = LinesField(max_length=DESCRIPTION_LENGTH, required=False, widget=forms.Textarea({"rows": 4}))
    ambition = forms.TypedChoiceField(choices=Ambition.choices, coerce=int, widget=forms.RadioSelect)
    delivery_model = forms.ChoiceField(choices=DeliveryModel.choices, widget=forms.RadioSelect)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.capabilities: list[Capability] = list(capabilities_to_choose())
        for each in self.capabilities:
            self.fields[f"need_{each.pk}"] = forms.TypedChoiceField(
                choices=[("", "Not needed"), *NeedLevel.choices],
                coerce=int,
                empty_value=None,
                required=False,
                label=each.name,
                help_text=each.description,
            )
            self.fields[f"note_{each.pk}"] = LineField(
                max_length=NOTE_LENGTH, required=False, label=f"Note on {each.name}"
            )

    @property
    def option(self) -> OptionDraft:
        """What was entered, once it is valid."""
        entered = self.cleaned_data
        return OptionDraft(
            title=entered["title"],
            description=entered["description"],
            ambition=entered["ambition"],
            delivery_model=entered["delivery_model"],
            needs=tuple(
                NeedDraft(each.pk, NeedLevel(entered[f"need_{each.pk}"]), entered[f"note_{each.pk}"])
                for each in self.capabilities
                if entered[f"need_{each.pk}"]
            ),
        )


class ChangeOptionForm(OptionForm, VersionForm):
    def __init__(self, option: DecisionOption, version: int, data: Any = None) -> None:
        super().__init__(data, initial=saved_option(option) | {"version": version})
        del self.fields["request_key"]


class ChoiceForm(ComparingForm, VersionForm):
    """Which option is proposed, and why not the others."""

    def __init__(self, decision: Decision, options: list[DecisionOption], data: Any = None) -> None:
        super().__init__(data, initial=saved_choice(options) | {"version": decision.version})
        offered = [(str(each.pk), each.title) for each in options]
        self.fields["option"] = RowField(
            offered=offered, none="None yet", required=False, widget=forms.RadioSelect, label="Which option?"
        )
        self.options = options
        for each in options:
            self.fields[f"rejected_{each.pk}"] = LineField(
                max_length=REJECTED_LENGTH, required=False, label=f"Why not “{each.title}”"
            )

    @property
    def reasons(self) -> dict[UUID, str]:
        """Why not, for each option, once it is valid; that of the chosen one counts for nothing."""
        return {each.pk: self.cleaned_data[f"rejected_{each.pk}"] for each in self.options}


class LeftBehindForm(ComparingForm, VersionForm):
    """A disposition for each thing that the programme leaves behind. Anything may stay open while it is a draft."""

    def __init__(self, decision: Decision, left: LeftBehind, disposed: Disposed, data: Any = None) -> None:
        super().__init__(data, initial=saved_dispositions(disposed) | {"version": decision.version})
        self.left = left
        targets = [(str(each.pk), each.name) for each in programmes_to_move_to(decision.programme)]
        for pk, name in [*((w.pk, w.name) for w in left.workstreams), *((s.pk, s.title) for s in left.savings)]:
            self._offer(pk, name, WorkFate.choices)
            self.fields[f"move_to_{pk}"] = RowField(
                offered=targets, none="Nowhere", required=False, label=f"{name}: programme that it moves to"
            )
            self._ask_note(pk, name)
        for engagement in left.engagements:
            name = engagement_name(engagement)
            self.fields[f"ends_on_{engagement.pk}"] = DateField(
                required=False, label=f"{name}: last day", help_text="For example, 27 3 2026. It may lie ahead."
            )
            self._ask_note(engagement.pk, name)
        people = PersonField().suggestions() if left.relationships else []
        for each in left.relationships:
            self._offer(each.pk, each.party_name, PartnerFate.choices)
            row = disposed.relationships.get(each.pk)
            self.fields[f"owner_{each.pk}"] = OwnerField(
                offered=people,
                keeps=row.owner if row else None,
                required=False,
                label=f"{each.party_name}: who answers for it while it is available",
            )
            self.fields[f"expires_on_{each.pk}"] = DateField(
                required=False, label=f"{each.party_name}: last day on which it is available"
            )
            self._ask_note(each.pk, each.party_name)

    @property
    def dispositions(self) -> Dispositions:
        """Those that were entered, once the form is valid."""
        return Dispositions(
            workstreams=self._work([each.pk for each in self.left.workstreams]),
            engagements=tuple(
                LastDay(each.pk, self.cleaned_data[f"ends_on_{each.pk}"], self.cleaned_data[f"note_{each.pk}"])
                for each in self.left.engagements
                if self.cleaned_data[f"ends_on_{each.pk}"]
            ),
            relationships=tuple(
                PartnerDisposition(
                    each.pk,
                    PartnerFate(self.cleaned_data[f"fate_{each.pk}"]),
                    self.cleaned_data[f"owner_{each.pk}"],
                    self.cleaned_data[f"expires_on_{each.pk}"],
                    self.cleaned_data[f"note_{each.pk}"],
                )
                for each in self.left.relationships
                if self.cleaned_data[f"fate_{each.pk}"]
            ),
            savings=self._work([each.pk for each in self.left.savings]),
        )

    def _work(self, things: list[UUID]) -> tuple[WorkDisposition, ...]:
        entered = self.cleaned_data
        return tuple(
            WorkDisposition(
                pk,
                WorkFate(entered[f"fate_{pk}"]),
                entered[f"move_to_{pk}"] if entered[f"fate_{pk}"] == WorkFate.MOVE else None,
                entered[f"note_{pk}"],
            )
            for pk in things
            if entered[f"fate_{pk}"]
        )

    def _offer(self, pk: UUID, name: str, choices: Choices) -> None:
        self.fields[f"fate_{pk}"] = forms.ChoiceField(
            choices=[NOT_YET, *choices], required=False, label=f"{name}: what becomes of it"
        )

    def _ask_note(self, pk: UUID, name: str) -> None:
        self.fields[f"note_{pk}"] = LineField(max_length=NOTE_LENGTH, required=False, label=f"{name}: note")


class DecisionFilterForm(forms.Form):
    """What the list of decisions may be narrowed by."""

    state = forms.ChoiceField(choices=[("", "Any"), *DecisionState.choices], required=False)
    taken_from = DateField(required=False, label="Taken on or after", help_text="For example, 27 3 2026.")
    taken_to = DateField(required=False, label="Taken on or before")

    @property
    def sought(self) -> dict[str, Any]:
        """What was entered, as ``decisions_listed`` takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class ProposeForm(VersionForm):
    """Nothing but the version that was read."""


class TakeForm(VersionForm):
    taken_on = DateField(
        label="Day of the decision",
        help_text="The day on which the office decided. It may lie in the past; both days are on record.",
    )


class WithdrawForm(forms.Form):
    reason = LineField(max_length=REASON_LENGTH, label="Why it is withdrawn", help_text="It stays on record with this.")


def office_words(office: Office) -> str:
    """Reads "Commissioner, Northshire, until 21 November 2026"."""
    days = f", {office.days.words}" if office.established_on or office.abolished_on else ""
    return f"{office.title}, {office.body}{days}"


def saved_draft(decision: Decision) -> dict[str, Any]:
    """What the form of a decision shows."""
    draft = draft_of(decision)
    review = draft.review
    return {
        "title": draft.title,
        "question": draft.question,
        "office": draft.office_id,
        "rationale": draft.rationale,
        "source": draft.source,
        "ends_programme": draft.ends_programme,
        "delivery_model": draft.delivery_model,
        "gate": draft.gate_id,
        "gate_result": draft.gate_result,
        "gate_waiver_reason": draft.gate_waiver_reason,
        "supersedes": draft.supersedes_id,
        "review_title": review.title if review else "",
        "review_purpose": review.purpose if review else "",
        "review_starts_on": review.starts_on if review else None,
        "review_weeks": review.weeks if review else DEFAULT_REVIEW_LIMIT_WEEKS,
        **_saved_conditions(decision),
    }


def saved_option(option: DecisionOption) -> dict[str, Any]:
    """What the form of an option shows."""
    draft = option_draft_of(option)
    return {
        "title": draft.title,
        "description": draft.description,
        "ambition": draft.ambition,
        "delivery_model": draft.delivery_model,
        **{f"need_{need.capability_id}": int(need.level) for need in draft.needs},
        **{f"note_{need.capability_id}": need.note for need in draft.needs},
    }


def saved_choice(options: list[DecisionOption]) -> dict[str, Any]:
    """What the form of the choice shows."""
    chosen = next((each.pk for each in options if each.is_chosen), None)
    return {"option": chosen, **{f"rejected_{each.pk}": each.rejected_because for each in options}}


def saved_dispositions(disposed: Disposed) -> dict[str, Any]:
    """What the form of what is left behind shows."""
    found: dict[str, Any] = {}
    rows: list[WorkstreamFate | SavingFate] = [*disposed.workstreams.values(), *disposed.savings.values()]
    for work in rows:
        pk = work.workstream_id if isinstance(work, WorkstreamFate) else work.saving_id
        found |= {f"fate_{pk}": work.fate, f"move_to_{pk}": work.move_to_id, f"note_{pk}": work.note}
    for pk, engagement in disposed.engagements.items():
        found |= {f"ends_on_{pk}": engagement.ends_on, f"note_{pk}": engagement.note}
    for pk, partner in disposed.relationships.items():
        found |= {
            f"fate_{pk}": partner.fate,
            f"owner_{pk}": partner.owner.email if partner.owner else "",
            f"expires_on_{pk}": partner.expires_on,
            f"note_{pk}": partner.note,
        }
    return found


def _saved_conditions(decision: Decision) -> dict[str, Any]:
    saved: dict[str, Any] = {
        f"condition_{number}_{part}": None for number in range(1, MOST_CONDITIONS + 1) for part in CONDITION
    }
    for number, row in enumerate(conditions_of(decision), 1):
        parts = zip(CONDITION, (row.text, row.owner.email, row.due_on), strict=True)
        saved |= {f"condition_{number}_{part}": value for part, value in parts}
    return saved
