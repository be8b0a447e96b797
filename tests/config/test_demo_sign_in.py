import importlib
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import clear_url_caches

import config.urls
from config.demo.sign_ins import DEMO_SIGN_INS
from partners.people.changes import add_person
from partners.people.operations import record_leaver
from tests.builders import NOW, make_administrator

PATH, SOMEBODY = "/demo/sign-in/", DEMO_SIGN_INS[0]


@pytest.fixture
def demo(settings):
    settings.MODE, settings.IS_DEMO, settings.ROOT_URLCONF = "demo", True, "tests.config.demo_urls"
    return settings


@pytest.fixture
def somebody(db):
    return add_person(email=SOMEBODY.email, name=SOMEBODY.name, now=NOW)


def test_a_button_signs_in_and_leads_to_where_the_role_starts(demo, client, somebody):
    response = client.post(PATH, {"email": SOMEBODY.email})

    assert (response.status_code, response.url) == (302, SOMEBODY.path)
    assert client.get("/api/me/").json()["email"] == SOMEBODY.email


def test_only_people_of_the_story_can_be_signed_in_as(demo, client, somebody):
    outsider = make_administrator()

    for fields in ({"email": outsider.email}, {"email": "nobody@example.org"}, {"email": ""}, {}):
        assert client.post(PATH, fields).status_code == 404
    assert client.get("/api/me/").status_code == 401


def test_somebody_of_the_story_who_left_cannot(demo, client, somebody):
    record_leaver(person_id=somebody.pk, by=make_administrator(), now=NOW)

    assert client.post(PATH, {"email": SOMEBODY.email}).status_code == 404


def test_a_link_cannot_sign_in_and_a_form_needs_its_token(demo, somebody):
    assert Client().get(PATH).status_code == 405
    assert Client(enforce_csrf_checks=True).post(PATH, {"email": SOMEBODY.email}).status_code == 403


def test_the_sign_in_page_of_the_demo_offers_each_person(demo, client, db):
    page = client.get("/accounts/login/").content.decode()

    for each in DEMO_SIGN_INS:
        assert f'value="{each.email}"' in page
        assert each.name in page


def test_there_is_no_such_page_outside_the_demo(client, somebody):
    assert client.post(PATH, {"email": SOMEBODY.email}).status_code == 404
    assert SOMEBODY.name not in client.get("/accounts/login/").content.decode()


def test_the_view_refuses_outside_the_demo_even_where_it_has_a_route(settings, client, somebody):
    settings.ROOT_URLCONF = "tests.config.demo_urls"

    assert client.post(PATH, {"email": SOMEBODY.email}).status_code == 404


@pytest.mark.parametrize(("mode", "is_there"), [("production", False), ("test", False), ("demo", True)])
def test_the_route_exists_in_the_demo_alone(settings, mode, is_there):
    settings.MODE = mode
    try:
        found = importlib.reload(config.urls).urlpatterns
        assert any("demo" in str(getattr(each, "urlconf_name", "")) for each in found) is is_there
    finally:
        settings.MODE = "test"
        importlib.reload(config.urls)
        clear_url_caches()


def test_the_command_lists_who_can_be_signed_in_as(demo, capsys):
    call_command("demo_sign_ins", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [(each["email"], each["path"]) for each in told] == [(each.email, each.path) for each in DEMO_SIGN_INS]

    call_command("demo_sign_ins")
    assert SOMEBODY.name in capsys.readouterr().out


def test_the_command_refuses_outside_the_demo():
    with pytest.raises(CommandError, match="in the demo only"):
        call_command("demo_sign_ins")


def test_a_production_process_has_no_such_route():
    probe = (
        "import django; django.setup()\n"
        "from django.urls import Resolver404, resolve\n"
        "try: print(resolve('/demo/sign-in/'))\n"
        "except Resolver404: print('not there')\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "PORTFOLIO_MODE": "production",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "x" * 50,
        "PUBLIC_URL": "https://portfolio.example.org",
        "ALLOWED_HOSTS": "portfolio.example.org",
        "DATABASE_URL": "postgresql://app@/none",
        "REDIS_URL": "redis://localhost:1/0",
        "PORTFOLIO_STATE": "/nonexistent",
    }

    done = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "not there", done.stderr
