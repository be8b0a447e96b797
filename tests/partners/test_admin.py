import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from partners.admin import ReadOnlyAdmin, site
from partners.people import operations
from partners.people.enums import Role
from partners.people.models import ApiToken, User
from programmes.consultations.models import Answer, DraftAnswer
from programmes.consultations.operations.answering import save_draft_answer
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_programme,
    make_task,
    queue_mail,
)

pytestmark = pytest.mark.django_db

FLOORS = ("partners", "programmes", "portfolio")
OURS = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
SECRETS = ("password", "secret", "hash", "frozen", "session_key", "session_data", "content")


@pytest.fixture
def admin(client):
    client.force_login(make_administrator("Alex Morgan"))
    return client


def listing(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def record(obj):
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def shown_of(model):
    found = site._registry[model]
    assert isinstance(found, ReadOnlyAdmin)
    return found._shown()


def test_every_model_of_ours_is_there_and_no_other():
    assert set(site._registry) == set(OURS)
    assert site is not django_admin.site
    assert [name for model in OURS if (name := str(model._meta.verbose_name_plural)).endswith("ss")] == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_opens_and_offers_no_change(admin, model):
    page = admin.get(listing(model))

    assert page.status_code == 200
    assert "addlink" not in page.content.decode()
    assert admin.get(listing(model) + "add/").status_code == 403
    assert admin.post(listing(model), {"action": "delete_selected", "_selected_action": ["1"]}).status_code in (
        200,
        403,
    )


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_secret_is_shown(model):
    shown = {field.name for field in shown_of(model)}

    assert [name for name in shown if any(secret in name for secret in SECRETS)] == []


def test_answers_of_respondents_and_words_of_mails_are_not_shown():
    hidden = {
        model.__name__: {field.name for field in model._meta.concrete_fields}
        - {field.name for field in shown_of(model)}
        for model in OURS
    }

    assert {name: fields for name, fields in hidden.items() if fields} == {
        "Answer": {"value"},
        "ApiToken": {"secret_hash"},
        "BrowserSession": {"session_key", "session_data"},
        "CalendarFeed": {"secret_hash"},
        "Document": {"content"},
        "DraftAnswer": {"value"},
        "Message": {"text", "html", "frozen"},
        "Moderation": {"reason", "shown_text"},
        "PeopleImport": {"content"},
        "StatusDraft": {"content"},
        "User": {"password"},
    }


def test_a_record_can_be_read_and_not_changed(admin):
    ama = make_person("Ama Mensah")

    page = admin.get(record(ama))
    assert "Ama Mensah" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()
    assert admin.post(record(ama), {"name": "Other"}).status_code == 403
    assert admin.post(record(ama) + "delete/", {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=ama.pk).name == "Ama Mensah"


def test_what_was_answered_and_mailed_appears_on_no_page(admin):
    task = make_task()
    [question, *_] = task.consultation.questions.order_by("position")
    save_draft_answer(task_id=task.pk, question_id=question.pk, value="Nobody may read this", by=task.person, now=NOW)
    mail = queue_mail(make_person(), text="Nobody may read this", html="<p>Nobody may read this</p>")
    draft = DraftAnswer.objects.get()

    for address in (listing(DraftAnswer), record(draft), listing(Answer), record(mail)):
        page = admin.get(address)
        assert (page.status_code, "Nobody may read this" in page.content.decode()) == (200, False)


def test_the_hash_of_a_token_and_of_a_password_appear_on_no_page(admin):
    ama = make_person()
    ama.set_password("correct horse battery")
    ama.save()
    token = operations.create_token(name="Figures", days=30, by=ama, now=NOW).token

    for obj, secret in ((token, ApiToken.objects.get().secret_hash), (ama, ama.password)):
        for address in (listing(type(obj)), record(obj)):
            assert secret not in admin.get(address).content.decode()


@pytest.mark.parametrize("who", ["staff", "manager", "cio"])
def test_nobody_but_administrators_gets_in(client, who):
    programme = make_programme()
    person = {
        "staff": make_person,
        "manager": lambda: make_manager(programme),
        "cio": lambda: give_role(make_person(), Role.CIO, programme.scope.parent),
    }[who]()
    client.force_login(person)

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(listing(User), follow=True).status_code == 403


def test_a_stranger_is_sent_to_our_own_sign_in():
    client = Client()

    assert client.get("/admin/").status_code == 302
    sent = client.get("/admin/login/?next=/admin/")
    assert (sent.status_code, sent.headers["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


def test_an_administrator_who_left_is_out_at_once(client):
    alex = make_administrator()
    client.force_login(alex)
    assert client.get("/admin/").status_code == 200

    operations.record_leaver(person_id=alex.pk, by=make_administrator(), now=NOW)

    assert client.get("/admin/").status_code == 302


def test_passwords_are_changed_on_the_account_page_alone(admin):
    assert admin.get("/admin/password_change/").headers["Location"] == reverse("account_change_password")


@pytest.mark.parametrize("model", [User, ApiToken], ids=lambda model: model.__name__)
def test_a_list_costs_the_same_at_one_and_at_three(admin, django_assert_num_queries, model):
    def add():
        operations.create_token(name="Figures", days=30, by=make_person(), now=NOW)

    add()
    with django_assert_num_queries(6):
        admin.get(listing(model))
    add()
    add()
    with django_assert_num_queries(6):
        admin.get(listing(model))


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_admin_of_the_demo_says_so(admin, settings, is_demo):
    settings.IS_DEMO = is_demo

    assert ("DEMO" in admin.get(reverse("admin:index")).content.decode()) == is_demo
