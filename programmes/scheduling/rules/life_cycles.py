"""What a version of a life cycle may consist of. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from partners.audit.rules import Refused
from partners.people.rules.typed import one_line

LIFE_CYCLE_NAME_LENGTH = STAGE_TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 1000
NOTE_LENGTH = 300
QUESTION_LENGTH = 300
MOST_STAGES, MOST_QUESTIONS = 20, 20
KEY_LENGTH = 50


@dataclass(frozen=True, slots=True)
class StageGiven:
    """A stage of a version, and the gate before it. A stage that goes on from the version before keeps its ``key``."""

    title: str
    gate_title: str
    checklist: tuple[str, ...] = ()
    key: str = ""


def checked_stages(stages: Sequence[StageGiven]) -> list[StageGiven]:
    """The stages in their order, each with a key of its own.

    Raises: Refused for no stage or too many, text that is not allowed, or a title that comes twice.
    """
    if not stages:
        raise Refused("A life cycle has at least one stage. Give its title.", field="stages")
    if len(stages) > MOST_STAGES:
        raise Refused(f"A life cycle has {MOST_STAGES} stages at most, this has {len(stages)}.", field="stages")
    found: list[StageGiven] = []
    keys = {stage.key for stage in stages if stage.key}
    for number, stage in enumerate(stages, 1):
        title = one_line(stage.title, limit=STAGE_TITLE_LENGTH, field="stages", named=f"a title for stage {number}")
        if title.casefold() in {other.title.casefold() for other in found}:
            raise Refused(f"Two stages are called {title}. Give each its own title.", field="stages")
        gate = one_line(
            stage.gate_title, limit=STAGE_TITLE_LENGTH, field="stages", named=f"a name for the gate before {title}"
        )
        key = stage.key or _free_key(title, keys)
        if key in {other.key for other in found}:
            raise Refused(f"{title} is there twice. Open the page again.", field="stages")
        keys.add(key)
        found.append(StageGiven(title, gate, _questions(title, stage.checklist), key))
    return found


def key_of(words: str) -> str:
    """Reads "business-case" for "Business case"; "stage" where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:KEY_LENGTH].strip("-") or "stage"


def _free_key(title: str, taken: set[str]) -> str:
    wanted = key_of(title)
    tries = (f"{wanted[: KEY_LENGTH - 3]}-{number}" for number in range(2, MOST_STAGES + 3))
    return wanted if wanted not in taken else next(each for each in tries if each not in taken)


def _questions(title: str, asked: Sequence[str]) -> tuple[str, ...]:
    kept = [question for question in asked if question.strip()]
    if len(kept) > MOST_QUESTIONS:
        raise Refused(
            f"The gate before {title} asks {len(kept)} questions. {MOST_QUESTIONS} is the most: put some together.",
            field="stages",
        )
    named = f"a line of the checklist before {title}"
    return tuple(one_line(each, limit=QUESTION_LENGTH, field="stages", named=named) for each in kept)
