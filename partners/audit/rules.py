"""Refusals: every anticipated "no" carries the sentence that the person is shown."""

from collections.abc import Iterable, Sequence


class Refused(Exception):
    """A rule says no. The sentence says what happened and what to do next."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Conflict(Refused):
    """Somebody changed the same thing meanwhile; nothing was written."""


class NotPermitted(Exception):
    """This person may not do this. The sentence names the act and who may do it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def changed_meanwhile(thing: str, changes: Iterable[tuple[str, Iterable[str]]]) -> Conflict:
    """What the second of two people who save at once is told: who changed what, as (name, parts changed)."""
    found = list(changes)
    who = listed(list(dict.fromkeys(name for name, _ in found))) or "Somebody"
    what = listed(list(dict.fromkeys(part for _, parts in found for part in parts)))
    return Conflict(
        f"{who} changed {f'{what} of {thing}' if what else thing} while you were working on it. "
        "Nothing of yours is saved yet: compare it with what is saved now, then save again."
    )


def listed(words: Sequence[str]) -> str:
    """Reads "one, two and three"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
