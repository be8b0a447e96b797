"""What the built styles must and must not hold, and the contrast of our colours."""

import re
from collections.abc import Callable

import pytest

from config.environment import ROOT

TOKENS = (ROOT / "config" / "frontend" / "scss" / "_tokens.scss").read_text()
COLOURS = dict(re.findall(r"^\$([\w-]+): (#[0-9a-f]{6});", TOKENS, re.MULTILINE))
RATINGS = re.findall(r'"([\w-]+)": \((#\w{6}), (#\w{6}), (#\w{6})\)', TOKENS)
PAIRS = [
    ("text", "white"),
    ("text", "tint"),
    ("muted", "white"),
    ("muted", "tint"),
    ("teal", "white"),
    ("teal", "tint"),
    ("white", "ink"),
    ("white", "deep"),
    ("white", "teal"),
    ("white", "teal-dark"),
    ("ink", "brass"),
    ("ink", "mint"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, definition of contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_stands_out(ink: str, paper: str) -> None:
    assert contrast(COLOURS[ink], COLOURS[paper]) >= 4.5


@pytest.mark.parametrize(("name", "word", "paper", "shape"), RATINGS)
def test_a_rating_can_be_read_and_its_shape_seen(name: str, word: str, paper: str, shape: str) -> None:
    assert contrast(word, paper) >= 4.5
    assert contrast(shape, paper) >= 3
    assert contrast(shape, COLOURS["white"]) >= 3


def test_all_ratings_are_measured() -> None:
    assert len(RATINGS) == 9


def test_the_styles_leave_out_the_crown_and_its_typeface(finds: Callable[[str], str]) -> None:
    styles = finds("app.css")

    assert "Segoe UI" in styles
    assert re.findall(r"GDS Transport|crest|crown|@font-face|url\(", styles, re.IGNORECASE) == []


@pytest.mark.parametrize("name", ["app.js", "start.js", "admin.css", "favicon.svg"])
def test_the_build_made(finds: Callable[[str], str], name: str) -> None:
    assert finds(name)
