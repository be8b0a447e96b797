from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from config.components import Problem, component_of, pages_of, problems_of
from config.gallery import MARKUP, GalleryForm
from partners.clock.forms import DateField


def rendered(form: forms.BaseForm, template: str = "{{ fields(form) }}") -> str:
    source = (
        '{% from "shell/macros/forms.html" import confirm, error_summary, field, fields, form_buttons %}' + template
    )
    return str(engines["jinja2"].from_string(source).render({"form": form}))


def test_component_of_chooses_the_component_by_the_widget() -> None:
    kinds = {bound.name: component_of(bound).kind for bound in GalleryForm()}

    assert kinds == {
        "name": "input",
        "summary": "counted",
        "notes": "textarea",
        "rating": "radios",
        "ask": "radios",
        "other": "input",
        "units": "checkboxes",
        "lead": "select",
        "starts_on": "date",
        "weeks": "input",
        "saving": "input",
        "email": "input",
        "password": "password",
        "file": "file",
        "agree": "checkboxes",
    }


def test_numbers_are_typed_as_text_with_a_numeric_keyboard() -> None:
    form = GalleryForm({"weeks": "six"})

    assert component_of(form["weeks"]).params["inputmode"] == "numeric"
    assert component_of(form["saving"]).params["inputmode"] == "decimal"
    assert component_of(form["weeks"]).params["type"] == "text"
    assert component_of(form["weeks"]).params["value"] == "six"


def test_an_initial_date_fills_its_boxes_and_errors_mark_them() -> None:
    class StartForm(forms.Form):
        starts_on = DateField()

    wrong = StartForm({"starts_on_day": "3", "starts_on_year": "2026"})

    boxes = component_of(GalleryForm(initial={"starts_on": "2026-11-03"})["starts_on"]).params["items"]
    marked = component_of(wrong["starts_on"]).params["items"]

    assert [box["value"] for box in boxes] == ["3", "11", "2026"]
    assert [box["name"] for box in marked if "input--error" in box["classes"]] == ["starts_on_month"]
    assert problems_of(wrong) == [Problem("Starts on must include a month", "#id_starts_on_month")]


def test_whatever_people_typed_is_escaped_everywhere() -> None:
    class HostileForm(forms.Form):
        text = forms.CharField(label=MARKUP, help_text=MARKUP)
        long = forms.CharField(widget=forms.Textarea, max_length=9000)
        choice = forms.ChoiceField(choices=[(MARKUP, MARKUP)], widget=forms.RadioSelect)
        several = forms.MultipleChoiceField(choices=[(MARKUP, MARKUP)], widget=forms.CheckboxSelectMultiple)
        select = forms.ChoiceField(choices=[(MARKUP, MARKUP)])
        starts_on = DateField(label=MARKUP)

        def clean(self) -> None:
            self.add_error("text", MARKUP)
            self.add_error(None, MARKUP)

    form = HostileForm({"text": MARKUP, "long": MARKUP, "choice": MARKUP, "starts_on_day": MARKUP})

    html = rendered(
        form,
        "{{ error_summary(form) }}{{ fields(form) }}{{ confirm('', form.errors.text[0], form.errors.text[0], '/') }}",
    )

    assert html.count("&lt;script&gt;") > 10
    assert "<script" not in html
    assert "<b>" not in html


def test_a_label_once_marked_safe_is_escaped_too() -> None:
    from django.utils.safestring import mark_safe

    class SafeForm(forms.Form):
        text = forms.CharField(label=mark_safe("<i>label</i>"), help_text=mark_safe("<i>help</i>"))

    assert "<i>" not in rendered(SafeForm())


def test_a_textarea_gives_back_exactly_what_it_got() -> None:
    typed = "first line\n\n   indented\nlast"

    assert f">{typed}</textarea>" in rendered(GalleryForm({"notes": typed}), "{{ field(form.notes) }}")


def test_an_optional_field_among_required_ones_says_so() -> None:
    class FilterForm(forms.Form):
        words = forms.CharField(required=False)
        version = forms.IntegerField(widget=forms.HiddenInput)

    form = GalleryForm()

    assert component_of(form["notes"]).params["label"]["text"] == "Notes (optional)"
    assert component_of(form["name"]).params["label"]["text"] == "Name of the workstream"
    assert component_of(FilterForm()["words"]).params["label"]["text"] == "Words"


def test_a_hidden_field_stays_hidden_and_its_problem_has_no_link() -> None:
    class HiddenForm(forms.Form):
        version = forms.IntegerField(widget=forms.HiddenInput)

    form = HiddenForm({})

    assert rendered(form).strip() == '<input type="hidden" name="version" id="id_version">'
    assert problems_of(form) == [Problem("Enter version", None)]


def test_choices_that_were_made_stay_made() -> None:
    form = GalleryForm({"rating": "red", "units": ["north", "odd"], "lead": "2", "agree": "on"})

    def made(name: str, key: str) -> list[str]:
        return [item["value"] for item in component_of(form[name]).params["items"] if item[key]]

    assert made("rating", "checked") == ["red"]
    assert made("units", "checked") == ["north", "odd"]
    assert made("lead", "selected") == ["2"]
    assert made("agree", "checked") == ["on"]


def test_problems_of_words_djangos_own_errors_as_the_design_system_does() -> None:
    form = GalleryForm({"name": MARKUP, "summary": "x" * 450, "weeks": "9", "rating": "blue", "email": "nobody"})

    assert problems_of(form) == [
        Problem(f"Another workstream has the name {MARKUP}. Choose a different one.", None),
        Problem("Your answer must be 400 characters or fewer. You have used 450.", "#id_summary"),
        Problem("Choose one of the options for rating", "#id_rating"),
        Problem("Answer “What do you need from above?”", "#id_ask"),
        Problem("Select units asked", "#id_units"),
        Problem("Select lead", "#id_lead"),
        Problem("Enter planned start", "#id_starts_on_day"),
        Problem("Length must be 8 or less", "#id_weeks"),
        Problem("Enter a valid email address", "#id_email"),
        Problem("Enter password", "#id_password"),
        Problem("Tick “I have read the constraints of this programme” to continue", "#id_agree"),
    ]


def test_every_problem_leads_to_an_input_that_is_on_the_page() -> None:
    form = GalleryForm({"starts_on_day": "31"})
    html = rendered(form)

    hrefs = [problem.href for problem in problems_of(form) if problem.href]

    assert len(hrefs) > 8
    assert [href for href in hrefs if f'id="{href[1:]}"' not in html] == []


def test_a_widget_without_a_component_is_refused() -> None:
    class SplitForm(forms.Form):
        moment = forms.SplitDateTimeField()

    with pytest.raises(TypeError, match="SplitDateTimeWidget"):
        component_of(SplitForm()["moment"])


@pytest.mark.parametrize(
    ("number", "shown"), [(1, [1, 2, None, 10]), (4, [1, 2, 3, 4, 5, None, 10]), (10, [1, None, 9, 10])]
)
def test_pages_of_keeps_the_query_and_leaves_out_the_middle(number: int, shown: list[int | None]) -> None:
    request = RequestFactory().get("/x/?q=a%26b&page=7")

    params: dict[str, Any] = pages_of(Paginator(range(100), 10).page(number), request)

    assert [item.get("number") for item in params["items"]] == shown
    assert params["items"][0]["href"] == "?q=a%26b&page=1"
    assert ("previous" in params, "next" in params) == (number > 1, number < 10)
