from decimal import Decimal

import pytest

from config.filters import initial_lower, money, money_short, plural


@pytest.mark.parametrize(
    ("amount", "full", "short"),
    [
        (None, "Not known", "Not known"),
        (0, "£0", "£0"),
        (Decimal("99.5"), "£99.50", "£99.50"),
        (1250, "£1,250", "£1,250"),
        (Decimal("999999.99"), "£999,999.99", "£999,999.99"),
        (78_000_000, "£78,000,000", "£78m"),
        (Decimal("12449999"), "£12,449,999", "£12.4m"),
        (-1_500_000, "−£1,500,000", "−£1.5m"),
    ],
)
def test_money_reads_in_full_and_in_short(amount: Decimal | int | None, full: str, short: str) -> None:
    assert (money(amount), money_short(amount)) == (full, short)


def test_plural_counts_with_its_noun() -> None:
    assert [plural(0, "day"), plural(1, "day"), plural(1200, "day"), plural(2, "person", "people")] == [
        "0 days",
        "1 day",
        "1,200 days",
        "2 people",
    ]


def test_initial_lower_leaves_abbreviations() -> None:
    assert [initial_lower(text) for text in ("Planned start", "API token", "A", "")] == [
        "planned start",
        "API token",
        "a",
        "",
    ]
