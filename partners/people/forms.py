from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from partners.people.enums import Role
from partners.people.models import Scope, Unit, User
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


class UnitField(forms.ModelChoiceField):
    """One of all units, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, required=False, **options)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:  # an id that is none is told in the same words as one that is unknown
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None

    def label_from_instance(self, unit: Unit) -> str:  # type: ignore[override]
        return f"{unit.name} ({unit.code})"


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
