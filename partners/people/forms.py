from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet

from partners.clock.forms import DateField
from partners.people.enums import HoldingKind, Role
from partners.people.models import Office, OfficeHolding, Scope, Unit, User
from partners.people.queries import active_people, active_people_called, units
from partners.people.rules import (
    LINES,
    LINES_ONLY,
    LONGEST_TOKEN_DAYS,
    ONE_LINE,
    ONE_LINE_ONLY,
    below,
    plain_line_breaks,
    whom_you_mean,
)
from partners.people.rules.csv_files import LARGEST_FILE_BYTES
from partners.people.rules.offices import NAME_LENGTH, SOURCE_LENGTH, TITLE_LENGTH

MOST_VERSIONS = 2**31 - 1
MOST_OFFERED, MOST_MEANT = 200, 5
STATES = [("active", "Can sign in"), ("left", "Left"), ("all", "Everybody")]


class LineField(forms.CharField):
    """One line without control characters."""

    default_validators = [RegexValidator(ONE_LINE, ONE_LINE_ONLY)]


class LinesField(forms.CharField):
    """Several lines without control characters; a line break counts as one character, as the page's counter has it."""

    widget = forms.Textarea
    default_validators = [RegexValidator(LINES, LINES_ONLY)]

    def to_python(self, value: Any) -> str:
        return plain_line_breaks(super().to_python(value) or "")


class PersonField(forms.CharField):
    """Somebody who can sign in, by name or address; cleans to their id.

    The page offers names where there are few. ``keeps`` stays valid although they have left.
    """

    keeps: User | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, validators=[RegexValidator(ONE_LINE, ONE_LINE_ONLY)], **options)

    def clean(self, value: Any) -> UUID | None:
        text = super().clean(value)
        if not text:
            return None
        if self.keeps and text.lower() == self.keeps.email:
            return self.keeps.pk
        found, is_exact = active_people_called(text, most=MOST_MEANT)
        if is_exact and len(found) == 1:
            return found[0].pk
        raise forms.ValidationError(whom_you_mean([f"{each.name} ({each.email})" for each in found], is_exact=is_exact))

    def suggestions(self) -> list[tuple[str, str]]:
        """Address and name of everybody who can be chosen; empty where that is too many to offer."""
        found = list(active_people().values_list("email", "name")[: MOST_OFFERED + 1])
        return found if len(found) <= MOST_OFFERED else []


class ChosenField(forms.ModelChoiceField):
    """One row of a list, or none; the form sets which there are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, required=False, **options)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:  # an id that is none is told in the same words as one that is unknown
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None


class UnitField(ChosenField):
    """One of all units, or none."""

    def label_from_instance(self, unit: Unit) -> str:  # type: ignore[override]
        return f"{unit.name} ({unit.code})"


class OfficeField(ChosenField):
    def label_from_instance(self, office: Office) -> str:  # type: ignore[override]
        return f"{office.title}, {office.body}"


class VersionForm(forms.Form):
    """A form that knows which version of the thing it shows."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSIONS)


class PersonForm(forms.Form):
    name = LineField(max_length=200, help_text="As colleagues know them, such as “Ama Mensah”.")
    email = forms.EmailField(
        max_length=254, label="Email address", help_text="The work address. They sign in with it and get mail there."
    )
    unit = UnitField(empty_label="No unit")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units()  # type: ignore[attr-defined]


class ChangePersonForm(PersonForm, VersionForm):
    @classmethod
    def showing(cls, person: User) -> "ChangePersonForm":
        """The form filled with what is saved."""
        return cls(initial=_saved(person))

    def differences(self, person: User) -> list[tuple[str, str, str]]:
        """Where what was typed differs from what is saved now, as (label, typed, saved)."""
        unit = self.cleaned_data.get("unit")
        typed = {
            "name": str(self["name"].value() or "").strip(),
            "email": str(self["email"].value() or "").strip().lower(),
            "unit": unit.name if unit else "No unit",
        }
        saved = {"name": person.name, "email": person.email, "unit": person.unit.name if person.unit else "No unit"}
        return [(str(self[key].label), typed[key], saved[key]) for key in saved if typed[key] != saved[key]]


class PeopleFilterForm(forms.Form):
    q = forms.CharField(
        max_length=200, required=False, label="Name, email address or unit", widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(choices=STATES, required=False, label="Show")
    unit = UnitField(empty_label="Every unit", help_text="With the units that are part of it.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units()  # type: ignore[attr-defined]

    @property
    def is_narrowed(self) -> bool:
        entered = self.cleaned_data
        return bool(entered.get("q") or entered.get("unit") or entered.get("state") in ("left", "all"))


class UnitForm(forms.Form):
    code = LineField(max_length=30, help_text="Short and unique, such as DIG. Files for import name units by it.")
    name = LineField(max_length=200)
    parent = UnitField(label="Part of", empty_label="Nothing: it is at the top")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent"].queryset = units()  # type: ignore[attr-defined]


class ChangeUnitForm(UnitForm, VersionForm):
    """Cannot offer the unit itself or what lies below it as its parent."""

    def __init__(self, *args: Any, unit: Unit, **options: Any) -> None:
        super().__init__(*args, **options)
        found = list(units())
        beneath = below(unit.pk, {each.pk: each.parent_id for each in found})
        self.fields["parent"].queryset = units().exclude(pk__in=beneath)  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, unit: Unit) -> "ChangeUnitForm":
        """The form filled with what is saved."""
        saved = {"code": unit.code, "name": unit.name, "parent": unit.parent_id, "version": unit.version}
        return cls(initial=saved, unit=unit)


class OrganisationForm(forms.Form):
    """Knows which name it shows."""

    name = LineField(max_length=200, help_text="As people know it. It stands above the list of administrators.")
    was = LineField(max_length=200, widget=forms.HiddenInput)

    @classmethod
    def showing(cls, scope: Scope) -> "OrganisationForm":
        """The form filled with what is saved."""
        return cls(initial={"name": scope.name, "was": scope.name})


class GrantRoleForm(forms.Form):
    person = PersonField(help_text="The name or work email address of somebody with an account.")
    role = forms.ChoiceField(choices=(), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[Role], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


class OfficeFilterForm(forms.Form):
    """Whose offices, and on which day."""

    scope = ChosenField(label="Offices of", empty_label="Everything that you see")
    on = DateField(label="Who held them on", required=False, help_text="Empty for today.")

    def __init__(self, *args: Any, scopes: QuerySet[Scope], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scope"].queryset = scopes  # type: ignore[attr-defined]


class OfficeForm(forms.Form):
    title = LineField(max_length=TITLE_LENGTH, help_text="As a law or a scheme names it, such as “Chief Constable”.")
    body = LineField(max_length=TITLE_LENGTH, help_text="The body that it is an office of.")
    established_on = DateField(
        label="First day", required=False, help_text="The first day of the office. Empty where it is not on record."
    )
    abolished_on = DateField(
        label="Last day", required=False, help_text="Only for an office that was abolished, or will be."
    )
    successor = OfficeField(
        empty_label="None", help_text="The office that takes over its functions after the last day."
    )
    clerk = PersonField(
        required=False,
        help_text="The name or work email address of the person who may record what the holder decided.",
    )
    source = LineField(
        max_length=SOURCE_LENGTH, required=False, help_text="The law, the scheme or the minute that says so."
    )

    def __init__(self, *args: Any, successors: QuerySet[Office], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor"].queryset = successors  # type: ignore[attr-defined]

    def entered(self) -> dict[str, Any]:
        """What was typed, as the operations take it."""
        said = dict(self.cleaned_data)
        successor = said.pop("successor")
        return said | {"successor_id": successor.pk if successor else None, "clerk_id": said.pop("clerk")}


class ChangeOfficeForm(OfficeForm, VersionForm):
    def __init__(self, *args: Any, office: Office, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clerk"].keeps = office.clerk  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, office: Office, successors: QuerySet[Office]) -> "ChangeOfficeForm":
        """The form filled with what is saved."""
        parts = ("title", "body", "established_on", "abolished_on", "source", "version")
        saved = {part: getattr(office, part) for part in parts}
        saved |= {"successor": office.successor_id, "clerk": office.clerk.email if office.clerk else ""}
        return cls(initial=saved, office=office, successors=successors)


class HoldingForm(forms.Form):
    holder_name = LineField(max_length=NAME_LENGTH, label="Holder", help_text="The name of the person.")
    user = PersonField(
        required=False,
        label="Account of the holder",
        help_text="The name or work email address of their account, if they have one here.",
    )
    kind = forms.ChoiceField(
        choices=HoldingKind.choices, widget=forms.RadioSelect, label="How they hold it", initial=HoldingKind.SUBSTANTIVE
    )
    from_on = DateField(label="First day", required=False, help_text="Empty where it is not on record.")
    to_on = DateField(label="Last day", required=False, help_text="Empty while they hold it.")
    source = LineField(max_length=SOURCE_LENGTH, required=False, help_text="Where it is on record.")

    def entered(self) -> dict[str, Any]:
        """What was typed, as the operations take it."""
        said = dict(self.cleaned_data)
        return said | {"kind": HoldingKind(said["kind"]), "user_id": said.pop("user")}


class CorrectHoldingForm(HoldingForm, VersionForm):
    def __init__(self, *args: Any, holding: OfficeHolding, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].keeps = holding.user  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, holding: OfficeHolding) -> "CorrectHoldingForm":
        """The form filled with what is saved."""
        parts = ("holder_name", "kind", "from_on", "to_on", "source", "version")
        saved = {part: getattr(holding, part) for part in parts}
        return cls(initial=saved | {"user": holding.user.email if holding.user else ""}, holding=holding)


class EndHoldingForm(forms.Form):
    to_on = DateField(label="Last day", help_text="The last day on which they hold the office, past or to come.")


class OnDayForm(forms.Form):
    """The day that a page speaks of; today without one."""

    on = DateField(label="Day", required=False, help_text="For example, 27 3 2026.")


class LeaveForm(forms.Form):
    from_on = DateField(label="First day away")
    to_on = DateField(label="Last day away")
    delegate = PersonField(
        required=False,
        label="Who stands in",
        help_text="The name or work email address of a colleague. They are asked for your statuses and can report for "
        "you on programmes where they hold a role. Empty: the programme manager is asked.",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class TokenForm(forms.Form):
    name = LineField(max_length=100, help_text="What will use it, such as “Monthly figures”.")
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_TOKEN_DAYS,
        initial=90,
        label="Days until it stops working",
        help_text=f"1 to {LONGEST_TOKEN_DAYS}.",
    )


class ImportForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        help_text="Up to 2 MB and 20,000 rows.",
        max_length=100,
    )

    def clean_file(self) -> Any:
        uploaded = self.cleaned_data["file"]
        if uploaded.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError("The file is larger than 2 MB. Split it and import the parts one by one")
        return uploaded


def _saved(person: User) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "unit": person.unit_id, "version": person.version}
