"""A date typed into three boxes, as GOV.UK asks for memorable dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name

BOXES = ("day", "month", "year")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SHORTEST_MONTH_WORD = 3
DIGITS_OF_A_YEAR = 4


class DateWidget(forms.MultiWidget):
    """Boxes named ``<field>_day``, ``<field>_month`` and ``<field>_year``."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({box: forms.TextInput() for box in BOXES}, attrs)

    def decompress(self, value: date | str | None) -> list[str]:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return ["", "", ""]
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """What was typed; a whole ISO date under the bare name (from a link) fills the boxes too."""
        if not any(f"{name}_{box}" in data for box in BOXES) and data.get(name):
            return self.decompress(data[name])
        return [str(data.get(f"{name}_{box}") or "").strip() for box in BOXES]


class DateField(forms.Field):
    """A date whose errors say which box to mend.

    The code of an error names its boxes, such as ``month`` or ``day month``, so that a page can mark them.
    """

    widget = DateWidget

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        if self.label is None:
            self.label = pretty_name(field_name)
        return super().get_bound_field(form, field_name)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date):
            return value
        typed = [str(part or "").strip() for part in value or []]
        if not any(typed):
            return None
        missing = [box for box, text in zip(BOXES, typed, strict=True) if not text]
        if missing:
            raise ValidationError(f"{self._name} must include a {' and a '.join(missing)}", code=" ".join(missing))
        return self._date(*typed)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    @property
    def _name(self) -> str:
        return str(self.label or "The date")

    def _date(self, day: str, month: str, year: str) -> date:
        if not (year.isdecimal() and len(year) == DIGITS_OF_A_YEAR):
            raise ValidationError(f"{self._name}: the year must have 4 numbers, such as 2026", code="year")
        number = _month_number(month)
        if number is None:
            raise ValidationError(f"{self._name}: the month must be a number from 1 to 12", code="month")
        if not day.isdecimal():
            raise ValidationError(f"{self._name}: the day must be a number", code="day")
        try:
            return date(int(year), number, int(day))
        except ValueError:
            raise ValidationError(f"{self._name} must be a real date", code="day month year") from None


class AsAtForm(forms.Form):
    """Which day to look at: the usual one, unless one in the past is given."""

    on = DateField(label="As at", required=False, help_text="Today, or a day in the past.")


def _month_number(text: str) -> int | None:
    """1 to 12 from a number or from the beginning of a month's name: ``11``, ``nov``, ``November``."""
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= len(MONTHS) else None
    word = text.lower().rstrip(".")
    found = [number for number, name in enumerate(MONTHS, 1) if name.startswith(word)]
    return found[0] if len(word) >= SHORTEST_MONTH_WORD and len(found) == 1 else None
