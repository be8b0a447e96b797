"""Refusals: every anticipated "no" carries the sentence that the person is shown."""


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
