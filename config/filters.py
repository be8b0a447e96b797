"""How figures, dates and instants read on a page."""

from functools import lru_cache
from typing import Any

from django.utils.text import slugify

from partners.calendar.rules import words_for_year, words_for_years
from partners.clock.rules import (
    local_date,
    words_for_age,
    words_for_date,
    words_for_instant,
    words_for_moment,
    words_for_time,
)
from programmes.savings.rules import words_for_pounds, words_for_pounds_in_short, words_for_range


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count with its noun: ``1 workstream``, ``3 workstreams``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def initial_lower(text: str) -> str:
    """The text to stand inside a sentence; an abbreviation such as ``API token`` stays as it is."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


FILTERS: dict[str, Any] = {
    "date_words": lru_cache(maxsize=4096)(words_for_date),  # a list repeats few dates in many rows
    "instant_words": lru_cache(maxsize=4096)(words_for_instant),
    "moment_words": lru_cache(maxsize=4096)(words_for_moment),
    "time_words": words_for_time,
    "age_words": words_for_age,
    "local_date": local_date,
    "money": words_for_pounds,
    "money_short": words_for_pounds_in_short,
    "money_range": words_for_range,
    "year_words": words_for_year,
    "years_words": words_for_years,
    "plural": plural,
    "slug": slugify,
    "initial_lower": initial_lower,
}
