from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.consortia.queries import capabilities_to_choose
from partners.people.models import User
from partners.people.rules.typed import one_line
from programmes.decisions.changes import checked_option
from programmes.decisions.enums import NeedLevel
from programmes.decisions.models import Decision, DecisionOption, OptionNeed
from programmes.decisions.operations.locking import check_version, locked_to_change, next_version
from programmes.decisions.queries import option_draft_of, option_of, options_of
from programmes.decisions.rules import MOST_OPTIONS, REJECTED_LENGTH, NeedDraft, OptionDraft


@transaction.atomic(durable=True)
def add_option(*, decision_id: UUID, option: OptionDraft, request_key: UUID, by: User, now: datetime) -> DecisionOption:
    """Put an option beside the others; ``request_key`` becomes its id, and the same one again returns the first.

    Raises: NotPermitted; Refused for text that is not allowed, a title or capability twice, too many options, or a
    decision that is taken or withdrawn.
    """
    decision = locked_to_change(decision_id, by=by)
    known = DecisionOption.objects.select_related("decision").filter(pk=request_key).first()
    if known is not None:
        if known.decision_id != decision.pk:
            raise Refused("This request was used for another option. Load the page again and send it once more.")
        return known
    others = options_of(decision)
    if others.count() >= MOST_OPTIONS:
        raise Refused(f"A decision compares {MOST_OPTIONS} options at most. Remove one first.")
    option = checked_option(option)
    _check_title(decision, option.title)
    last = others.aggregate(last=Max("position"))["last"] or 0
    added = DecisionOption.objects.create(pk=request_key, decision=decision, position=last + 1, **_columns(option))
    _keep_needs(added, option.needs)
    _record(decision, "add_option", f"added the option {added.title} to", {"options": [added.title]}, by=by, now=now)
    return added


@transaction.atomic(durable=True)
def change_option(
    *, decision_id: UUID, option_id: UUID, version: int, option: OptionDraft, by: User, now: datetime
) -> Decision:
    """Say an option anew with its needs. ``version`` is the decision's; unchanged when it says all this already.

    Raises: NotPermitted; Conflict; Refused as in ``add_option``.
    """
    decision = locked_to_change(decision_id, by=by)
    found = _option(decision, option_id)
    option = checked_option(option)
    if option == option_draft_of(found):
        return decision
    check_version(decision, version)
    _check_title(decision, option.title, but=found)
    DecisionOption.objects.filter(pk=found.pk).update(**_columns(option))
    OptionNeed.objects.filter(option=found).delete()
    _keep_needs(found, option.needs)
    _record(
        decision, "change_option", f"changed the option {option.title} of", {"options": [option.title]}, by=by, now=now
    )
    return decision


@transaction.atomic(durable=True)
def remove_option(*, decision_id: UUID, option_id: UUID, version: int, by: User, now: datetime) -> Decision:
    """Take an option out of a decision that is not taken; the history keeps its title.

    Raises: NotPermitted; Conflict; Refused when the decision is taken or withdrawn.
    """
    decision = locked_to_change(decision_id, by=by)
    found = _option(decision, option_id)
    check_version(decision, version)
    OptionNeed.objects.filter(option=found).delete()
    DecisionOption.objects.filter(pk=found.pk).delete()
    _record(decision, "remove_option", f"removed the option {found.title} from", {"options": []}, by=by, now=now)
    return decision


@transaction.atomic(durable=True)
def choose_option(
    *,
    decision_id: UUID,
    version: int,
    option_id: UUID | None,
    rejected_because: Mapping[UUID, str],
    by: User,
    now: datetime,
) -> Decision:
    """Say which option is proposed, or none yet, and why not the others; an option not named has no reason.

    Raises: NotPermitted; Conflict; Refused for an option of another decision, a reason that is not allowed, or a
    decision that is taken or withdrawn.
    """
    decision = locked_to_change(decision_id, by=by)
    options = list(options_of(decision))
    if {*rejected_because, *filter(None, [option_id])} - {each.pk for each in options}:
        raise Refused("This is no option of the decision. Load the page again.")
    wanted = {each.pk: (each.pk == option_id, _reason(each, option_id, rejected_because)) for each in options}
    if wanted == {each.pk: (each.is_chosen, each.rejected_because) for each in options}:
        return decision
    check_version(decision, version)
    for each in sorted(options, key=lambda each: each.pk == option_id):  # the chosen one last: there is one at a time
        each.is_chosen, each.rejected_because = wanted[each.pk]
        each.save(update_fields=["is_chosen", "rejected_because"])
    chosen = next((each.title for each in options if each.is_chosen), None)
    words = f"proposed the option {chosen} in" if chosen else "took back the choice in"
    _record(decision, "choose_option", words, {"choice": chosen}, by=by, now=now)
    return decision


def _option(decision: Decision, option_id: UUID) -> DecisionOption:
    found = option_of(decision, option_id)
    if found is None:
        raise Refused("This option was removed. Open the decision again.")
    return found


def _check_title(decision: Decision, title: str, *, but: DecisionOption | None = None) -> None:
    others = DecisionOption.objects.filter(decision=decision, title__iexact=title)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise Refused(f"This decision has an option called {title} already. Choose another title.", field="title")


def _columns(option: OptionDraft) -> dict[str, object]:
    return {
        "title": option.title,
        "description": option.description,
        "ambition": option.ambition,
        "delivery_model": option.delivery_model,
    }


def _keep_needs(option: DecisionOption, needs: tuple[NeedDraft, ...]) -> None:
    known = set(
        capabilities_to_choose().filter(pk__in=[need.capability_id for need in needs]).values_list("pk", flat=True)
    )
    if len(known) != len(needs):
        raise Refused("There is no such capability. Choose one from the list.", field="needs")
    OptionNeed.objects.bulk_create(
        OptionNeed(option=option, capability_id=need.capability_id, level=NeedLevel(need.level), note=need.note)
        for need in needs
    )


def _reason(option: DecisionOption, chosen: UUID | None, reasons: Mapping[UUID, str]) -> str:
    if option.pk == chosen:
        return ""
    text = reasons.get(option.pk, "")
    return one_line(
        text, limit=REJECTED_LENGTH, field=f"rejected_{option.pk}", named=f"why not {option.title}", required=False
    )


def _record(decision: Decision, act: str, words: str, told: dict[str, object], *, by: User, now: datetime) -> None:
    before = decision.version
    decision.save(update_fields=next_version(decision))
    record(
        by=by,
        now=now,
        action=f"decisions.{act}",
        subject=decision,
        scope_id=decision.programme.scope_id,
        summary=f"{words} the decision {decision.title}",
        before={"version": before},
        after={"version": decision.version, **told},
    )
