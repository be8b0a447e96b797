from config.filters import initial_lower, plural


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
