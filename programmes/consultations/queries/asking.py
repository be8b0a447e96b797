"""What is asked and whom: questions, the audience, what a launch would do, and how many have answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date
from partners.consortia.models import Consortium
from partners.consortia.queries import consortia_visible_to, members_on
from partners.organisations.models import Organisation
from partners.organisations.queries import contacts_of as contacts_of_organisations
from partners.organisations.queries import organisations_visible_to
from partners.people.models import Unit, User
from partners.people.queries import active_people
from programmes.consultations.enums import TaskState
from programmes.consultations.models import Consultation, ConsultationTask, Question
from programmes.consultations.rules import (
    Contact,
    Step,
    UnitProgress,
    advice_for_launch,
    contacts_of,
    missing_for_launch,
    progress_by_unit,
    with_units_below,
)
from programmes.register.queries import programmes_visible_to
from programmes.reviews.enums import MilestoneState
from programmes.reviews.models import Review
from programmes.reviews.queries import milestones_of


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a consultation asks, each kind by name: the people of units, and the contacts of partners."""

    units: tuple[Unit, ...]
    organisations: tuple[Organisation, ...]
    consortia: tuple[Consortium, ...]

    @property
    def names(self) -> list[str]:
        return [str(each) for each in (*self.units, *self.organisations, *self.consortia)]


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit that may be asked, with how many active people are directly in it."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class PartnerChoice:
    """An organisation or a consortium that may be asked, with how many contacts it has now.

    ``organisations`` are the members of a consortium today, and 1 for an organisation.
    """

    id: UUID
    name: str
    organisations: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody who may be asked, each kind by name."""

    units: list[UnitChoice]
    organisations: list[PartnerChoice]
    consortia: list[PartnerChoice]

    def __bool__(self) -> bool:
        return bool(self.units or self.organisations or self.consortia)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many have answered, in all and by unit or organisation; none below ten people stands alone."""

    asked: int
    answered: int
    units: tuple[UnitProgress, ...]


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """What a launch would do now: who is asked, what is missing, and the notices that would be planned.

    ``unit_ids`` and ``organisation_ids`` hold every unit and organisation whose people are asked; ``advice`` names
    partners that were chosen and of which nobody would be.
    """

    audience: Audience
    unit_ids: frozenset[UUID]
    organisation_ids: frozenset[UUID]
    staff: int
    partners: int
    missing: tuple[str, ...]
    advice: tuple[str, ...]
    contacts: tuple[Contact, ...]

    @property
    def people(self) -> int:
        return self.staff + self.partners


def consultations_visible_to(user: User) -> QuerySet[Consultation]:
    """Consultations of the programmes that the person may see, with review, programme and scope. Unordered."""
    return Consultation.objects.select_related("review__programme__scope").filter(
        review__programme__in=programmes_visible_to(user).order_by().values("pk")
    )


def consultations_of(review: Review) -> QuerySet[Consultation]:
    """The review's consultations by title, with the review."""
    return Consultation.objects.filter(review=review).select_related("review").order_by("title", "pk")


def questions_of(consultation: Consultation) -> QuerySet[Question]:
    """In the order in which they are asked."""
    return Question.objects.filter(consultation=consultation).order_by("position", "pk")


def question_of(consultation: Consultation, question_id: UUID) -> Question | None:
    """The question if it is one of this consultation's."""
    return Question.objects.filter(consultation=consultation, pk=question_id).first()


def audience_of(consultation: Consultation) -> Audience:
    """Whom the consultation asks; three queries."""
    chosen = Q(pk__in=consultation.audience.values("unit_id"))
    organisations = Q(pk__in=consultation.audience_organisations.values("organisation_id"))
    consortia = Q(pk__in=consultation.audience_consortia.values("consortium_id"))
    return Audience(
        units=tuple(Unit.objects.filter(chosen).order_by("name", "pk")),
        organisations=tuple(Organisation.objects.filter(organisations).order_by("name", "pk")),
        consortia=tuple(Consortium.objects.filter(consortia).order_by("name", "pk")),
    )


def audience_to_choose(user: User, *, on: date) -> Choices:
    """Every unit, and the organisations and consortia that the person sees, with their members on the day."""
    staff = Count("people", filter=Q(people__is_active=True, people__is_partner=False))
    units = Unit.objects.annotate(count=staff).order_by("name", "pk").values_list("pk", "name", "count")
    organisations = {each.pk: each.name for each in organisations_visible_to(user)}
    consortia = {each.pk: each.name for each in consortia_visible_to(user)}
    members = {
        pk: {member.organisation_id for member in inside} for pk, inside in members_on(list(consortia), on).items()
    }
    contacts = _contacts_by_organisation(organisations)
    return Choices(
        units=[UnitChoice(*row) for row in units],
        organisations=[PartnerChoice(pk, name, 1, contacts.get(pk, 0)) for pk, name in organisations.items()],
        consortia=[
            PartnerChoice(pk, name, len(members[pk]), sum(contacts.get(each, 0) for each in members[pk]))
            for pk, name in consortia.items()
        ],
    )


def units_below(unit_ids: Collection[UUID]) -> set[UUID]:
    """The units and every unit below them; one query."""
    parents = dict(Unit.objects.order_by("pk").values_list("pk", "parent_id"))
    return with_units_below(unit_ids, parents)


def launch_plan(consultation: Consultation, now: datetime) -> LaunchPlan:
    """What launching now would do; the consultation was read with its review."""
    review = consultation.review
    audience = audience_of(consultation)
    unit_ids = units_below([unit.pk for unit in audience.units])
    members = members_on([each.pk for each in audience.consortia], local_date(now))
    organisations = {each.pk: each.name for each in audience.organisations} | {
        member.organisation_id: member.name for inside in members.values() for member in inside
    }
    contacts_there = _contacts_by_organisation(organisations)
    staff, partners = active_people().filter(unit_id__in=unit_ids).count(), sum(contacts_there.values())
    missing = missing_for_launch(
        is_launched=consultation.launched_at is not None,
        has_introduction=bool(consultation.introduction.strip()),
        questions=questions_of(consultation).count(),
        people=staff + partners,
        cancelled=review.cancelled_at is not None,
        closes_at=review.closes_at,
        now=now,
    )
    steps = [
        Step(step.key, step.due_at, step.due_reason)
        for step in milestones_of(review)
        if step.state == MilestoneState.PLANNED
    ]
    contacts = []
    if now < review.closes_at:
        contacts = contacts_of(
            steps, opens_at=review.opens_at, closes_at=review.closes_at, now=now, calendar=working_calendar()
        )
    advice = advice_for_launch(
        without_contact=sorted(name for pk, name in organisations.items() if pk not in contacts_there),
        without_members=[each.name for each in audience.consortia if not members[each.pk]],
    )
    return LaunchPlan(
        audience=audience,
        unit_ids=frozenset(unit_ids),
        organisation_ids=frozenset(organisations),
        staff=staff,
        partners=partners,
        missing=tuple(missing),
        advice=tuple(advice),
        contacts=tuple(contacts),
    )


def partners_on_the_roll(consultation: Consultation) -> int:
    return ConsultationTask.objects.filter(consultation=consultation, person__is_partner=True).count()


def progress_of(consultation: Consultation) -> Progress:
    """How many of those on the roll have answered; one query. Never who said what."""
    rows = (
        ConsultationTask.objects.filter(consultation=consultation)
        .values("unit_name", "person__is_partner")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(state=TaskState.SUBMITTED)))
        .order_by("unit_name", "person__is_partner")
    )
    units = [UnitProgress(row["unit_name"] or "No unit", row["asked"], row["answered"]) for row in rows]
    return Progress(
        asked=sum(unit.asked for unit in units),
        answered=sum(unit.answered for unit in units),
        units=tuple(progress_by_unit(units)),
    )


def _contacts_by_organisation(organisation_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many current contacts can be asked, for the organisations that have any; one query."""
    found = contacts_of_organisations(organisation_ids).filter(user__is_active=True).order_by("organisation_id")
    return dict(found.values_list("organisation_id").annotate(count=Count("pk")))
