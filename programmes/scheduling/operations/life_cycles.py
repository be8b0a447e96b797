from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.queries import changes_since
from partners.audit.rules import Conflict, Refused, changed_meanwhile
from partners.people.changes import lock_organisation
from partners.people.models import User
from partners.people.rules.typed import lines, one_line
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.scheduling.changes import add_stages, settle_gate_reminders
from programmes.scheduling.models import LifeCycle, LifeCycleVersion, Stage, StageDefinition
from programmes.scheduling.operations.locking import locked_programme
from programmes.scheduling.permissions import check_can_manage_life_cycles, check_can_run_stages
from programmes.scheduling.rules import (
    DESCRIPTION_LENGTH,
    LIFE_CYCLE_NAME_LENGTH,
    NOTE_LENGTH,
    StageGiven,
    checked_stages,
    key_of,
)

PARTS = {
    "name": "the name",
    "description": "the description",
    "is_offered": "whether it is offered",
    "is_default": "whether it is the default",
}
FIRST_NOTE = "First version"


@transaction.atomic(durable=True)
def add_life_cycle(
    *, name: str, description: str, stages: Sequence[StageGiven], request_key: UUID, by: User, now: datetime
) -> LifeCycle:
    """A life cycle with its first version, on offer at once. ``request_key`` becomes the id; a repeat returns the first.

    Raises: NotPermitted; Refused for text or stages that are not allowed, or a name that is taken.
    """
    lock_organisation()
    check_can_manage_life_cycles(by)
    known = LifeCycle.objects.filter(pk=request_key).first()
    if known is not None:
        return known
    life_cycle = LifeCycle(pk=request_key, key=_free_key(name), **_checked(name, description))
    life_cycle.save(force_insert=True)
    version = _publish(life_cycle, 1, FIRST_NOTE, checked_stages(stages), by=by, now=now)
    record(
        by=by,
        now=now,
        action="scheduling.add_life_cycle",
        subject=life_cycle,
        summary=f"added the life cycle {life_cycle}",
        after=_values(life_cycle) | {"stages": _told(version)},
    )
    return life_cycle


@transaction.atomic(durable=True)
def publish_version(
    *, life_cycle_id: UUID, based_on: int, note: str, stages: Sequence[StageGiven], by: User, now: datetime
) -> LifeCycleVersion:
    """The next version of a life cycle. Programmes keep the version that they follow; those set up later get this one.

    ``based_on`` is the number of the newest version that the person read. Returns that when nothing differs from it.

    Raises: NotPermitted; Conflict when somebody published another version meanwhile; Refused for text or stages that
    are not allowed.
    """
    life_cycle = _locked(life_cycle_id, by)
    newest = LifeCycleVersion.objects.filter(life_cycle=life_cycle).select_related("published_by").latest("number")
    wanted, before = checked_stages(stages), _given(newest)
    if wanted == before:
        return newest
    if newest.number != based_on:
        who = newest.published_by.name if newest.published_by else "The product"
        raise Conflict(
            f"{who} published version {newest.number} of {life_cycle} while you were working on it. Nothing of yours is "
            "saved yet: compare it with that version, then publish again."
        )
    said = one_line(note, limit=NOTE_LENGTH, field="note", named="what is new")
    version = _publish(life_cycle, newest.number + 1, said, wanted, by=by, now=now)
    record(
        by=by,
        now=now,
        action="scheduling.publish_version",
        subject=life_cycle,
        summary=f"published version {version.number} of the life cycle {life_cycle}: {said}",
        before={"stages": _told(newest)},
        after={"stages": _told(version)},
    )
    return version


@transaction.atomic(durable=True)
def change_life_cycle(
    *, life_cycle_id: UUID, version: int, name: str, description: str, by: User, now: datetime
) -> LifeCycle:
    """Change what a life cycle is called and what is said of it. Returns it as it was when it says all this already.

    Raises: NotPermitted; Conflict; Refused for text that is not allowed, or a name that is taken.
    """
    life_cycle = _locked(life_cycle_id, by)
    before = _values(life_cycle)
    for part, value in _checked(name, description, but=life_cycle).items():
        setattr(life_cycle, part, value)
    if _values(life_cycle) == before:
        return life_cycle
    if life_cycle.version != version:
        raise _changed_meanwhile(life_cycle, version)
    _save(life_cycle, "change_life_cycle", f"changed the life cycle {life_cycle}", before, by=by, now=now)
    return life_cycle


@transaction.atomic(durable=True)
def offer_life_cycle(*, life_cycle_id: UUID, is_offered: bool, by: User, now: datetime) -> LifeCycle:
    """Offer a life cycle to new programmes, or withdraw it. Programmes that follow it go on with it. A repeat is harmless.

    Raises: NotPermitted; Refused to withdraw the default one.
    """
    life_cycle = _locked(life_cycle_id, by)
    if life_cycle.is_offered == is_offered:
        return life_cycle
    if life_cycle.is_default:
        raise Refused(f"{life_cycle} is the default. Choose another default before you withdraw it.")
    before, life_cycle.is_offered = _values(life_cycle), is_offered
    told = f"{'offered' if is_offered else 'withdrew'} the life cycle {life_cycle}"
    _save(life_cycle, "offer_life_cycle", told, before, by=by, now=now)
    return life_cycle


@transaction.atomic(durable=True)
def choose_default_life_cycle(*, life_cycle_id: UUID, by: User, now: datetime) -> LifeCycle:
    """New programmes get this life cycle unless another is chosen. A repeat is harmless.

    Raises: NotPermitted; Refused for one that is withdrawn.
    """
    life_cycle = _locked(life_cycle_id, by)
    if life_cycle.is_default:
        return life_cycle
    if not life_cycle.is_offered:
        raise Refused(f"{life_cycle} is withdrawn. Offer it before you make it the default.")
    LifeCycle.objects.filter(is_default=True).update(is_default=False)
    before, life_cycle.is_default = _values(life_cycle), True
    told = f"made {life_cycle} the default life cycle"
    _save(life_cycle, "choose_default_life_cycle", told, before, by=by, now=now)
    return life_cycle


@transaction.atomic(durable=True)
def choose_life_cycle(*, programme_id: UUID, life_cycle_id: UUID, by: User, now: datetime) -> list[Stage]:
    """Let a programme follow the newest version of another life cycle, while none of its stages has started.

    The stages that it had are kept, with what was planned and decided, and replaced. Returns the new ones; those that
    it has when it follows that version already.

    Raises: NotPermitted; Refused when the programme ended, a stage has started, or the life cycle is not offered.
    """
    programme = locked_programme(programme_id)
    check_can_run_stages(by, programme)
    check_runs(programme)
    stages = list(Stage.objects.filter(programme=programme, replaced_at=None).order_by("position", "pk"))
    started = next((stage for stage in stages if stage.started_on), None)
    if started:
        raise Refused(f"{started} has started. A programme keeps its life cycle from its first start on.")
    before = _followed(programme)
    if before and before.life_cycle_id == life_cycle_id and before == _newest(life_cycle_id):
        return stages
    Stage.objects.filter(pk__in=[stage.pk for stage in stages]).update(is_active=False, replaced_at=now, replaced_by=by)
    added = add_stages(programme, life_cycle_id)
    settle_gate_reminders([programme.pk], now=now)
    after = _followed(programme)
    record(
        by=by,
        now=now,
        action="scheduling.choose_life_cycle",
        subject=programme,
        scope_id=programme.scope_id,
        summary=f"chose the life cycle {after} for {programme.name}",
        before={"life_cycle": str(before or "")},
        after={"life_cycle": str(after)},
    )
    return added


def _locked(life_cycle_id: UUID, by: User) -> LifeCycle:
    """The life cycle, once it is sure that the person may change it. All of them change one by one."""
    lock_organisation()
    check_can_manage_life_cycles(by)
    return LifeCycle.objects.get(pk=life_cycle_id)


def _newest(life_cycle_id: UUID) -> LifeCycleVersion | None:
    return LifeCycleVersion.objects.filter(life_cycle=life_cycle_id).order_by("-number").first()


def _followed(programme: Programme) -> LifeCycleVersion | None:
    rows = LifeCycleVersion.objects.select_related("life_cycle")
    return rows.filter(definitions__stages__programme=programme, definitions__stages__replaced_at=None).first()


def _checked(name: str, description: str, *, but: LifeCycle | None = None) -> dict[str, str]:
    name = one_line(name, limit=LIFE_CYCLE_NAME_LENGTH, field="name", named="a name")
    others = LifeCycle.objects.filter(name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise Refused(f"There is a life cycle called {name} already. Choose another name.", field="name")
    said = lines(description, limit=DESCRIPTION_LENGTH, field="description", named="the description")
    return {"name": name, "description": said}


def _free_key(name: str) -> str:
    wanted, taken = key_of(name), set(LifeCycle.objects.values_list("key", flat=True))
    tries = (f"{wanted[:40]}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(each for each in tries if each not in taken)


def _publish(
    life_cycle: LifeCycle, number: int, note: str, stages: Sequence[StageGiven], *, by: User, now: datetime
) -> LifeCycleVersion:
    version = LifeCycleVersion.objects.create(
        life_cycle=life_cycle, number=number, note=note, published_at=now, published_by=by
    )
    StageDefinition.objects.bulk_create(
        StageDefinition(
            of_version=version,
            position=position,
            key=stage.key,
            title=stage.title,
            gate_title=stage.gate_title,
            checklist=list(stage.checklist),
        )
        for position, stage in enumerate(stages, 1)
    )
    return version


def _given(version: LifeCycleVersion) -> list[StageGiven]:
    return [
        StageGiven(row.title, row.gate_title, tuple(row.checklist), row.key)
        for row in version.definitions.order_by("position")
    ]


def _told(version: LifeCycleVersion) -> list[dict[str, object]]:
    """Stages as audit events keep them."""
    return [
        {"title": stage.title, "gate": stage.gate_title, "checklist": list(stage.checklist)}
        for stage in _given(version)
    ]


def _values(life_cycle: LifeCycle) -> dict[str, object]:
    return {part: getattr(life_cycle, part) for part in (*PARTS, "version")}


def _save(life_cycle: LifeCycle, act: str, summary: str, before: dict[str, object], *, by: User, now: datetime) -> None:
    life_cycle.version += 1
    life_cycle.save(update_fields=[*PARTS, "version"])
    after = _values(life_cycle)
    changed = [part for part, value in after.items() if before[part] != value]
    record(
        by=by,
        now=now,
        action=f"scheduling.{act}",
        subject=life_cycle,
        summary=summary,
        before={part: before[part] for part in changed},
        after={part: after[part] for part in changed},
    )


def _changed_meanwhile(life_cycle: LifeCycle, version: int) -> Conflict:
    events = changes_since(life_cycle.pk, version)
    told = [(event.actor_name, [PARTS[part] for part in event.after or {} if part in PARTS]) for event in events]
    return changed_meanwhile(f"the life cycle {life_cycle}", told)
