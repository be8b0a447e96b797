"""How figures, dates and instants read on a page."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.text import slugify

from partners.clock.rules import (
    local_date,
    words_for_age,
    words_for_date,
    words_for_instant,
    words_for_moment,
    words_for_time,
)

MILLION = Decimal(1_000_000)


def money(amount: Decimal | int | None) -> str:
    """Pounds with separators; pence only where there are some: ``£1,250``, ``£99.50``."""
    if amount is None:
        return "Not known"
    pounds = Decimal(amount)
    sign = "−" if pounds < 0 else ""
    digits = f"{abs(pounds):,.2f}".removesuffix(".00")
    return f"{sign}£{digits}"


def money_short(amount: Decimal | int | None) -> str:
    """Pounds in millions from one million on: ``£78m``, ``£12.4m``; below that as ``money``."""
    if amount is None or abs(Decimal(amount)) < MILLION:
        return money(amount)
    pounds = Decimal(amount)
    sign = "−" if pounds < 0 else ""
    digits = f"{abs(pounds) / MILLION:,.1f}".removesuffix(".0")
    return f"{sign}£{digits}m"


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
    "money": money,
    "money_short": money_short,
    "plural": plural,
    "slug": slugify,
    "initial_lower": initial_lower,
}
