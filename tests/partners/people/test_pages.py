import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from partners.people import operations
from partners.people.enums import Role
from partners.people.models import ApiToken, BrowserSession, PeopleImport, RoleHolding, Unit, User
from partners.people.queries import organisation, sessions_of
from tests.builders import (
    NOW,
    give_role,
    make_administrator,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_unit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alex():
    return make_administrator("Alex Morgan")


@pytest.fixture
def admin(client, alex):
    client.force_login(alex)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def post(client, page, /, *args, **fields):
    return client.post(reverse(page, args=args), fields)


def rows_of(response):
    """The headings of the rows of the tables on the page."""
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]*)', response.content.decode())


def digest_of(response):
    [digest] = re.findall(r'name="digest" value="([^"]*)"', response.content.decode())
    return digest


# Strangers

ADMINISTRATORS_ONLY = [
    ("people", ()),
    ("person_new", ()),
    ("person", ("person",)),
    ("person_change", ("person",)),
    ("person_leave", ("person",)),
    ("person_bring_back", ("person",)),
    ("person_remove_second_step", ("person",)),
    ("people_import", ()),
    ("people_import_template", ("people",)),
    ("units", ()),
    ("unit_new", ()),
    ("unit_change", ("unit",)),
    ("roles", ()),
    ("settings_index", ()),
]


@pytest.fixture
def world():
    programme = make_programme("Digital Policing", portfolio=make_portfolio("Change"))
    return {
        "programme": programme,
        "person": make_person("Ama Mensah", unit=make_unit()),
        "anonymous": None,
        "staff": make_person(),
        "reader": make_reader(programme),
        "lead": give_role(make_person(), Role.WORKSTREAM_LEAD, programme.scope),
        "manager": make_manager(programme),
        "cio": give_role(make_person(), Role.CIO, programme.scope.parent),
        "administrator": make_administrator(),
    }


def address(world, name, places):
    known = {"person": world["person"].pk, "unit": world["person"].unit_id}
    return reverse(name, args=[known.get(place, place) for place in places])


def signed_in(user):
    client = Client()
    if user:
        client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["anonymous", "staff", "reader", "lead", "manager", "cio", "administrator"])
def test_who_may_open_the_pages_of_administrators(world, who):
    client = signed_in(world[who])
    expected = {"anonymous": 302, "administrator": 200}.get(who, 403)

    statuses = {name: client.get(address(world, name, places)).status_code for name, places in ADMINISTRATORS_ONLY}

    assert statuses == dict.fromkeys((name for name, _ in ADMINISTRATORS_ONLY), expected)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("anonymous", 302),
        ("staff", 404),
        ("reader", 200),
        ("lead", 200),
        ("manager", 200),
        ("cio", 200),
        ("administrator", 200),
    ],
)
def test_who_sees_the_roles_of_a_programme(world, who, expected):
    assert signed_in(world[who]).get(reverse("scope_roles", args=[world["programme"].scope_id])).status_code == expected


@pytest.mark.parametrize(("who", "may"), [("reader", False), ("lead", False), ("manager", True), ("cio", True)])
def test_who_is_offered_to_give_a_role(world, who, may):
    response = signed_in(world[who]).get(reverse("scope_roles", args=[world["programme"].scope_id]))

    assert ("Give somebody a role" in text_of(response)) is may


def test_strangers_cannot_act(world):
    held = RoleHolding.objects.get(user=world["lead"])
    person = world["person"]
    acts = [
        ("person_leave", [person.pk], 403),
        ("person_send_link", [person.pk], 403),
        ("people_import_discard", [uuid4()], 403),
        ("role_end", [held.pk], 404),
        ("scope_roles", [world["programme"].scope_id], 404),
    ]

    found = [signed_in(world["staff"]).post(reverse(name, args=args)).status_code for name, args, _ in acts]

    assert found == [status for _, _, status in acts]
    assert User.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize(
    "name", ["person", "person_change", "person_leave", "unit_change", "scope_roles", "role_end", "token_revoke"]
)
def test_an_unknown_id_is_not_found(admin, name):
    assert admin.get(reverse(name, args=[uuid4()])).status_code == 404


# People


def test_people_are_found_by_name_address_and_unit(admin):
    north = make_unit("Response North")
    ama, bo = make_person("Ama Mensah", unit=north), make_person("Bo Lind")
    gone = make_person("Gone Away", unit=north)
    operations.record_leaver(person_id=gone.pk, by=make_administrator(), now=NOW)

    def names(**query):
        return rows_of(admin.get(reverse("people"), query))

    assert names(q="mensah") == ["Ama Mensah"]
    assert names(q=bo.email) == ["Bo Lind"]
    assert names(q="north ama") == ["Ama Mensah"]
    assert names(unit=north.pk) == ["Ama Mensah"]
    assert names(unit=north.pk, state="all") == ["Ama Mensah", "Gone Away"]
    assert names(state="left") == ["Gone Away"]
    assert "Gone Away" not in names()
    assert ama.name in names()


def test_people_of_a_unit_are_those_of_its_parts_too(admin, alex):
    top = make_unit()
    part = operations.add_unit(code="PART", name="Part", parent_id=top.pk, by=alex, now=NOW)
    make_person("Ama", unit=part)

    assert rows_of(admin.get(reverse("people"), {"unit": top.pk})) == ["Ama"]


@pytest.mark.parametrize("query", [{"q": "nobody of this name"}, {"state": "left"}])
def test_people_that_are_not_there_are_an_empty_state(admin, query):
    assert "Nobody found" in text_of(admin.get(reverse("people"), query))


@pytest.mark.parametrize(
    "query",
    [{"unit": "x"}, {"state": "perhaps"}, {"page": "x"}, {"page": "9" * 30}, {"q": "x" * 201}, {"unit": uuid4()}],
)
def test_a_filter_that_makes_no_sense_is_no_error(admin, query):
    assert admin.get(reverse("people"), query).status_code == 200


def test_add_a_person(admin, alex):
    unit = make_unit("North")

    response = post(admin, "person_new", name="Ama Mensah", email="Ama@example.org", unit=unit.pk)

    ama = User.objects.get(email="ama@example.org")
    assert (response.status_code, response.url) == (302, reverse("person", args=[ama.pk]))
    page = text_of(admin.get(response.url))
    assert "Alex Morgan added Ama Mensah" in page
    assert "Ama Mensah added. Send them a link to set a password." in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "email": "a@example.org"}, "Enter name"),
        ({"name": "A\nB", "email": "a@example.org"}, "Write this on one line"),
        ({"name": "A" * 201, "email": "a@example.org"}, "Name must be 200 characters or fewer. You have used 201."),
        ({"name": "Ama", "email": "not an address"}, "Enter a valid email address"),
        ({"name": "Ama", "email": "a@example.org", "unit": str(uuid4())}, "Choose one of the options for unit"),
        ({"name": "Ama", "email": "a@example.org", "unit": "x"}, "Choose one of the options for unit"),
    ],
)
def test_a_person_that_makes_no_sense_is_told_what_to_mend(admin, fields, sentence):
    response = post(admin, "person_new", **fields)

    assert response.status_code == 200
    assert sentence in text_of(response)
    assert not User.objects.filter(email="a@example.org").exists()


def test_the_same_person_sent_twice_is_told_who_it_is(admin):
    fields = {"name": "Ama Mensah", "email": "ama@example.org"}
    post(admin, "person_new", **fields)

    again = post(admin, "person_new", **fields)

    assert again.status_code == 409
    assert "Ama Mensah has an account with this address" in text_of(again)


def test_two_people_change_an_account_at_once_and_the_second_loses_nothing(admin, alex):
    ama = make_person("Ama Mensah")
    seen = {"email": ama.email, "unit": "", "version": 1}
    post(signed_in(make_administrator("Bo Lind")), "person_change", ama.pk, name="Ama Boateng", **seen)

    second = post(admin, "person_change", ama.pk, name="Ama Osei", **seen)

    page = text_of(second)
    assert second.status_code == 409
    assert "Bo Lind changed the name of the account of Ama Boateng while you were working on it" in page
    assert 'value="Ama Osei"' in page
    assert 'name="version" value="2"' in page
    assert "Ama Boateng" in page
    assert post(admin, "person_change", ama.pk, name="Ama Osei", **seen | {"version": 2}).status_code == 302
    assert User.objects.get(pk=ama.pk).name == "Ama Osei"


@pytest.mark.parametrize("version", ["", "0", "x", "-1", str(2**31)])
def test_a_version_that_makes_no_sense_is_no_server_error(admin, version):
    ama = make_person()

    assert post(admin, "person_change", ama.pk, name="A", email=ama.email, version=version).status_code == 200
    assert User.objects.get(pk=ama.pk).version == 1


def test_mark_as_left_asks_first_and_names_the_roles_that_end(admin):
    programme = make_programme("Digital Policing")
    ama = give_role(make_person("Ama Mensah"), Role.WORKSTREAM_LEAD, programme.scope)

    asked = admin.get(reverse("person_leave", args=[ama.pk]))
    assert "Digital Policing" in text_of(asked)
    assert User.objects.get(pk=ama.pk).is_active

    done = post(admin, "person_leave", ama.pk)
    assert done.status_code == 302
    page = text_of(admin.get(done.url))
    assert "Ama Mensah is marked as left." in page
    assert "Bring back" in page
    assert "already marked as left" in text_of(post(admin, "person_leave", ama.pk))


def test_bring_back(admin):
    ama = make_person("Ama")
    post(admin, "person_leave", ama.pk)

    assert post(admin, "person_bring_back", ama.pk).status_code == 302
    assert User.objects.get(pk=ama.pk).is_active
    assert post(admin, "person_bring_back", ama.pk).status_code == 409


def test_one_cannot_mark_oneself_as_left(admin, alex):
    assert "Mark as left" not in text_of(admin.get(reverse("person", args=[alex.pk])))
    assert "Ask another administrator" in text_of(post(admin, "person_leave", alex.pk))


# Units


def test_add_and_change_a_unit(admin):
    assert post(admin, "unit_new", code="OPS", name="Operations", parent="").status_code == 302
    ops = Unit.objects.get()
    assert post(admin, "unit_new", code="ops", name="Again").status_code == 409
    assert post(admin, "unit_new", code="N", name="North", parent=ops.pk).status_code == 302

    changed = post(admin, "unit_change", ops.pk, code="OPS", name="All operations", parent="", version=1)

    assert changed.status_code == 302
    assert rows_of(admin.get(reverse("units"), {"q": "all"})) == ["All operations"]
    late = post(admin, "unit_change", ops.pk, code="OPS", name="Late", parent="", version=1)
    assert late.status_code == 409
    assert "Alex Morgan changed the name of the unit All operations" in text_of(late)


def test_rename_the_organisation(admin):
    was = organisation().name
    assert "Name of the organisation" in text_of(admin.get(reverse("settings_index")))

    renamed = post(admin, "organisation_name", name="Northshire Police", was=was)

    assert (renamed.status_code, renamed.url) == (302, reverse("settings_index"))
    page = text_of(admin.get(reverse("organisation_name")))
    assert 'value="Northshire Police"' in page
    assert f"Alex Morgan renamed the organisation from {was} to Northshire Police" in page
    late = post(admin, "organisation_name", name="Late Police", was=was)
    assert late.status_code == 409
    assert "Alex Morgan changed the name of the organisation while you were working on it" in text_of(late)
    assert 'name="was" value="Northshire Police"' in text_of(late)
    assert post(admin, "organisation_name", name="Late Police", was="Northshire Police").status_code == 302


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "Two\nlines", "\u200b"])
def test_a_name_of_the_organisation_that_cannot_be(admin, name):
    was = organisation().name

    assert post(admin, "organisation_name", name=name, was=was).status_code == 200
    assert organisation().name == was


def test_only_an_administrator_renames_the_organisation():
    client = signed_in(make_reader(make_programme()))

    assert client.get(reverse("organisation_name")).status_code == 403
    assert post(client, "organisation_name", name="Ours", was=organisation().name).status_code == 403


def test_a_unit_is_not_offered_what_lies_below_it(admin, alex):
    top = make_unit("Top")
    part = operations.add_unit(code="PART", name="Part", parent_id=top.pk, by=alex, now=NOW)
    other = make_unit("Other")

    page = text_of(admin.get(reverse("unit_change", args=[top.pk])))
    assert f'value="{other.pk}"' in page
    assert f'value="{part.pk}"' not in page
    assert post(admin, "unit_change", top.pk, code="T", name="Top", parent=part.pk, version=1).status_code == 200


def test_no_units_yet_says_what_to_do(admin):
    assert "No units yet" in text_of(admin.get(reverse("units")))
    assert "No unit found" in text_of(admin.get(reverse("units"), {"q": "x"}))


# Roles


def test_a_manager_gives_and_ends_a_role(client):
    programme, ama = make_programme("Digital Policing"), make_person("Ama Mensah")
    client.force_login(make_manager(programme))

    given = post(client, "scope_roles", programme.scope_id, person=ama.email.upper(), role="workstream_lead")

    held = RoleHolding.objects.get(user=ama)
    assert given.status_code == 302
    assert "Ama Mensah now holds the role." in text_of(client.get(given.url))
    again = post(client, "scope_roles", programme.scope_id, person=ama.email, role="workstream_lead")
    assert (again.status_code, "is already workstream lead" in text_of(again)) == (409, True)
    assert "will no longer be workstream lead of Digital Policing" in text_of(
        client.get(reverse("role_end", args=[held.pk]))
    )
    assert post(client, "role_end", held.pk).status_code == 302
    assert post(client, "role_end", held.pk).status_code == 409


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"person": "nobody@example.org", "role": "reader"}, 200, "Nobody with an account has this address"),
        ({"role": "reader"}, 200, "Enter person"),
        ({"person": "a@example.org", "role": "cio"}, 200, "Choose one of the options for role"),
        ({"person": "a@example.org", "role": "king"}, 200, "Choose one of the options for role"),
        ({"person": "a@example.org"}, 200, "Select role"),
    ],
)
def test_a_role_that_makes_no_sense_is_told_what_to_mend(client, fields, status, sentence):
    programme = make_programme()
    client.force_login(make_manager(programme))

    response = post(client, "scope_roles", programme.scope_id, **fields)

    assert (response.status_code, sentence in text_of(response)) == (status, True)


def test_a_cio_sees_who_is_programme_manager_but_ends_no_role_of_the_portfolio_from_below(world):
    client = signed_in(world["manager"])
    page = text_of(client.get(reverse("scope_roles", args=[world["programme"].scope_id])))

    assert world["cio"].name in page
    cios = RoleHolding.objects.get(user=world["cio"])
    assert reverse("role_end", args=[cios.pk]) not in page
    assert post(client, "role_end", cios.pk).status_code == 404


def test_the_last_administrator_cannot_end_their_own_role(admin, alex):
    held = RoleHolding.objects.get(user=alex)

    assert "This is the last administrator" in text_of(post(admin, "role_end", held.pk))
    assert "Administrators" in text_of(admin.get(reverse("scope_roles", args=[organisation().pk])))


# One's own account


def test_my_account_tells_who_one_is(client):
    programme = make_programme("Digital Policing")
    ama = give_role(make_person("Ama Mensah", unit=make_unit("North")), Role.WORKSTREAM_LEAD, programme.scope)
    client.force_login(ama)

    page = text_of(client.get(reverse("my_account")))

    for words in (ama.email, "North", "Workstream lead", "Digital Policing", "Not in use", "This browser"):
        assert words in page


def test_make_and_revoke_a_token(client):
    ama = make_person()
    client.force_login(ama)

    made = post(client, "token_new", name="Figures", days="30")

    token = ApiToken.objects.get()
    assert (made.status_code, "tp_" in text_of(made), made.headers["Cache-Control"]) == (201, True, "no-store")
    page = text_of(client.get(reverse("my_account")))
    assert "Figures" in page
    assert "tp_" not in page
    assert post(client, "token_new", name="Figures", days="30").status_code == 409
    for days in ("0", "366", "x", ""):
        assert post(client, "token_new", name="More", days=days).status_code == 200
    stranger = signed_in(make_person())
    assert stranger.get(reverse("token_revoke", args=[token.pk])).status_code == 404
    assert stranger.post(reverse("token_revoke", args=[token.pk])).status_code == 404
    assert post(client, "token_revoke", token.pk).status_code == 302
    assert post(client, "token_revoke", token.pk).status_code == 409


def test_an_administrator_revokes_the_token_of_somebody(admin):
    ama = make_person("Ama")
    token = operations.create_token(name="Figures", days=365, by=ama, now=NOW).token

    assert "Figures" in text_of(admin.get(reverse("person", args=[ama.pk])))
    assert post(admin, "token_revoke", token.pk).url == reverse("person", args=[ama.pk])


def test_sign_out_of_another_browser():
    ama = make_person()
    here, there, other = signed_in(ama), signed_in(ama), signed_in(make_person())
    [away] = [s for s in sessions_of(ama, current_key=here.session.session_key) if not s.is_this_one]

    assert post(other, "session_end", away.handle).status_code == 409
    assert there.get(reverse("my_account")).status_code == 200
    assert post(here, "session_end", away.handle).status_code == 302

    assert there.get(reverse("my_account")).status_code == 302
    assert here.get(reverse("my_account")).status_code == 200
    assert post(here, "session_end", away.handle).status_code == 409
    assert BrowserSession.objects.filter(user=ama).count() == 1


def test_the_key_of_a_session_is_on_no_page():
    ama = make_person()
    here, there = signed_in(ama), signed_in(ama)

    page = text_of(here.get(reverse("my_account")))

    assert there.session.session_key not in page
    assert here.session.session_key not in page


# Import


def upload(client, text, name="staff.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(reverse("people_import"), {"file": SimpleUploadedFile(name, content, "text/csv")})


def test_import_shows_what_it_would_do_and_then_does_it(admin):
    gone = make_person("Gone Soon")
    same = make_person("Same")

    uploaded = upload(
        admin,
        f"email,name,left\nama@example.org,=1+1,\n{gone.email},Gone Soon,yes\n{same.email},Other Name,\n",
    )
    preview = admin.get(uploaded.url)
    page = text_of(preview)

    assert "What staff.csv would do" in page
    for words in ("=1+1", "Loses access at once", "name: Same becomes Other Name", "Added (1)"):
        assert words in page
    assert User.objects.get(pk=gone.pk).is_active

    done = admin.post(uploaded.url, {"digest": digest_of(preview)})
    assert (done.status_code, done.url) == (302, reverse("people"))
    assert User.objects.get(email="ama@example.org").name == "=1+1"
    assert not User.objects.get(pk=gone.pk).is_active
    assert "Imported: 1 added, 1 changed, 1 marked as left, 0 unchanged." in text_of(admin.get(done.url))
    assert admin.post(uploaded.url, {"digest": "x"}).status_code == 409


def test_import_with_problems_names_them_and_offers_no_button(admin):
    uploaded = upload(admin, "email,name,unit\nnot an address,A,\nbo@example.org,Bo,NOWHERE\n")
    preview = admin.get(uploaded.url)
    page = text_of(preview)

    assert "2 things must be mended" in page
    assert "unit NOWHERE is no unit here" in page
    assert "Import all of it" not in page
    assert admin.post(uploaded.url, {"digest": "x"}).status_code == 409
    assert not User.objects.filter(email="bo@example.org").exists()


def test_import_of_what_is_there_already_says_so(admin):
    ama = make_person("Ama")

    page = text_of(admin.get(upload(admin, f"email,name\n{ama.email},Ama\n").url))

    assert "There is nothing to import" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("email,name\nå@example.org,Siân\n".encode("cp1252"), "not saved as UTF-8"),
        (b"email,name\na@example.org,A\0\n", "NUL character"),
        (b"rank,number\n1,2\n", "The first line must name the columns"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b"", "The submitted file is empty"),
    ],
    ids=["windows", "nul", "header", "large", "empty"],
)
def test_a_file_that_cannot_be_read_is_told_what_to_do(admin, content, sentence):
    response = upload(admin, content)

    assert response.status_code in (200, 409)
    assert sentence in text_of(response)
    assert not PeopleImport.objects.exists()


def test_no_file_is_told_to_choose_one(admin):
    assert "There is a problem" not in text_of(admin.get(reverse("people_import")))
    assert "Choose the CSV file" in text_of(admin.post(reverse("people_import"), {}))


def test_discard_an_import(admin):
    uploaded = upload(admin, "email,name\na@example.org,Ama\n")
    kept = PeopleImport.objects.get()

    assert post(admin, "people_import_discard", kept.pk).status_code == 302
    assert not PeopleImport.objects.exists()
    assert admin.get(uploaded.url).status_code == 409


def test_an_import_of_somebody_else_cannot_be_opened(admin):
    uploaded = upload(admin, "email,name\na@example.org,Ama\n")

    assert signed_in(make_administrator()).get(uploaded.url).status_code == 409


@pytest.mark.parametrize("kind", ["people", "units"])
def test_the_template_can_be_uploaded_as_it_is(admin, kind):
    response = admin.get(reverse("people_import_template", args=[kind]))

    assert response.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert upload(admin, response.content).status_code == 302
    assert admin.get(reverse("people_import_template", args=["other"])).status_code == 404


# Settings


def test_settings_lists_the_pages_that_are_there(admin):
    page = text_of(admin.get(reverse("settings_index")))

    for name in ("people", "units", "roles", "people_import", "closures", "admin:index"):
        assert f'href="{reverse(name)}"' in page


# Budgets


@pytest.mark.parametrize(
    ("name", "budget"), [("people", 8), ("units", 7), ("roles", 8), ("my_account", 10), ("settings_index", 5)]
)
def test_a_list_costs_the_same_at_one_and_at_three(admin, django_assert_num_queries, name, budget):
    def add():
        programme = make_programme()
        give_role(make_person(unit=make_unit()), Role.READER, programme.scope)

    add()
    admin.get(reverse(name))
    with django_assert_num_queries(budget):
        admin.get(reverse(name))
    add()
    add()
    with django_assert_num_queries(budget):
        admin.get(reverse(name))


def test_the_roles_of_a_programme_cost_the_same_at_one_and_at_three(admin, django_assert_num_queries):
    programme = make_programme()
    make_reader(programme)
    address = reverse("scope_roles", args=[programme.scope_id])

    with django_assert_num_queries(8):
        admin.get(address)
    make_reader(programme)
    make_reader(programme)
    with django_assert_num_queries(8):
        admin.get(address)


def test_a_person_costs_the_same_with_one_and_three_roles_and_tokens(admin, django_assert_num_queries):
    ama = make_person()
    address = reverse("person", args=[ama.pk])

    def add(number):
        give_role(ama, Role.READER, make_programme().scope)
        operations.create_token(name=f"Token {number}", days=365, by=ama, now=NOW)

    add(1)
    with django_assert_num_queries(12):
        admin.get(address)
    add(2)
    add(3)
    with django_assert_num_queries(12):
        admin.get(address)
