from typing import Any

import pytest
from django import forms

from partners.people.forms import MOST_OFFERED, LinesField, PersonField
from partners.people.models import User
from tests.architecture.tree import modules
from tests.builders import make_person

NOBODY = "Nobody with an account has this address or name. Check it, or ask an administrator to add them"


class Named(forms.Form):
    lead = PersonField(required=False)


def gone_person(name: str) -> User:
    person = make_person(name)
    person.is_active = False
    person.save()
    return person


def forms_of(module: Any) -> list[Any]:
    found = vars(__import__(module.name, fromlist=["forms"])).values()
    return [each for each in found if isinstance(each, type) and issubclass(each, forms.BaseForm)]


def test_a_line_break_counts_once():
    field = LinesField(max_length=5)

    assert field.clean("ab\r\ncd") == "ab\ncd"
    assert field.clean("ab\rcd") == "ab\ncd"
    with pytest.raises(forms.ValidationError):
        field.clean("ab\r\ncde")


def test_every_text_of_several_lines_counts_a_line_break_once():
    found = [
        (form.__name__, name, field)
        for module in modules()
        if module.door == "forms"
        for form in forms_of(module)
        for name, field in form.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    ]

    assert len(found) > 8
    assert [(form, name) for form, name, field in found if not isinstance(field, LinesField)] == []


@pytest.mark.django_db
def test_a_person_is_named_by_address_or_name_in_any_case():
    ama = make_person("Ama Mensah")
    make_person("Ama Mensah-Boateng")

    for typed in (ama.email, f" {ama.email.upper()} ", "Ama Mensah", "ama  mensah"):
        assert PersonField().clean(typed) == ama.pk


@pytest.mark.django_db
def test_nobody_is_guessed():
    first, second = make_person("Ama Mensah"), make_person("Ama Mensah")
    gone = gone_person("Ama Gone")

    def told(typed: str) -> str:
        with pytest.raises(forms.ValidationError) as refused:
            PersonField().clean(typed)
        return str(refused.value.messages[0])

    both = {f"Ama Mensah ({person.email})" for person in (first, second)}
    assert told("Ama Mensah").startswith("Several people have this name. Type the address of the one that you mean: ")
    assert set(told("Ama Mensah").split(": ")[1].split(" or ")) == both
    assert told("Mensah").startswith("Nobody has exactly this address or name. Did you mean Ama Mensah (")
    assert told("Ama Gone") == NOBODY
    assert told(gone.email) == NOBODY
    assert PersonField(required=False).clean("") is None


@pytest.mark.django_db
def test_a_person_who_was_named_before_and_left_is_kept():
    gone = gone_person("Ama Gone")
    form = Named({"lead": gone.email.upper()})
    form.fields["lead"].keeps = gone  # type: ignore[attr-defined]

    assert form.is_valid()
    assert form.cleaned_data["lead"] == gone.pk


@pytest.mark.django_db
def test_people_are_offered_while_they_are_few(monkeypatch):
    ama = make_person("Ama Mensah")

    assert PersonField().suggestions() == [(ama.email, "Ama Mensah")]

    monkeypatch.setattr("partners.people.forms.MOST_OFFERED", 0)
    assert PersonField().suggestions() == []
    assert MOST_OFFERED == 200
