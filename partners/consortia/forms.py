from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from partners.clock.forms import DateField
from partners.consortia.enums import MemberRole, RelationshipState, TermKind
from partners.consortia.models import Consortium, ConsortiumMembership
from partners.consortia.queries import Wanted, capabilities_to_choose
from partners.consortia.rules import (
    DESCRIPTION_LENGTH,
    EVIDENCE_LENGTH,
    MEMBER_EVIDENCE_LENGTH,
    NOTE_LENGTH,
    TERM_LENGTH,
    may_follow,
)
from partners.organisations.enums import Sector
from partners.organisations.models import Organisation
from partners.organisations.rules import ABOUT_LENGTH, NAME_LENGTH, SOURCE_LENGTH
from partners.people.forms import LineField, LinesField, PersonField, VersionForm
from partners.people.models import Scope
from partners.people.rules import plain_line_breaks

PARTS = ("name", "about", "source")


class ChosenField(forms.TypedChoiceField):
    """One of these rows by its name; cleans to its id, or to None."""

    def __init__(self, *, nothing: str, **options: Any) -> None:
        self.nothing = nothing
        super().__init__(coerce=UUID, empty_value=None, **options)

    def offer(self, rows: Iterable[Any]) -> None:
        self.choices = [("", self.nothing), *((str(row.pk), row.name) for row in rows)]


class RequestKeyForm(forms.Form):
    """A form whose repeat adds nothing new."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ConsortiumForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH, help_text="What the group is called, or its members if it has no name.")
    about = LinesField(
        max_length=ABOUT_LENGTH,
        required=False,
        label="About it",
        help_text="Why these organisations stand together. Their contacts do not read this.",
    )
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Where this comes from, with the day.")


class AddConsortiumForm(ConsortiumForm, RequestKeyForm):
    pass


class ChangeConsortiumForm(ConsortiumForm, VersionForm):
    @classmethod
    def showing(cls, consortium: Consortium) -> "ChangeConsortiumForm":
        """The form filled with what is saved."""
        return cls(initial={part: getattr(consortium, part) for part in (*PARTS, "version")})

    def differences(self, consortium: Consortium) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        typed = {part: plain_line_breaks(str(self[part].value() or "").strip()) for part in PARTS}
        saved = {part: str(getattr(consortium, part)) for part in PARTS}
        return [(str(self[part].label), typed[part], saved[part]) for part in PARTS if typed[part] != saved[part]]


class ConsortiaFilterForm(forms.Form):
    q = LineField(max_length=NAME_LENGTH, required=False, label="Name", widget=forms.TextInput({"type": "search"}))

    @property
    def words(self) -> str:
        return str(self.cleaned_data["q"]) if self.is_valid() else ""


class MembershipForm(forms.Form):
    role = forms.ChoiceField(choices=MemberRole.choices, widget=forms.RadioSelect)
    from_on = DateField(label="First day", help_text="For example, 31 5 2012.")
    to_on = DateField(label="Last day", required=False, help_text="Leave this empty while it has no end.")
    evidence = LineField(
        max_length=MEMBER_EVIDENCE_LENGTH, required=False, help_text="How we know, such as the notice and its day."
    )


class AddMemberForm(MembershipForm, RequestKeyForm):
    organisation = ChosenField(nothing="Choose an organisation")
    field_order = ["organisation"]

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"].offer(organisations)  # type: ignore[attr-defined]


class CorrectMembershipForm(MembershipForm, VersionForm):
    @classmethod
    def showing(cls, membership: ConsortiumMembership) -> "CorrectMembershipForm":
        """The form filled with what is saved."""
        parts = ("role", "from_on", "to_on", "evidence")
        version = {"version": membership.consortium.version}
        return cls(initial={part: getattr(membership, part) for part in parts} | version)


class EndMembershipForm(forms.Form):
    to_on = DateField(label="Last day", help_text="The last day on which it is in the consortium.")


class CapabilityForm(forms.Form):
    name = LineField(max_length=NAME_LENGTH, help_text="What we may need from somebody, such as “Mobile data”.")
    description = LineField(max_length=DESCRIPTION_LENGTH, required=False)


class AddCapabilityForm(CapabilityForm, RequestKeyForm):
    pass


class ClaimForm(RequestKeyForm):
    capability = ChosenField(nothing="Choose a capability")
    evidence = LineField(
        max_length=EVIDENCE_LENGTH, help_text="On what this rests: work it did, a demonstration, its own word."
    )
    claimed_on = DateField(label="First day", help_text="From when it can do this, as far as we know.")
    expires_on = DateField(label="Last day", required=False, help_text="Until when the evidence is good enough.")
    field_order = ["capability"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["capability"].offer(capabilities_to_choose())  # type: ignore[attr-defined]


class StandingForm(forms.Form):
    """Where a relationship stands from a day on."""

    state = forms.ChoiceField(label="Where it stands", widget=forms.RadioSelect)
    since_on = DateField(label="Since", help_text="The first day on which it stands there, today at the latest.")
    owner = PersonField(
        required=False, help_text="The name or work email address of who answers for it. Needed while it is available."
    )
    expires_on = DateField(
        label="Until", required=False, help_text="The last day on which this holds. Needed while it is available."
    )
    note = LineField(
        max_length=NOTE_LENGTH, required=False, help_text="What was agreed, in a sentence. Partners do not read this."
    )
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Where this comes from, with the day.")


class SetStandingForm(StandingForm, VersionForm):
    def __init__(self, *args: Any, state: RelationshipState, **options: Any) -> None:
        super().__init__(*args, **options)
        onward = may_follow(state)
        words = {state: f"{state.label} (as it is, with other particulars)"}
        offered = [(each.value, words.get(each, each.label)) for each in RelationshipState if each in onward]
        self.fields["state"].choices = offered  # type: ignore[attr-defined]


class StartRelationshipForm(StandingForm, RequestKeyForm):
    state = forms.ChoiceField(label="Where it stands")
    scope = ChosenField(label="Portfolio", nothing="Choose a portfolio")
    party = forms.ChoiceField(label="Partner", help_text="A consortium, or an organisation that stands alone.")
    field_order = ["scope", "party", "state"]

    def __init__(
        self,
        *args: Any,
        scopes: Iterable[Scope],
        organisations: Iterable[Organisation],
        consortia: Iterable[Consortium],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["scope"].offer(scopes)  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", "Choose"), *RelationshipState.choices]  # type: ignore[attr-defined]
        self.fields["party"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a partner"),
            *((f"consortium_id {each.pk}", f"{each.name} (consortium)") for each in consortia),
            *((f"organisation_id {each.pk}", each.name) for each in organisations),
        ]

    @property
    def chosen_party(self) -> dict[str, UUID]:
        """The chosen party, as ``start_relationship`` takes it."""
        kind, party_id = self.cleaned_data["party"].split()
        return {kind: UUID(party_id)}


class TermForm(RequestKeyForm):
    kind = forms.ChoiceField(choices=TermKind.choices, widget=forms.RadioSelect)
    text = LineField(
        max_length=TERM_LENGTH,
        label="What binds the two sides",
        help_text="In one sentence, for both sides: contacts of the partner read this too.",
    )
    from_on = DateField(label="First day")
    to_on = DateField(label="Last day", required=False, help_text="Leave this empty if it binds for good.")
    field_order = ["kind"]


class DayForm(forms.Form):
    """A list as at a day, today unless another is asked for."""

    on = DateField(label="As at", required=False, help_text="Today, unless you enter another day.")

    def day(self, today: date) -> date:
        return (self.cleaned_data.get("on") if self.is_valid() else None) or today


class RelationshipsFilterForm(DayForm):
    """What the list of relationships may be narrowed by."""

    scope = ChosenField(label="Portfolio", nothing="Every portfolio", required=False)
    state = forms.ChoiceField(
        choices=[("", "Anywhere"), *RelationshipState.choices, ("expired", "Expired")],
        required=False,
        label="Where it stands",
    )
    capability = ChosenField(nothing="Any capability", required=False)
    sector = forms.ChoiceField(choices=[("", "Every sector"), *Sector.choices], required=False)
    expiring = forms.BooleanField(required=False, label="Expires within 90 days")

    def __init__(self, *args: Any, scopes: Iterable[Scope], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scope"].offer(scopes)  # type: ignore[attr-defined]
        self.fields["capability"].offer(capabilities_to_choose())  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        entered = self.cleaned_data if self.is_valid() else {}
        return Wanted(**{key: value for key, value in entered.items() if key != "on" and value})


class CallForm(DayForm):
    """Whom can we call on for these, on that day?"""

    capability = forms.TypedMultipleChoiceField(
        coerce=UUID,
        label="For what",
        widget=forms.CheckboxSelectMultiple,
        help_text="A partner has to offer all of it.",
    )
    sector = forms.ChoiceField(
        choices=[("", "Every sector"), *Sector.choices],
        required=False,
        help_text="Counts only what organisations of this sector can do.",
    )
    field_order = ["capability", "on"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [(str(each.pk), each.name) for each in capabilities_to_choose()]
        self.fields["capability"].choices = found  # type: ignore[attr-defined]
        self.fields["on"].label = "On which day"

    @property
    def is_asked(self) -> bool:
        return "capability" in self.data
