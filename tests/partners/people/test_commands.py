import io
import json
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from partners.audit.models import AuditEvent
from partners.people.models import User
from partners.people.permissions import is_administrator
from tests.builders import make_administrator, make_person

pytestmark = pytest.mark.django_db

PEOPLE = "email,name\nama@example.org,Ama Mensah\nbo@example.org,Bo Lind\n"


def run(*args, **options):
    """What the command printed, and its exit code."""
    out = io.StringIO()
    try:
        call_command(*args, stdout=out, **options)
    except SystemExit as stopped:
        return out.getvalue(), stopped.code
    return out.getvalue(), 0


@pytest.fixture
def file(tmp_path):
    def write(text, name="staff.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_import_people_in_the_name_of_the_only_administrator(file):
    make_administrator("Alex Morgan")

    out, code = run("import_people", file(PEOPLE), "--json")

    assert code == 0
    assert json.loads(out) == {
        "kind": "people",
        "added": 2,
        "changed": 0,
        "left": 0,
        "unchanged": 0,
        "stays_left": 0,
        "problems": [],
    }
    assert {event.actor_name for event in AuditEvent.objects.all()} == {"Alex Morgan"}
    assert "Unchanged: 2" in run("import_people", file(PEOPLE))[0]


def test_import_people_from_standard_input(monkeypatch):
    make_administrator()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PEOPLE.encode())))

    out, code = run("import_people", "-", "--json")

    assert (json.loads(out)["added"], code) == (2, 0)
    assert "(import of standard input)" in AuditEvent.objects.order_by("pk")[0].summary


def test_import_people_only_tells_with_dry_run(file):
    make_administrator()

    out, code = run("import_people", file(PEOPLE), "--dry-run", "--json")

    assert (json.loads(out)["added"], code) == (2, 0)
    assert not User.objects.filter(name="Ama Mensah").exists()


def test_import_people_names_every_row_to_mend_and_exits_2(file):
    make_administrator()

    out, code = run("import_people", file("email,name\nx,X\ny,Y\n"), "--json")

    told = json.loads(out)
    assert (code, told["error"], [each["line"] for each in told["problems"]]) == (2, "bad_input", [2, 3])
    assert told["message"].startswith("Nothing was imported. Line 2, email:")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a,b\n1,2\n", "The first line must name the columns"), ("email,name\na@b.c,é\n".encode("cp1252"), "UTF-8")],
)
def test_import_people_of_an_unreadable_file_exits_2(file, content, message):
    make_administrator()

    out, code = run("import_people", file(content))

    assert (code, message in json.loads(out)["message"]) == (2, True)


def test_import_people_of_no_file_exits_2():
    make_administrator()

    out, code = run("import_people", "/nowhere/staff.csv", "--json")

    assert (code, json.loads(out)["message"]) == (2, "/nowhere/staff.csv cannot be read: No such file or directory.")


def test_import_people_says_in_whose_name(file):
    first, second, staff = make_administrator(), make_administrator(), make_person()

    assert run("import_people", file(PEOPLE))[1] == 2
    assert run("import_people", file(PEOPLE), "--by", "nobody@example.org")[1] == 2
    out, code = run("import_people", file(PEOPLE), "--by", staff.email)
    assert (code, json.loads(out)["error"]) == (1, "refused")
    assert run("import_people", file(PEOPLE), "--by", second.email)[1] == 0
    assert AuditEvent.objects.order_by("pk")[0].actor_id == second.pk != first.pk


def test_add_administrator_prints_where_to_set_a_password():
    out, code = run("add_administrator", "first@example.org", "Alex Morgan", "--json")

    told = json.loads(out)
    person = User.objects.get(email="first@example.org")
    assert (code, is_administrator(person), told["name"]) == (0, True, "Alex Morgan")
    client = Client()
    form = client.get(urlsplit(told["link"]).path).headers["Location"]
    client.post(form, {"password1": "correct horse battery", "password2": "correct horse battery"})
    assert User.objects.get(pk=person.pk).check_password("correct horse battery")


def test_add_administrator_in_words():
    assert "Alex Morgan is administrator." in run("add_administrator", "a@example.org", "Alex Morgan")[0]


@pytest.mark.parametrize(("email", "name"), [("x", "Alex"), ("a@example.org", ""), ("a@example.org", "A\nB")])
def test_add_administrator_refuses_bad_input(email, name):
    out, code = run("add_administrator", email, name)

    assert (code, json.loads(out)["error"]) == (2, "bad_input")
    assert not User.objects.exists()


def test_add_administrator_twice_exits_1():
    run("add_administrator", "a@example.org", "Alex")

    out, code = run("add_administrator", "a@example.org", "Alex")

    assert (code, json.loads(out)) == (
        1,
        {"error": "refused", "message": "Alex is administrator already. Nothing has changed."},
    )


def test_the_file_must_be_named():
    with pytest.raises(CommandError, match="required: file"):
        run("import_people")
