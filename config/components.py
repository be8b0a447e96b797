"""Turns a Django form field into the parameters of a GOV.UK component. The one place where that happens.

Everything that came from a person or a model is passed as ``text`` (never ``html``) and as a plain ``str``,
so that even a string once marked safe is escaped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import HttpRequest

from config.filters import initial_lower
from partners.calendar.forms import BOXES, DateWidget

PASSED_ON = ("data-", "hx-", "aria-")
PASSED_ON_WHOLE = {"accept", "readonly", "disabled"}
DJANGO_ROWS, HOUSE_ROWS = "10", "5"
AFFIXES = ("prefix", "suffix")


@dataclass(frozen=True, slots=True)
class Component:
    """The macro to call and its parameters."""

    kind: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the error summary; ``href`` leads to the input that mends it."""

    text: str
    href: str | None


def component_of(
    bound: BoundField,
    *,
    label: str | None = None,
    hint: str | None = None,
    heading: bool = False,
    size: str = "s",
    width: str | None = None,
    inline: bool = False,
    small: bool = False,
    option_hints: Mapping[str, str] | None = None,
    divider: str | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
    reveal_password: bool = True,
) -> Component:
    """The GOV.UK component of a bound field.

    ``heading`` makes the label the page's h1; ``divider`` is the word before the last option.
    """
    widget = bound.field.widget
    title = {
        "text": _plain(bound.label if label is None else label),
        "classes": f"govuk-{{}}--{'l' if heading else size}",
    }
    if heading:
        title["isPageHeading"] = True
    hint_text = _plain(hint if hint is not None else bound.help_text)
    common: dict[str, Any] = {"id": _id(bound), "name": bound.html_name, "attributes": _attributes(widget)}
    if hint_text:
        common["hint"] = {"text": hint_text}
    if messages := _messages(bound):
        common["errorMessage"] = {"text": " ".join(messages)}
    as_label = {**title, "classes": title["classes"].format("label")}
    as_legend = {**title, "classes": title["classes"].format("fieldset__legend")}

    match widget:
        case forms.CheckboxSelectMultiple() | forms.RadioSelect() | forms.SelectMultiple():
            options = _options(bound, option_hints or {})
            if divider:
                options.insert(-1, {"divider": divider})
            many = not isinstance(widget, forms.RadioSelect) or isinstance(widget, forms.CheckboxSelectMultiple)
            classes = [
                "govuk-radios--inline" if inline and not many else "",
                f"govuk-{'checkboxes' if many else 'radios'}--small" if small else "",
            ]
            common |= {
                "idPrefix": _id(bound),
                "fieldset": {"legend": as_legend},
                "items": options,
                "classes": " ".join(classes).strip(),
            }
            return Component("checkboxes" if many else "radios", common)
        case forms.CheckboxInput():
            hint_of_option = common.pop("hint", None)
            option = {"value": "on", "text": title["text"], "checked": bool(bound.value()), "id": _id(bound)}
            if hint_of_option:
                option["hint"] = hint_of_option
            return Component("checkboxes", common | {"idPrefix": _id(bound), "items": [option]})
        case DateWidget():
            return Component("date", common | {"fieldset": {"legend": as_legend}, "items": _boxes(bound)})
        case forms.Select():
            return Component("select", common | {"label": as_label, "items": _options(bound, {})})
        case forms.FileInput():
            return Component(
                "file", common | {"label": as_label, "multiple": getattr(widget, "allow_multiple_selected", False)}
            )
        case forms.Textarea():
            limit = getattr(bound.field, "max_length", None)
            common |= {"label": as_label, "value": _value(bound), "rows": _rows(widget)}
            return (
                Component("textarea", common)
                if not limit
                else Component("counted", common | {"maxlength": limit, "threshold": 75})
            )
        case forms.PasswordInput():
            common |= {"label": as_label, "autocomplete": widget.attrs.get("autocomplete")}
            return Component("password" if reveal_password else "input", common | {"type": "password"})
        case forms.MultiWidget():
            raise TypeError(f"{bound.name} has a {type(widget).__name__}, which no GOV.UK component can show.")
    common |= {
        "label": as_label,
        "value": _value(bound),
        "classes": f"govuk-input--width-{width}" if width else "",
        **_typing(bound),
    }
    for key, text in zip(AFFIXES, (prefix, suffix), strict=True):
        if text:
            common[key] = {"text": text}
    return Component("input", common)


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


def _options(bound: BoundField, hints: Mapping[str, str]) -> list[dict[str, Any]]:
    widget = bound.field.widget
    context = widget.get_context(bound.html_name, bound.value(), {})
    is_dropdown = isinstance(widget, forms.Select) and not isinstance(widget, forms.SelectMultiple)
    found = []
    for group, options, _ in context["widget"]["optgroups"]:
        for option in options:
            text = _plain(option["label"])
            item: dict[str, Any] = {"value": _plain(option["value"]), "text": f"{group}: {text}" if group else text}
            item["selected" if is_dropdown else "checked"] = bool(option["selected"])
            if hint := hints.get(item["value"]):
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
            return f"Choose a file for {initial_lower(name)}"
        case forms.Select() | forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return f"Select {initial_lower(name)}"
    return f"Enter {initial_lower(name)}"
