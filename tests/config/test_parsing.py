import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from config.parsing import DEEPEST, LARGEST_BODY_BYTES, PlainJSONParser


def parse(body):
    return PlainJSONParser().parse(io.BytesIO(body if isinstance(body, bytes) else body.encode()))


@pytest.mark.parametrize("data", [{"a": [1, "é", None, {"b": 1.5}]}, [], "text", "李", 7, None, {"": ""}])
def test_what_can_be_stored_is_read(data):
    assert parse(json.dumps(data)) == data
    assert parse(json.dumps(data, ensure_ascii=False)) == data


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"a": "\xff"}', "not UTF-8"),
        ('{"a": "x\\u0000"}', "The text at a holds a NUL"),
        ('{"a": {"b": ["x", "\\ud800"]}}', "The text at a.b.1 holds a NUL or half a character"),
        ('{"\\u0000": 1}', "The text at the top holds a NUL"),
        ('{"\\udfff": "\\udfff"}', "holds a NUL or half"),
        ('{"a": 1e999}', "The number at a is too large"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": ' + "1" * 5000 + "}", "not JSON"),
        ("[" * 100_000, "nested more than 50 deep"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "nested more than 50 deep"),
        ("{", "not JSON"),
        ("", "not JSON"),
        (b" " * (LARGEST_BODY_BYTES + 1), "larger than 6 MB"),
    ],
    ids=lambda value: None if isinstance(value, str) and len(value) < 60 else "body",
)
def test_what_cannot_be_stored_is_refused_with_its_place(body, sentence):
    with pytest.raises(ParseError) as refused:
        parse(body)

    assert sentence in str(refused.value.detail)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body):
    with contextlib.suppress(ParseError):
        parse(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_read_can_be_written(data):
    body = json.dumps(data).encode()
    try:
        found = parse(body)
    except ParseError:
        return
    assert found == data
    assert "\0" not in json.dumps(found, ensure_ascii=False)
    json.dumps(found, ensure_ascii=False).encode()
