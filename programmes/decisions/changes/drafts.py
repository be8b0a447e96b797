from dataclasses import replace

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import words_for_date
from partners.people.queries import offices_over
from partners.people.rules.typed import check_day, lines, one_line
from programmes.decisions.queries import decisions_to_supersede
from programmes.decisions.rules import (
    CONDITION_LENGTH,
    DESCRIPTION_LENGTH,
    MOST_CONDITIONS,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    RATIONALE_LENGTH,
    SOURCE_LENGTH,
    TITLE_LENGTH,
    WAIVER_LENGTH,
    ConditionDraft,
    Draft,
    OptionDraft,
    ReviewDraft,
)
from programmes.register.models import Programme
from programmes.register.permissions import check_runs
from programmes.register.queries import people_who_see
from programmes.reviews.rules import PURPOSE_LENGTH, plan_review
from programmes.scheduling.enums import GateResult
from programmes.scheduling.queries import stages_of


def checked_draft(draft: Draft, programme: Programme) -> Draft:
    """The draft with its texts as they are kept.

    Raises: Refused for text that is not allowed, an office that is not over the programme, or a condition that cannot be
    met as it is given.
    """
    if not offices_over(programme.scope).filter(pk=draft.office_id).exists():
        raise Refused(f"Choose an office that decides on {programme.name}, from the list.", field="office")
    return replace(
        draft,
        title=one_line(draft.title, limit=TITLE_LENGTH, field="title", named="a title"),
        question=lines(draft.question, limit=QUESTION_LENGTH, field="question", named="the question", required=True),
        rationale=lines(draft.rationale, limit=RATIONALE_LENGTH, field="rationale", named="the rationale"),
        source=one_line(draft.source, limit=SOURCE_LENGTH, field="source", named="the source", required=False),
        gate_conditions=_checked_conditions(draft.gate_conditions, programme),
        gate_waiver_reason=one_line(
            draft.gate_waiver_reason,
            limit=WAIVER_LENGTH,
            field="gate_waiver_reason",
            named="why the gate is waived",
            required=False,
        ),
        review=draft.review and _checked_review(draft.review),
    )


def checked_option(option: OptionDraft) -> OptionDraft:
    """The option with its texts as they are kept, and its needs without a capability twice.

    Raises: Refused for text that is not allowed, or a capability that is named twice.
    """
    capabilities = [need.capability_id for need in option.needs]
    if len(set(capabilities)) < len(capabilities):
        raise Refused("A capability is named twice. Keep one of the two.", field="needs")
    needs = (
        replace(need, note=one_line(need.note, limit=NOTE_LENGTH, field="needs", named="a note", required=False))
        for need in option.needs
    )
    return replace(
        option,
        title=one_line(option.title, limit=TITLE_LENGTH, field="title", named="a title"),
        description=lines(option.description, limit=DESCRIPTION_LENGTH, field="description", named="the description"),
        needs=tuple(needs),
    )


def check_effects(draft: Draft, programme: Programme) -> None:
    """The programme is locked where the answer must hold.

    Raises: Refused for effects that cannot be as things stand: in a programme that ended, at the gate of a stage that has
    started, a delivery model that is in force, or a decision that is superseded already.
    """
    if draft.ends_programme or draft.delivery_model or draft.gate_id:
        check_runs(programme)
    if draft.ends_programme and (draft.delivery_model or draft.gate_id):
        raise Refused(
            "A decision that ends the programme neither changes how it is delivered nor opens a gate. Take one of them out.",
            field="ends_programme",
        )
    if draft.delivery_model and draft.delivery_model == programme.delivery_model:
        raise Refused(
            f"{programme.name} is delivered this way already. Choose another delivery model, or leave it as it is.",
            field="delivery_model",
        )
    _check_gate(draft, programme)
    if draft.supersedes_id and not decisions_to_supersede(programme).filter(pk=draft.supersedes_id).exists():
        raise Refused(
            "Only a decision on this programme that was taken and is not superseded can be superseded. Choose another one.",
            field="supersedes",
        )


def _check_gate(draft: Draft, programme: Programme) -> None:
    if draft.gate_id is None:
        if draft.gate_result or draft.gate_conditions or draft.gate_waiver_reason:
            raise Refused("Choose the stage whose gate this is.", field="gate")
        return
    stage = next((stage for stage in stages_of([programme.pk])[programme.pk] if stage.id == draft.gate_id), None)
    if stage is None:
        raise Refused("Choose a stage of this programme.", field="gate")
    if stage.started_on:
        raise Refused(
            f"{stage.title} started on {words_for_date(stage.started_on)}, so its gate is behind it. Choose a later stage.",
            field="gate",
        )
    if not stage.is_active:
        raise Refused(
            f"{stage.title} is skipped, so nothing is decided at its gate. Choose another stage.", field="gate"
        )
    if not draft.gate_result:
        raise Refused("Say what is decided at the gate.", field="gate_result")
    if draft.gate_result == GateResult.WITH_CONDITIONS and not draft.gate_conditions:
        raise Refused("Enter the conditions, each with who meets it and by when.", field="gate_conditions")
    if draft.gate_result != GateResult.WITH_CONDITIONS and draft.gate_conditions:
        raise Refused(
            f"Only “{GateResult.WITH_CONDITIONS.label}” has conditions. Choose that, or take the conditions out.",
            field="gate_conditions",
        )
    if draft.gate_result == GateResult.WAIVED and not draft.gate_waiver_reason:
        raise Refused("Say why the gate is waived.", field="gate_waiver_reason")
    if draft.gate_result != GateResult.WAIVED and draft.gate_waiver_reason:
        raise Refused(
            f"Only “{GateResult.WAIVED.label}” has a reason here. Choose that, or take the reason out.",
            field="gate_waiver_reason",
        )


def _checked_conditions(conditions: tuple[ConditionDraft, ...], programme: Programme) -> tuple[ConditionDraft, ...]:
    """Raises: Refused at ``gate_conditions`` for too many, words or days that cannot be, or an owner who does not see the
    programme."""
    at = "gate_conditions"
    if len(conditions) > MOST_CONDITIONS:
        raise Refused(f"Enter {MOST_CONDITIONS} conditions at most, or put some together.", field=at)
    owners = {condition.owner_id for condition in conditions}
    if owners and people_who_see(programme).filter(pk__in=owners).count() < len(owners):
        raise Refused(f"Whoever meets a condition needs to see {programme.name}. Choose somebody who does.", field=at)
    for condition in conditions:
        check_day(condition.due_on, field=at, named="The day of a condition")
    return tuple(
        replace(each, text=one_line(each.text, limit=CONDITION_LENGTH, field=at, named="the condition"))
        for each in conditions
    )


def _checked_review(review: ReviewDraft) -> ReviewDraft:
    """Raises: Refused at the fields of the review (``review_starts_on``) for text or a plan that is not allowed."""
    title = one_line(review.title, limit=TITLE_LENGTH, field="review_title", named="a title for the review")
    purpose = lines(
        review.purpose, limit=PURPOSE_LENGTH, field="review_purpose", named="the purpose of the review", required=True
    )
    check_day(review.starts_on, field="review_starts_on", named="The opening day")
    try:
        plan_review(review.starts_on, weeks=review.weeks, calendar=working_calendar())
    except Refused as refused:
        raise Refused(refused.sentence, field=f"review_{refused.field or 'starts_on'}") from None
    return replace(review, title=title, purpose=purpose)
