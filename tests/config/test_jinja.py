from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from django.template import engines
from django.test import RequestFactory


def render(source: str, **context: Any) -> str:
    return str(engines["jinja2"].from_string(source).render(context))


class Row:
    name = "Front desk"


@pytest.mark.parametrize(
    "source", ["{{ nothing }}", "{{ row.nmae }}", "{% if row.nmae %}x{% endif %}", "{{ row.name.x }}"]
)
def test_a_missing_name_stops_the_page(source: str) -> None:
    assert render("{{ row.name }}", row=Row()) == "Front desk"

    with pytest.raises(jinja2.UndefinedError):
        render(source, row=Row())


def test_a_key_left_out_of_a_dict_is_empty() -> None:
    assert render("{{ params.a.b.c }}{% if params.x %}x{% endif %}-", params={}) == "-"


def test_query_changes_a_part_of_the_address() -> None:
    request = RequestFactory().get("/list/?q=a&page=2")

    assert render("{{ query(request, page=3, sort='name') }}", request=request) == "?q=a&amp;page=3&amp;sort=name"
    assert render("{{ query(request, page=none) }}", request=request) == "?q=a"
    assert render("{{ query(request, page=none, q=none) }}", request=request) == "/list/"


def test_url_and_has_url() -> None:
    assert (
        render("{{ url('privacy') }} {{ has_url('privacy') }} {{ has_url('no_such_page') }}") == "/privacy/ True False"
    )


RATING = '{% from "shell/macros/status.html" import rating_tag %}{{ rating_tag(rating) }}'


@pytest.mark.parametrize(
    ("rating", "shape", "word"),
    [
        ("green", "green", "On track"),
        ("amber", "amber", "At risk"),
        ("red", "red", "Off track"),
        ("silent", "silent", "Silent"),
        (None, "none", "Not rated"),
        ("", "none", "Not rated"),
    ],
)
def test_a_rating_has_a_word_and_a_shape(rating: str | None, shape: str, word: str) -> None:
    html = render(RATING, rating=rating)

    assert f"shapes.svg#{shape}" in html
    assert f">{word}<" in html


def test_every_shape_of_a_rating_is_in_the_sprite(finds: Callable[[str], str]) -> None:
    sprite = finds("shapes.svg")
    for shape in ["green", "amber", "red", "amber-green", "amber-red", "silent", "none", "complete", "stopped", "mark"]:
        assert f'id="{shape}"' in sprite


def test_a_table_escapes_text_and_keeps_what_macros_made() -> None:
    html = render(
        '{% from "shell/macros/tables.html" import data_table %}{% from "shell/macros/status.html" import status_tag %}'
        '{{ data_table("Who & what", ["Name", {"label": "Sum", "numeric": true}], [["<i>A</i>", status_tag("<u>")]]) }}'
    )

    assert "&lt;i&gt;A&lt;/i&gt;" in html
    assert "&lt;u&gt;</strong>" in html
    assert 'data-label="Sum"' in html
    assert 'role="region" aria-labelledby="table-who-what"' in html
    assert (
        '<caption class="govuk-table__caption govuk-table__caption--m" id="table-who-what">Who &amp; what</caption>'
        in html
    )
