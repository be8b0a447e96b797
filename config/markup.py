"""The pieces of HTML that stand in every row of a list. In Python, since a Jinja macro takes ten times as long.

Templates import them from ``shell/macros/tables.html`` and ``shell/macros/status.html`` like any macro.
"""

from collections.abc import Callable
from functools import cache

from django.templatetags.static import static
from markupsafe import Markup, escape

Caller = Callable[[], Markup]

# stored value: (shape and colour, word)
LOOKS = {
    "green": ("green", "On track"),
    "amber_green": ("amber-green", "Amber/green"),
    "amber": ("amber", "At risk"),
    "amber_red": ("amber-red", "Amber/red"),
    "red": ("red", "Off track"),
    "amber_or_worse": ("amber-red", "At risk or worse"),
    "not_known": ("silent", "Not known"),
    "silent": ("silent", "Silent"),
    "late": ("silent", "Late"),
    "withheld": ("silent", "Withheld"),
    "exempt": ("none", "Exempt"),
    "none": ("none", "Not rated"),
    "not_due": ("none", "Not due yet"),
    "complete": ("complete", "Complete"),
    "stopped": ("stopped", "Stopped"),
}


def rating_tag(rating: str | None, label: str | None = None, note: str | None = None) -> Markup:
    """A rating by word and shape; the colour only helps. None is "not rated", which is not "on track"."""
    look, word = LOOKS.get(rating or "none") or ("none", str(rating))
    noted = f' <span class="app-rating__note">{escape(note)}</span>' if note else ""
    return Markup(  # noqa: S704 (each part is escaped or ours)
        f'<span class="app-rating app-rating--{look}">{_shape(look)}'
        f'<span class="app-rating__word">{escape(label or word)}</span>{noted}</span>'
    )


def cell(label: str, content: object = None, numeric: bool = False, caller: Caller | None = None) -> Markup:
    """A value of a row; the label of its column stands beside it on a phone."""
    numeric_class = " govuk-table__cell--numeric" if numeric else ""
    return Markup(  # noqa: S704
        f'<td class="govuk-table__cell{numeric_class}" data-label="{escape(label)}">{_inside(content, caller)}</td>'
    )


def row_heading(text: object = None, href: str | None = None, caller: Caller | None = None) -> Markup:
    """The first cell, which names the row."""
    inside = _inside(text, None)
    linked = f'<a class="govuk-link" href="{escape(href)}">{inside}</a>' if href else inside
    return Markup(  # noqa: S704
        f'<th scope="row" class="govuk-table__header">{linked}{_inside(None, caller)}</th>'
    )


def _inside(content: object, caller: Caller | None) -> str:
    return ("" if content is None else str(escape(content))) + (str(caller()) if caller else "")


@cache
def _shape(look: str) -> str:
    return (
        '<svg class="app-rating__shape" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        f'<use href="{static("shapes.svg")}#{look}"></use></svg>'
    )
