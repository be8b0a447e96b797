"""Turns a Django form field into the parameters of a GOV.UK component. The one place where that happens.

Everything that came from a person or a model is passed as ``text`` (never ``html``) and as a plain ``str``,
so that even a string once marked safe is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import HttpRequest

from config.filters import initial_lower
from partners.clock.forms import BOXES, DateWidget

PASSED_ON = ("data-", "hx-", "aria-")
PASSED_ON_WHOLE = {"accept", "readonly", "disabled"}
OPTIONAL = " (optional)"
DJANGO_ROWS, HOUSE_ROWS = "10", "5"
SHOW_COUNT_FROM_PERCENT = 75  # of the limit; before that the count only distracts


@dataclass(frozen=True, slots=True)
class Component:
    """The macro to call and its parameters, and what a one-line input offers while people type, as (value, words)."""

    kind: str
    params: dict[str, Any]
    offered: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the error summary; ``href`` leads to the input that mends it."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a page wants a field to look.

    ``heading`` makes the label the page's h1; ``width`` is in characters (2, 3, 4, 5, 10, 20, 30); ``divider`` is the
    word before the last option; ``option_hints`` are by the option's value.
    """

    label: str | None = None
    hint: str | None = None
    heading: bool = False
    size: str = "s"
    width: str | None = None
    inline: bool = False
    small: bool = False
    option_hints: Mapping[str, str] = field(default_factory=dict)
    divider: str | None = None
    prefix: str | None = None
    suffix: str | None = None


def component_of(bound: BoundField, **options: Any) -> Component:
    """The GOV.UK component of a bound field; ``options`` as in ``Options``.

    Raises: TypeError for a widget that no component can show.
    """
    wanted = Options(**options)
    match bound.field.widget:
        case forms.CheckboxSelectMultiple() | forms.SelectMultiple():
            return Component("checkboxes", _choices(bound, wanted, "checkboxes"))
        case forms.RadioSelect():
            return Component("radios", _choices(bound, wanted, "radios"))
        case forms.CheckboxInput():
            return Component("checkboxes", _one_checkbox(bound, wanted))
        case DateWidget():
            return Component("date", _common(bound, wanted) | _legend(bound, wanted) | {"items": _boxes(bound)})
        case forms.MultiWidget():
            raise TypeError(
                f"{bound.name} has a {type(bound.field.widget).__name__}, which no GOV.UK component can show."
            )
    params = _common(bound, wanted) | {"label": _title(bound, wanted, "label")}
    match bound.field.widget:
        case forms.Select():
            return Component("select", params | {"items": _options(bound, wanted)})
        case forms.FileInput() as widget:
            return Component("file", params | {"multiple": getattr(widget, "allow_multiple_selected", False)})
        case forms.Textarea() as widget:
            params |= {"value": _value(bound), "rows": _rows(widget)}
            if limit := getattr(bound.field, "max_length", None):
                return Component("counted", params | {"maxlength": limit, "threshold": SHOW_COUNT_FROM_PERCENT})
            return Component("textarea", params)
        case forms.PasswordInput() as widget:
            return Component("password", params | {"autocomplete": widget.attrs.get("autocomplete")})
    affixes = {key: {"text": text} for key in ("prefix", "suffix") if (text := getattr(wanted, key))}
    found = params | {"value": _value(bound)} | affixes | _typing(bound)
    offered = _offered(bound)
    if offered:
        found["attributes"] = found["attributes"] | {"list": f"{_id(bound)}-offered"}
    return Component("input", found, offered)


def problems_of(*forms_on_page: forms.BaseForm) -> list[Problem]:
    """Lines of the error summary, in the order of the page: whole-form errors first, then field by field."""
    found = []
    for form in forms_on_page:
        for text in form.errors.get(NON_FIELD_ERRORS, []):
            found.append(Problem(_plain(text), None))
        for bound in form:
            found += [Problem(text, _address_of_input(bound)) for text in _messages(bound)]
    return found


def pages_of(page: Page[Any], request: HttpRequest, key: str = "page") -> dict[str, Any]:
    """Parameters of the GOV.UK pagination, keeping the rest of the query."""

    def address(number: int) -> str:
        query = request.GET.copy()
        query[key] = str(number)
        return f"?{query.urlencode()}"

    items = []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            items.append({"number": number, "href": address(number), "current": number == page.number})
        else:
            items.append({"ellipsis": True})
    params: dict[str, Any] = {"items": items}
    if page.has_previous():
        params["previous"] = {"href": address(page.previous_page_number())}
    if page.has_next():
        params["next"] = {"href": address(page.next_page_number())}
    return params


def _plain(text: Any) -> str:
    """A bare ``str``: Django's SafeString would otherwise pass Jinja's escaping."""
    return "" if text is None else "".join(str(text))


def _common(bound: BoundField, wanted: Options) -> dict[str, Any]:
    """Id, name, attributes, width, hint and error: the same for every component."""
    params: dict[str, Any] = {"id": _id(bound), "name": bound.html_name, "attributes": _attributes(bound.field.widget)}
    if wanted.width:
        params["classes"] = f"govuk-input--width-{wanted.width}"
    if hint := _plain(bound.help_text if wanted.hint is None else wanted.hint):
        params["hint"] = {"text": hint}
    if messages := _messages(bound):
        params["errorMessage"] = {"text": " ".join(messages)}
    return params


def _title(bound: BoundField, wanted: Options, block: str) -> dict[str, Any]:
    text = _plain(bound.label if wanted.label is None else wanted.label)
    if _is_optional_among_required(bound) and OPTIONAL not in text:
        text += OPTIONAL
    size = "l" if wanted.heading else wanted.size
    return {"text": text, "classes": f"govuk-{block}--{size}", "isPageHeading": wanted.heading}


def _is_optional_among_required(bound: BoundField) -> bool:
    """Where everything is optional, as in a filter, nobody needs telling."""
    return not bound.field.required and any(
        other.required and not other.widget.is_hidden for other in bound.form.fields.values()
    )


def _legend(bound: BoundField, wanted: Options) -> dict[str, Any]:
    return {"fieldset": {"legend": _title(bound, wanted, "fieldset__legend")}}


def _choices(bound: BoundField, wanted: Options, kind: str) -> dict[str, Any]:
    items = _options(bound, wanted)
    if wanted.divider:
        items.insert(-1, {"divider": wanted.divider})
    classes = [
        f"govuk-{kind}--inline" if wanted.inline and kind == "radios" else "",
        f"govuk-{kind}--small" if wanted.small else "",
    ]
    params = {"idPrefix": _id(bound), "items": items, "classes": " ".join(filter(None, classes))}
    return _common(bound, wanted) | _legend(bound, wanted) | params


def _one_checkbox(bound: BoundField, wanted: Options) -> dict[str, Any]:
    params = _common(bound, wanted)
    item = {"value": "on", "id": _id(bound), "checked": bool(bound.value())}
    item["text"] = _plain(bound.label if wanted.label is None else wanted.label)
    if hint := params.pop("hint", None):
        item["hint"] = hint
    return params | {"idPrefix": _id(bound), "items": [item]}


def _id(bound: BoundField) -> str:
    return bound.auto_id or bound.html_name


def _value(bound: BoundField) -> str:
    return _plain(bound.field.widget.format_value(bound.value()))


def _attributes(widget: forms.Widget) -> dict[str, str]:
    return {
        key: _plain(value)
        for key, value in widget.attrs.items()
        if value is not False and (key.startswith(PASSED_ON) or key in PASSED_ON_WHOLE)
    }


def _rows(widget: forms.Textarea) -> str:
    found = str(widget.attrs.get("rows", HOUSE_ROWS))
    return HOUSE_ROWS if found == DJANGO_ROWS else found


def _typing(bound: BoundField) -> dict[str, Any]:
    """Type, keyboard and autocompletion of a one-line input. Numbers are text: spinners lose what people type."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "text")
    found: dict[str, Any] = {"type": kind}
    if isinstance(widget, forms.NumberInput):
        found |= {
            "type": "text",
            "inputmode": "numeric" if type(bound.field) is forms.IntegerField else "decimal",
            "spellcheck": False,
        }
    elif kind == "email":
        found |= {"spellcheck": False, "autocomplete": "email"}
    elif kind not in ("text", "search", "tel", "url"):
        found["type"] = "text"
    return found | {key: widget.attrs[key] for key in ("autocomplete", "inputmode") if key in widget.attrs}


def _offered(bound: BoundField) -> Sequence[tuple[str, str]]:
    """What the field's ``suggestions`` say, if it has any: a help for typing, never the only way."""
    suggestions = getattr(bound.field, "suggestions", None)
    return suggestions() if suggestions else ()


def _options(bound: BoundField, wanted: Options) -> list[dict[str, Any]]:
    context = bound.field.widget.get_context(bound.html_name, bound.value(), {})
    is_dropdown = isinstance(bound.field.widget, forms.Select) and not bound.field.widget.allow_multiple_selected
    chosen = "selected" if is_dropdown else "checked"
    found = []
    for group, options, _ in context["widget"]["optgroups"]:
        for option in options:
            value, text = _plain(option["value"]), _plain(option["label"])
            item: dict[str, Any] = {"value": value, "text": f"{group}: {text}" if group else text}
            item[chosen] = bool(option["selected"])
            if hint := wanted.option_hints.get(value):
                item["hint"] = {"text": _plain(hint)}
            if option["attrs"].get("disabled"):
                item["disabled"] = True
            found.append(item)
    return found


def _boxes(bound: BoundField) -> list[dict[str, Any]]:
    value = bound.value()
    typed = value if isinstance(value, list) else bound.field.widget.decompress(value)
    wrong = _wrong_boxes(bound)
    return [
        {
            "name": f"{bound.html_name}_{box}",
            "id": f"{_id(bound)}_{box}",
            "label": box.capitalize(),
            "value": _plain(text),
            "classes": f"govuk-input--width-{4 if box == 'year' else 2}"
            + (" govuk-input--error" if box in wrong else ""),
        }
        for box, text in zip(BOXES, typed, strict=True)
    ]


def _wrong_boxes(bound: BoundField) -> list[str]:
    """The boxes that an error names; all of them when it names none."""
    errors = bound.errors.as_data()
    named = {word for error in errors for word in (error.code or "").split()} & set(BOXES)
    return [box for box in BOXES if errors and (box in named or not named)]


def _address_of_input(bound: BoundField) -> str | None:
    """Where the error summary leads: the first input to mend."""
    if bound.is_hidden:
        return None
    return f"#{_id(bound)}_{_wrong_boxes(bound)[0]}" if isinstance(bound.field.widget, DateWidget) else f"#{_id(bound)}"


def _messages(bound: BoundField) -> list[str]:
    return [text for error in bound.errors.as_data() for text in _in_house_words(bound, error)]


def _in_house_words(bound: BoundField, error: ValidationError) -> list[str]:
    """Django's own general sentences as GOV.UK words them; a sentence that a form wrote itself stays."""
    name = _plain(bound.label)
    params = error.params or {}
    match error.code:
        case "required" if error.message == forms.Field.default_error_messages["required"]:
            return [_asks_for(bound, name)]
        case "max_length" if "limit_value" in params:
            subject, limit, used = (
                "Your answer" if name.endswith("?") else name,
                params["limit_value"],
                params["show_value"],
            )
            return [f"{subject} must be {limit:,} characters or fewer. You have used {used:,}."]
        case "max_value" if "limit_value" in params:
            return [f"{name} must be {params['limit_value']} or less"]
        case "min_value" if "limit_value" in params:
            return [f"{name} must be {params['limit_value']} or more"]
        case "invalid_choice" if isinstance(bound.field.widget, forms.Select | forms.RadioSelect):
            return [f"Choose one of the options for {initial_lower(name)}"]
    return [_without_stop(_plain(text)) for text in error.messages]


def _without_stop(text: str) -> str:
    """A single sentence beside a field ends without a full stop."""
    return text if ". " in text else text.removesuffix(".")


def _asks_for(bound: BoundField, name: str) -> str:
    match bound.field.widget:
        case forms.CheckboxInput():
            return f"Tick “{name}” to continue"
        case _ if name.endswith("?"):
            return f"Answer “{name}”"
        case forms.FileInput():
            return f"Choose the {initial_lower(name)}"
        case forms.Select() | forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return f"Select {initial_lower(name)}"
    return f"Enter {initial_lower(name)}"
