"""What may be searched, sorted and narrowed, and how. Plain values in, plain values out."""

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100
MOST_WORDS = 8
SEARCHED = {
    "programmes": "Programmes",
    "workstreams": "Workstreams",
    "reviews": "Reviews",
    "consultations": "Consultations",
    "lessons": "Lessons",
    "positions": "Positions (views, not decisions)",
    "consortia": "Consortia",
    "organisations": "Organisations",
    "tasks": "My tasks",
    "people": "People",
}


def words_of(text: str) -> list[str]:
    """The words that a result must hold, each once, in the order typed; at most ``MOST_WORDS``."""
    return list(dict.fromkeys(text.casefold().split()))[:MOST_WORDS]


# The orders of the board: the column that each sorts by, in the order of its columns.
SORTS = {
    "worst": "Most in need of attention first",
    "name": "Name",
    "stage": "Stage",
    "silent": "Most silent workstreams first",
    "oldest": "Longest without a report first",
    "asks": "Most asks first",
    "review": "Review that closes next first",
}
ONLY = {
    "silent": "With silent workstreams",
    "asks": "With open asks",
    "late": "With a stage that is late",
    "review": "With an open review",
    "ended": "That have ended",
}
PAGE_SIZES = (100, 25, 50, 1000)
