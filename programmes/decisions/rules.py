"""What a draft holds, what an office is told, and which partners every option needs. Plain values in, plain values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from partners.audit.rules import Refused, listed
from programmes.decisions.enums import NeedLevel, PartnerFate, WorkFate

TITLE_LENGTH = 200
QUESTION_LENGTH = 4000
RATIONALE_LENGTH = 8000
SOURCE_LENGTH = 200
CONDITION_LENGTH = 300
MOST_CONDITIONS = 10
WAIVER_LENGTH = 500
DESCRIPTION_LENGTH = 4000
REJECTED_LENGTH = 500
NOTE_LENGTH = 300
REASON_LENGTH = 300
MOST_OPTIONS = 8


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """A review that the decision opens."""

    title: str
    purpose: str
    starts_on: date
    weeks: int


@dataclass(frozen=True, slots=True)
class ConditionDraft:
    """A condition of passing a gate: who meets it, and by which day."""

    text: str
    owner_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True)
class Draft:
    """The words of a decision and what it is to do. An empty part does nothing.

    ``delivery_model`` and ``gate_result`` hold values of ``DeliveryModel`` and ``GateResult``.
    """

    title: str
    question: str
    office_id: UUID
    rationale: str = ""
    source: str = ""
    ends_programme: bool = False
    delivery_model: str = ""
    gate_id: UUID | None = None
    gate_result: str = ""
    gate_conditions: tuple[ConditionDraft, ...] = ()
    gate_waiver_reason: str = ""
    supersedes_id: UUID | None = None
    review: ReviewDraft | None = None


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """How much of a capability an option needs of partners."""

    capability_id: UUID
    level: NeedLevel
    note: str = ""


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """One way to decide. ``ambition`` and ``delivery_model`` hold values of ``Ambition`` and ``DeliveryModel``."""

    title: str
    ambition: int
    delivery_model: str
    description: str = ""
    needs: tuple[NeedDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkDisposition:
    """What becomes of a workstream or a saving; ``move_to_id`` is the programme that it moves to."""

    thing_id: UUID
    fate: WorkFate
    move_to_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of an engagement."""

    engagement_id: UUID
    ends_on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class PartnerDisposition:
    """Where a relationship stands afterwards; an owner and the last day of it where it stays available."""

    relationship_id: UUID
    fate: PartnerFate
    owner_id: UUID | None = None
    expires_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dispositions:
    """What becomes of everything that a programme leaves behind; one for each thing at most."""

    workstreams: tuple[WorkDisposition, ...] = ()
    engagements: tuple[LastDay, ...] = ()
    relationships: tuple[PartnerDisposition, ...] = ()
    savings: tuple[WorkDisposition, ...] = ()

    def says_the_same_as(self, other: "Dispositions") -> bool:
        """Whatever the order."""
        parts = ("workstreams", "engagements", "relationships", "savings")
        return all(set(getattr(self, part)) == set(getattr(other, part)) for part in parts)


@dataclass(frozen=True, slots=True)
class Need:
    """A capability that is needed, and how much of it."""

    capability: str
    level: NeedLevel


@dataclass(frozen=True, slots=True)
class ComparedOption:
    """An option as a column of the comparison; ``needs`` by capability."""

    id: UUID
    title: str
    description: str
    ambition: str
    delivery_model: str
    is_chosen: bool
    rejected_because: str
    needs: Mapping[str, NeedLevel] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def common_needs(options: Sequence[ComparedOption]) -> list[Need]:
    """What partners are needed for under every option, each at the lowest of its levels, by name; none without options."""
    if not options:
        return []
    names = set.intersection(*(set(option.needs) for option in options))
    return [Need(name, min(option.needs[name] for option in options)) for name in sorted(names)]


def capabilities_in(options: Iterable[ComparedOption]) -> list[str]:
    """Every capability that some option needs, by name."""
    return sorted({name for option in options for name in option.needs})


def comparison_rows(options: Sequence[ComparedOption]) -> list[list[str]]:
    """The comparison as rows of a table, one for each aspect, with a cell for each option."""

    def level(option: ComparedOption, capability: str) -> str:
        if capability not in option.needs:
            return "Not needed"
        note = option.notes.get(capability)
        return option.needs[capability].label + (f": {note}" if note else "")

    return [
        ["Ambition", *(option.ambition for option in options)],
        ["Delivery model", *(option.delivery_model for option in options)],
        *(
            [f"Partners: {capability}", *(level(option, capability) for option in options)]
            for capability in capabilities_in(options)
        ),
        ["Why, or why not", *(_verdict(option) for option in options)],
    ]


def words_for_common_needs(options: Sequence[ComparedOption]) -> str:
    """What is needed whichever option is chosen, as one sentence."""
    if not options:
        return "There is no option yet, so nothing can be said of partners."
    needs = common_needs(options)
    which = "Under the one option" if len(options) == 1 else f"Whichever of the {len(options)} options is chosen"
    if not needs:
        return (
            f"{which}, no capability of partners is needed under every one."
            if len(options) > 1
            else (f"{which}, no partner is needed.")
        )
    heavy = [need.capability for need in needs if need.level == NeedLevel.HEAVY]
    light = [need.capability for need in needs if need.level == NeedLevel.LIGHT]
    parts = [f"{word} for {listed(names)}" for word, names in (("heavily", heavy), ("lightly", light)) if names]
    return f"{which}, partners are needed {' and '.join(parts)}."


def check_choice(options: Sequence[ComparedOption], *, is_gate_decision: bool) -> None:
    """Raises: Refused when no option is chosen, or one that is not chosen has no reason. A gate decision needs none."""
    if not options and is_gate_decision:
        return
    if not any(option.is_chosen for option in options):
        raise Refused(
            "No option is chosen. Choose one, and say why not the others."
            if options
            else "A decision needs at least one option. Add one and choose it."
        )
    silent = [option.title for option in options if not option.is_chosen and not option.rejected_because]
    if silent:
        raise Refused(f"Say why not: {listed(silent)}. Every option that is not chosen needs a reason.")


def no_disposition(kind: str, name: str) -> str:
    """Reads "Workstream Custody tablets has no disposition."."""
    return f"{kind} {name} has no disposition."


def _verdict(option: ComparedOption) -> str:
    return "Proposed" if option.is_chosen else option.rejected_because or "Not said yet"
