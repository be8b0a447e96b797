"""Consultations that ask the contacts of organisations and of consortia's members."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from partners.audit.queries import events_about
from partners.audit.rules import Refused
from partners.clock.operations import set_clock
from partners.organisations.models import Contact
from partners.organisations.operations import end_contact
from partners.people.models import User
from programmes.consultations.models import AnswerLink, ConsultationTask
from programmes.consultations.operations.design import choose_audience
from programmes.consultations.queries import audience_of, launch_plan, partners_on_the_roll, progress_of
from programmes.consultations.queries.reminders import path_in_mail
from programmes.consultations.rules import NOBODY, need_of, task_path
from programmes.reminders.models import PlannedReminder
from tests.builders import (
    NOW,
    answer_task,
    ask_partners,
    launch,
    make_administrator,
    make_consortium,
    make_consultation,
    make_contact,
    make_manager,
    make_membership,
    make_organisation,
    make_person,
    make_question,
    make_reader,
    make_unit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(db):
    set_clock(to=NOW)


def page(name, *args):
    return reverse(name, args=args)


def words(response):
    return response.content.decode()


def ready(*, units=(), organisations=(), consortia=()):
    consultation = make_consultation(units=units)
    make_question(consultation)
    return ask_partners(consultation, organisations, consortia)


def roll(consultation):
    return set(ConsultationTask.objects.filter(consultation=consultation).values_list("person__name", "unit_name"))


def test_launch_asks_contacts_of_organisations_and_of_members_on_the_day_and_each_once():
    alpha, beta, gamma, left = (make_organisation(name) for name in ("Alpha", "Beta", "Gamma", "Left"))
    for organisation, name in ((alpha, "Ann"), (alpha, "Abe"), (beta, "Ben"), (gamma, "Gil"), (left, "Lea")):
        make_contact(organisation, name)
    group = make_consortium("Group", alpha, beta)
    make_membership(group, left, to_on=NOW.date() - timedelta(days=1))
    make_membership(group, gamma, from_on=NOW.date() + timedelta(days=1))
    unit = make_unit("Custody")
    make_person("Sam", unit=unit)

    launched = launch(ready(units=[unit], organisations=[alpha], consortia=[group]))

    assert roll(launched) == {("Ann", "Alpha"), ("Abe", "Alpha"), ("Ben", "Beta"), ("Sam", "Custody")}
    event = events_about(launched.pk)[0]
    assert event.summary == f"launched the consultation {launched.title} to 4 people"
    assert event.after is not None
    assert (event.after["people"], event.after["partners"]) == (4, 3)
    assert partners_on_the_roll(launched) == 3


def test_only_current_contacts_with_an_account_in_use_are_asked():
    alpha = make_organisation("Alpha")
    make_contact(alpha, "Stays")
    ended, shut = make_contact(alpha, "Ended"), make_contact(alpha, "Shut")
    end_contact(contact_id=ended.pk, by=make_administrator(), now=NOW)
    User.objects.filter(pk=shut.user_id).update(is_active=False)
    consultation = ready(organisations=[alpha])

    assert launch_plan(consultation, NOW).partners == 1
    launch(consultation)

    assert roll(consultation) == {("Stays", "Alpha")}


def test_a_staff_audience_never_has_a_partner_account_in_it():
    unit = make_unit()
    make_person("Sam", unit=unit)
    contact = make_contact()
    consultation = ready(units=[unit])

    launch(consultation)

    assert contact.user.is_partner
    assert roll(consultation) == {("Sam", unit.name)}


def test_each_contact_gets_a_link_and_staff_keep_the_plain_one():
    alpha, unit = make_organisation("Alpha"), make_unit()
    contact, person = make_contact(alpha), make_person(unit=unit)

    launch(ready(units=[unit], organisations=[alpha]))

    link = AnswerLink.objects.select_related("task").get()
    assert (link.task.person_id, link.made_at, link.revoked_at) == (contact.user_id, NOW, None)
    staff = ConsultationTask.objects.get(person=person)
    reminders = PlannedReminder.objects.filter(need__startswith="consultation-task:")
    assert set(reminders.values_list("recipient", "need", "link_path")) == {
        (contact.user_id, need_of(link.task_id), path_in_mail(link)),
        (person.pk, need_of(staff.pk), task_path(staff.pk)),
    }
    assert path_in_mail(link) == f"/answer/{link.pk}/{{capability:{link.pk}}}/"
    assert reminders.values("wave").distinct().count() == 5


def test_launch_takes_the_same_queries_for_one_contact_and_twenty():
    def queries(count):
        organisation = make_organisation()
        for _ in range(count):
            make_contact(organisation)
        consultation = ready(organisations=[organisation])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            launch(consultation)
        return len(captured)

    assert queries(1) == queries(20)


def test_the_plan_counts_staff_and_contacts_and_names_partners_without_any():
    alpha, empty, unit = make_organisation("Alpha"), make_organisation("Empty"), make_unit()
    make_contact(alpha)
    make_person(unit=unit)
    nobody = make_consortium("Nobody")
    consultation = ready(units=[unit], organisations=[alpha, empty], consortia=[nobody])

    plan = launch_plan(consultation, NOW)

    assert (plan.staff, plan.partners, plan.people, plan.missing) == (1, 1, 2, ())
    assert plan.advice == (
        "Empty has no contact, so nobody there is asked. Add one, or leave it out.",
        "Nobody has no members now, so it adds nobody. Add them, or leave it out.",
    )


def test_a_launch_to_partners_without_contacts_is_refused_with_what_is_missing():
    empty = make_organisation("Empty")

    plan = launch_plan(ready(organisations=[empty]), NOW)

    assert plan.missing == (NOBODY,)
    assert plan.advice == ("Empty has no contact, so nobody there is asked. Add one, or leave it out.",)


def test_progress_counts_organisations_like_units_and_shows_none_below_ten():
    big, small, unit = make_organisation("Big"), make_organisation("Small"), make_unit("Custody")
    for organisation, count in ((big, 11), (small, 2)):
        for _ in range(count):
            make_contact(organisation)
    for _ in range(12):
        make_person(unit=unit)
    launched = launch(ready(units=[unit], organisations=[big, small]))
    for task in ConsultationTask.objects.filter(consultation=launched, unit_name__in=["Big", "Small"])[:12]:
        answer_task(task, "Yes")

    progress = progress_of(launched)

    assert (progress.asked, progress.answered) == (25, 12)
    assert [(row.name, row.asked) for row in progress.units] == [("Custody", 12), ("Others, counted together", 13)]


def test_an_organisation_named_like_a_unit_is_counted_apart():
    twin, unit = make_organisation("Custody"), make_unit("Custody")
    for _ in range(10):
        make_contact(twin)
        make_person(unit=unit)

    progress = progress_of(launch(ready(units=[unit], organisations=[twin])))

    assert [(row.name, row.asked) for row in progress.units] == [("Custody", 10), ("Custody", 10)]


def test_choose_audience_replaces_partners_and_refuses_unknown_ones():
    alpha, beta = make_organisation("Alpha"), make_organisation("Beta")
    group, other = make_consortium("Group"), make_consortium("Other")
    consultation = ready(organisations=[alpha], consortia=[group])
    ask_partners(consultation, [beta], [other])
    consultation.refresh_from_db()

    assert audience_of(consultation).names == ["Beta", "Other"]
    event = events_about(consultation.pk)[0]
    assert event.before == {"units": [], "organisations": ["Alpha"], "consortia": ["Group"]}
    assert event.after is not None
    assert event.after["organisations"] == ["Beta"]
    by = make_manager(consultation.review.programme)
    for kind in ("organisation", "consortium"):
        with pytest.raises(Refused, match="from the list") as refusal:
            choose_audience(
                consultation_id=consultation.pk,
                unit_ids=[],
                version=consultation.version,
                by=by,
                now=NOW,
                **{f"{kind}_ids": [uuid4()]},
            )
        assert refusal.value.field == {"organisation": "organisations", "consortium": "consortia"}[kind]
    assert audience_of(consultation).names == ["Beta", "Other"]


def test_partners_are_chosen_shown_and_asked_on_the_pages(client):
    alpha, empty = make_organisation("Alpha & Sons"), make_organisation("Empty")
    make_contact(alpha)
    group = make_consortium("Group", alpha)
    consultation = make_consultation()
    make_question(consultation)
    client.force_login(make_manager(consultation.review.programme))
    address = page("consultation_audience", consultation.pk)
    consultation.refresh_from_db()

    form = words(client.get(address))
    assert "Alpha &amp; Sons" in form
    assert "No contact yet: nobody would be asked" in form
    assert "1 member today, 1 contact" in form
    chosen = {
        "organisations": [str(alpha.pk), str(empty.pk)],
        "consortia": [str(group.pk)],
        "version": consultation.version,
    }
    assert client.post(address, chosen).url == page("consultation", consultation.pk)
    assert "Ready to launch to 1 person: 0 staff, 1 partner’s contact." in words(
        client.get(page("consultation", consultation.pk))
    )
    plan = words(client.get(page("launch_consultation", consultation.pk)))
    assert "0 of them are staff, 1 a partner’s contact" in plan
    assert "Empty has no contact, so nobody there is asked." in plan
    client.post(page("launch_consultation", consultation.pk))
    assert ConsultationTask.objects.count() == 1

    stale = client.post(address, chosen)
    assert stale.status_code == 409
    assert "frozen" in words(stale)


def test_partners_are_chosen_by_api():
    alpha, group = make_organisation("Alpha"), make_consortium("Group")
    make_contact(alpha)
    consultation = make_consultation()
    client = APIClient()
    client.force_authenticate(make_manager(consultation.review.programme))

    chosen = client.put(
        page("api_audience", consultation.pk),
        {"organisations": [str(alpha.pk)], "consortia": [str(group.pk)], "version": consultation.version},
    ).json()

    assert chosen["organisations"] == [{"id": str(alpha.pk), "name": "Alpha"}]
    assert chosen["consortia"] == [{"id": str(group.pk), "name": "Group"}]
    assert (chosen["people"], chosen["partners"], chosen["audience"]) == (1, 1, [])
    assert chosen["advice"] == ["Group has no members now, so it adds nobody. Add them, or leave it out."]
    unknown = client.put(
        page("api_audience", consultation.pk), {"organisations": [str(uuid4())], "version": chosen["version"]}
    )
    assert (unknown.status_code, unknown.json()["detail"]) == (409, "Choose organisations from the list.")


def test_a_contact_sees_their_task_and_nothing_of_the_consultation(client):
    contact = make_contact(make_organisation("Alpha"))
    launched = launch(ready(organisations=[contact.organisation]))
    client.force_login(contact.user)
    task = ConsultationTask.objects.get()

    assert client.get(page("task", task.pk)).status_code == 200
    assert launched.title in words(client.get(page("my_tasks")))
    for name in ("consultation", "answer_links", "comments", "moderation_queue"):
        assert client.get(page(name, launched.pk)).status_code == 404
    assert client.get(page("moderation")).status_code == 404


def test_a_reader_is_not_offered_the_links(client):
    contact = make_contact(make_organisation("Alpha"))
    launched = launch(ready(organisations=[contact.organisation]))

    client.force_login(make_reader(launched.review.programme))
    assert page("answer_links", launched.pk) not in words(client.get(page("consultation", launched.pk)))
    assert client.get(page("answer_links", launched.pk)).status_code == 403
    client.force_login(make_manager(launched.review.programme))
    assert page("answer_links", launched.pk) in words(client.get(page("consultation", launched.pk)))


def test_the_day_of_launch_counts_in_the_uk():
    """At 11.30pm UTC in summer it is the next day here."""
    late = NOW.replace(day=16, hour=23, minute=30)
    alpha = make_organisation("Alpha")
    make_contact(alpha, "Ann")
    group = make_consortium("Group")
    make_membership(group, alpha, from_on=date(2026, 9, 17))

    launch(ready(consortia=[group]), now=late)

    assert Contact.objects.get().user_id == ConsultationTask.objects.get().person_id
