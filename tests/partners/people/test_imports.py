import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted
from partners.people import operations
from partners.people.enums import Outcome, Role
from partners.people.models import PeopleImport, Unit, User
from partners.people.operations.imports import ImportRefused
from partners.people.queries.imports import import_with_id, plan_of
from tests.builders import NOW, give_role, make_administrator, make_person, make_programme

pytestmark = pytest.mark.django_db

UNITS = "code,name,parent\nN,Response North,OPS\nOPS,Operations,\n"
PEOPLE = (
    "email,name,unit,left\n"
    "ama@example.org,Ama Mensah,N,\n"
    "Bo@Example.org,Bo Lind,OPS,no\n"
    "cy@example.org,Cy Jones,,\n"
    "gone@example.org,Gone Before,N,yes\n"
)


@pytest.fixture
def alex():
    return make_administrator("Alex Morgan")


def imported(text, by, source="staff.csv"):
    return operations.import_file(text=text, source=source, by=by, now=NOW)


def counts(plan):
    return {outcome.value: plan.count(outcome) for outcome in Outcome if plan.count(outcome)}


def code_of_unit(person):
    return person.unit.code


def problems(text, by):
    with pytest.raises(ImportRefused) as refused:
        imported(text, by)
    return [(each.line, each.column) for each in refused.value.plan.problems]


def test_import_units_in_any_order_of_parts(alex):
    plan = imported(UNITS, alex)

    assert counts(plan) == {"added": 2}
    assert Unit.objects.get(code="N").parent == Unit.objects.get(code="OPS")
    event = AuditEvent.objects.get(subject_id=Unit.objects.get(code="N").pk)
    assert (event.actor_name, event.action) == ("Alex Morgan", "people.import_added")
    assert event.summary == "added the unit Response North (import of staff.csv)"
    assert event.after == {"code": "N", "name": "Response North", "parent": "OPS", "version": 1}


def test_import_people_adds_changes_and_leaves_alone(alex):
    imported(UNITS, alex)
    assert counts(imported(PEOPLE, alex)) == {"added": 3, "stays_left": 1}
    bo = User.objects.get(email="bo@example.org")
    assert (bo.name, code_of_unit(bo), bo.has_usable_password(), bo.joined_at) == ("Bo Lind", "OPS", False, NOW)
    assert EmailAddress.objects.filter(user=bo, email="bo@example.org", verified=True, primary=True).exists()

    plan = imported("name,email,unit\nBo Lindqvist,bo@example.org,N\nAma Mensah,ama@example.org,N\n", alex)

    bo.refresh_from_db()
    assert counts(plan) == {"changed": 1, "unchanged": 1}
    assert (bo.name, code_of_unit(bo), bo.version) == ("Bo Lindqvist", "N", 2)
    event = AuditEvent.objects.filter(subject_id=bo.pk).latest("pk")
    assert event.summary == "changed the account of Bo Lindqvist (import of staff.csv)"
    assert event.before == {"name": "Bo Lind", "unit": "OPS"}
    assert event.after == {"name": "Bo Lindqvist", "unit": "N", "version": 2}


@pytest.mark.parametrize("text", [UNITS, PEOPLE])
def test_importing_the_same_file_again_changes_nothing(alex, text):
    imported(UNITS, alex)
    imported(PEOPLE, alex)
    before = (
        list(User.objects.order_by("pk").values()),
        list(Unit.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
    )

    plan = imported(text, alex)

    assert set(counts(plan)) <= {"unchanged", "stays_left"}
    assert not plan.does_something
    assert before == (
        list(User.objects.order_by("pk").values()),
        list(Unit.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
    )


def test_a_column_that_is_not_there_leaves_units_as_they_are(alex):
    imported(UNITS, alex)
    imported(PEOPLE, alex)

    imported("email,name\nama@example.org,Ama Osei\n", alex)
    assert code_of_unit(User.objects.get(email="ama@example.org")) == "N"

    imported("email,name,unit\nama@example.org,Ama Osei,\n", alex)
    assert User.objects.get(email="ama@example.org").unit is None


def test_a_leaver_in_the_file_loses_access_at_once(alex):
    ama = give_role(make_person("Ama Mensah"), Role.READER, make_programme().scope)
    client = Client()
    client.force_login(ama)
    assert client.get("/account/").status_code == 200

    plan = imported(f"email,name,left\n{ama.email},Ama Mensah,YES\n", alex)

    ama.refresh_from_db()
    assert counts(plan) == {"left": 1}
    assert (ama.is_active, ama.left_at, ama.left_by) == (False, NOW, alex)
    assert client.get("/account/").status_code == 302
    assert not ama.role_holdings.filter(ended_at=None).exists()
    event = AuditEvent.objects.filter(subject_id=ama.pk).latest("pk")
    assert (event.summary, event.after) == ("marked Ama Mensah as left (import of staff.csv)", {"version": 2})


def test_somebody_marked_as_left_stays_so(alex):
    ama = make_person("Ama Mensah")
    operations.record_leaver(person_id=ama.pk, by=alex, now=NOW)

    plan = imported(f"email,name\n{ama.email},Ama Boateng\n", alex)

    ama.refresh_from_db()
    assert (counts(plan), ama.is_active, ama.name) == ({"stays_left": 1}, False, "Ama Mensah")


def test_one_bad_row_keeps_all_the_others_out(alex):
    bad = "email,name,unit\nok@example.org,Fine,\nnot an address,Bad,\nbo@example.org,Bo,NOWHERE\n"

    assert problems(bad, alex) == [(3, "email"), (4, "unit")]
    assert not User.objects.filter(email="ok@example.org").exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ("x,X\n", ""),
        ("x,X\ny,Y\n", " 1 more problem needs mending too."),
        ("x,\n", " 1 more problem needs mending too."),
        ("x,X\ny,Y\nz,Z\n", " 2 more problems need mending too."),
    ],
)
def test_the_refusal_names_the_first_row_and_how_many_more(alex, rows, more):
    with pytest.raises(ImportRefused) as refused:
        imported(f"email,name\n{rows}", alex)

    assert refused.value.sentence == (
        f"Nothing was imported. Line 2, email: is not an email address. Write it like name@example.org.{more}"
    )


def test_units_in_a_circle_are_refused(alex):
    imported(UNITS, alex)

    assert problems("code,name,parent\nOPS,Operations,N\n", alex) == [(2, "parent")]
    assert problems("code,name,parent\nA,A,B\nB,B,A\n", alex) == [(2, "parent"), (3, "parent")]
    assert problems("code,name,parent\nA,A,A\n", alex) == [(2, "parent")]
    assert problems("code,name,parent\nA,A,NOWHERE\n", alex) == [(2, "parent")]
    assert problems("code,name\nops,Operations\n", alex) == [(2, "code")]


def test_an_importer_cannot_shut_themselves_out(alex):
    make_administrator()

    assert problems(f"email,name,left\n{alex.email},Alex,yes\n", alex) == [(2, "left")]


def test_only_administrators_import():
    ama = make_person()

    for act in (
        lambda: imported(PEOPLE, ama),
        lambda: operations.keep_import(text=PEOPLE, file_name="x.csv", by=ama, now=NOW),
        lambda: operations.discard_import(import_id=ama.pk, by=ama),
        lambda: operations.apply_import(import_id=ama.pk, digest="", by=ama, now=NOW),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_confirmed_preview_is_imported_once(alex):
    kept = operations.keep_import(text=UNITS, file_name="units.csv", by=alex, now=NOW)
    digest = plan_of(UNITS, by=alex).digest

    assert counts(operations.apply_import(import_id=kept.pk, digest=digest, by=alex, now=NOW)) == {"added": 2}
    with pytest.raises(Conflict, match="imported or discarded already"):
        operations.apply_import(import_id=kept.pk, digest=digest, by=alex, now=NOW)
    assert not PeopleImport.objects.exists()


def test_a_preview_that_is_no_longer_true_is_refused(alex):
    kept = operations.keep_import(text=UNITS, file_name="units.csv", by=alex, now=NOW)
    digest = plan_of(UNITS, by=alex).digest
    operations.add_unit(code="OPS", name="Operations", parent_id=None, by=alex, now=NOW)

    with pytest.raises(Conflict, match="changed since this preview"):
        operations.apply_import(import_id=kept.pk, digest=digest, by=alex, now=NOW)

    assert not Unit.objects.filter(code="N").exists()
    fresh = plan_of(UNITS, by=alex).digest
    operations.apply_import(import_id=kept.pk, digest=fresh, by=alex, now=NOW)


def test_an_upload_replaces_the_one_before_and_belongs_to_its_person(alex):
    first = operations.keep_import(text=UNITS, file_name="a.csv", by=alex, now=NOW)
    second = operations.keep_import(text=PEOPLE, file_name="b.csv", by=alex, now=NOW)

    assert list(PeopleImport.objects.values_list("pk", flat=True)) == [second.pk]
    assert import_with_id(second.pk, by=make_administrator()) is None
    assert import_with_id(first.pk, by=alex) is None
    operations.discard_import(import_id=second.pk, by=alex)
    assert not PeopleImport.objects.exists()


def test_a_large_file_takes_a_constant_number_of_statements(alex, django_assert_max_num_queries):
    def text(rows):
        return "email,name\n" + "".join(f"p{n}@example.org,Person {n}\n" for n in range(rows))

    with django_assert_max_num_queries(16):
        imported(text(3), alex)
    with django_assert_max_num_queries(16):
        imported(text(400), alex)
