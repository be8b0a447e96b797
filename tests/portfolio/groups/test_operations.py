from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from partners.audit.queries import events_about
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.people.changes import close_accounts
from partners.people.enums import Role, ScopeKind
from partners.people.models import RoleHolding, Scope
from partners.people.queries import organisation
from portfolio.groups.models import Portfolio
from portfolio.groups.operations import change_portfolio, create_portfolio, set_up_programme
from programmes.register.enums import DeliveryModel
from programmes.register.models import Programme
from programmes.scheduling.queries import stages_of
from tests.builders import NOW, give_role, make_administrator, make_cio, make_person, make_portfolio, make_programme

UNKEPT: dict[str, Any] = {"organisation": "", "record_until": None}


def set_up(portfolio, by, **more):
    said: dict[str, Any] = {
        "name": "Mobile officer",
        "summary": "Less driving",
        "delivery_model": DeliveryModel.TASKFORCE,
    }
    people = {key: more.pop(key) if key in more else make_person().pk for key in ("owner_id", "manager_id")}
    return set_up_programme(portfolio_id=portfolio.pk, by=by, now=NOW, **(said | people | more))


@pytest.mark.django_db
class TestCreatePortfolio:
    def test_makes_the_portfolio_its_scope_and_one_event(self):
        administrator = make_administrator()

        portfolio = create_portfolio(name=" Northshire ", description="Four\r\nprogrammes", by=administrator, now=NOW)

        scope = Scope.objects.get(pk=portfolio.scope_id)
        assert (portfolio.name, portfolio.description, portfolio.version) == ("Northshire", "Four\nprogrammes", 1)
        assert (scope.kind, scope.name, scope.parent) == (ScopeKind.PORTFOLIO, "Northshire", organisation())
        event = events_about(portfolio.pk).get()
        assert (event.action, event.summary, event.scope_id) == (
            "groups.create_portfolio",
            "created the portfolio Northshire",
            scope.pk,
        )
        assert event.after == {
            "name": "Northshire",
            "description": "Four\nprogrammes",
            "organisation": "",
            "record_until": "",
            "version": 1,
        }

    def test_keeps_whose_it_is_and_until_when_it_is_a_record(self):
        day = date(2013, 3, 31)

        portfolio = create_portfolio(
            name="Past",
            description="",
            organisation=" Another force ",
            record_until=day,
            by=make_administrator(),
            now=NOW,
        )

        portfolio.refresh_from_db()
        assert (portfolio.organisation, portfolio.record_until) == ("Another force", day)
        after = events_about(portfolio.pk).get().after
        assert after is not None
        assert (after["organisation"], after["record_until"]) == ("Another force", "2013-03-31")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("organisation", "two\nlines"), ("organisation", "x" * 201), ("record_until", date(1812, 1, 1))],
    )
    def test_refuses_an_organisation_or_a_day_that_is_not_allowed(self, field, value):
        with pytest.raises(Refused) as refused:
            create_portfolio(name="Past", description="", **{field: value}, by=make_administrator(), now=NOW)

        assert refused.value.field == field
        assert not Portfolio.objects.exists()

    def test_is_for_administrators(self):
        cio = make_cio(make_portfolio())

        with pytest.raises(NotPermitted, match=r"^You cannot create a portfolio\. Ask the administrator\.$"):
            create_portfolio(name="Mine", description="", by=cio, now=NOW)

        assert not Portfolio.objects.filter(name="Mine").exists()

    @pytest.mark.parametrize("name", ["", "two\nlines", "x" * 201, "northSHIRE"])
    def test_refuses_a_name_that_is_not_allowed_or_taken(self, name):
        make_portfolio("Northshire")

        with pytest.raises(Refused) as refused:
            create_portfolio(name=name, description="", by=make_administrator(), now=NOW)

        assert refused.value.field == "name"
        assert Portfolio.objects.count() == 1


@pytest.mark.django_db
class TestChangePortfolio:
    def test_writes_the_row_its_scope_and_one_event(self):
        portfolio = make_portfolio("Old name")

        change_portfolio(
            portfolio_id=portfolio.pk,
            version=1,
            name="New name",
            description="",
            **UNKEPT,
            by=make_cio(portfolio),
            now=NOW,
        )

        portfolio.refresh_from_db()
        assert (portfolio.name, portfolio.scope.name, portfolio.version) == ("New name", "New name", 2)
        event = events_about(portfolio.pk).get()
        assert (event.summary, event.before, event.after) == (
            "changed the name of the portfolio New name",
            {"version": 1, "name": "Old name"},
            {"version": 2, "name": "New name"},
        )

    def test_from_an_old_version_tells_who_changed_what(self):
        portfolio = make_portfolio("Name")
        said: dict[str, Any] = {"portfolio_id": portfolio.pk, "version": 1, "now": NOW} | UNKEPT
        first, second = make_cio(portfolio, "Grace Obi"), make_cio(portfolio)
        change_portfolio(name="Name", description="Theirs", by=first, **said)

        with pytest.raises(Conflict, match=r"^Grace Obi changed the description of this portfolio"):
            change_portfolio(name="Name", description="Mine", by=second, **said)
        repeated = change_portfolio(name="Name", description="Theirs", by=second, **said)

        assert (repeated.description, events_about(portfolio.pk).count()) == ("Theirs", 1)

    def test_says_whose_it_is_and_until_when_it_is_a_record(self):
        portfolio = make_portfolio("Name")
        said: dict[str, Any] = {
            "name": "Name",
            "description": portfolio.description,
            "organisation": "Another force",
            "record_until": date(2013, 3, 31),
            "by": make_cio(portfolio),
            "now": NOW,
        }

        changed = change_portfolio(portfolio_id=portfolio.pk, version=1, **said)
        again = change_portfolio(portfolio_id=portfolio.pk, version=1, **said)

        assert (changed.version, again.version, again.record_until) == (2, 2, date(2013, 3, 31))
        event = events_about(portfolio.pk).get()
        assert event.summary == "changed the organisation and the last day of the record of the portfolio Name"
        assert event.after == {"version": 2, "organisation": "Another force", "record_until": "2013-03-31"}

    def test_refuses_the_name_of_another(self):
        make_portfolio("Taken")
        portfolio = make_portfolio()

        with pytest.raises(Refused, match="There is a portfolio called TAKEN already"):
            change_portfolio(
                portfolio_id=portfolio.pk,
                version=1,
                name="TAKEN",
                description="",
                **UNKEPT,
                by=make_cio(portfolio),
                now=NOW,
            )

    def test_is_for_its_own_cio(self):
        portfolio = make_portfolio()
        reader = give_role(make_person(), Role.READER, portfolio.scope)

        for stranger in (make_cio(make_portfolio()), reader, make_person()):
            with pytest.raises(NotPermitted, match="You cannot change this portfolio"):
                change_portfolio(
                    portfolio_id=portfolio.pk, version=1, name="Mine", description="", **UNKEPT, by=stranger, now=NOW
                )


@pytest.mark.django_db
class TestSetUpProgramme:
    @pytest.mark.parametrize("who", [make_cio, lambda portfolio: make_administrator()])
    def test_makes_programme_scope_stages_role_and_one_event(self, who):
        portfolio = make_portfolio("Northshire")
        owner, manager = make_person("Helen Marsh"), make_person("Priya Nair")
        by = who(portfolio)

        programme = set_up(portfolio, by, owner_id=owner.pk, manager_id=manager.pk)

        row = Programme.objects.select_related("scope").get(pk=programme.pk)
        assert (row.name, row.summary, row.delivery_model, row.owner, row.set_up_by) == (
            "Mobile officer",
            "Less driving",
            "taskforce",
            owner,
            by,
        )
        assert (row.scope.kind, row.scope.name, row.scope.parent_id) == (
            ScopeKind.PROGRAMME,
            "Mobile officer",
            portfolio.scope_id,
        )
        assert [(s.position, s.kind, s.state) for s in stages_of([row.pk])[row.pk]] == [
            (1, "technology", "not_started"),
            (2, "information", "not_started"),
            (3, "business", "not_started"),
        ]
        holding = RoleHolding.objects.get(scope=row.scope)
        assert (holding.user, holding.role, holding.granted_by) == (manager, Role.PROGRAMME_MANAGER, by)
        event = events_about(row.pk).get()
        assert (event.summary, event.scope_id) == ("set up Mobile officer, managed by Priya Nair", row.scope_id)
        assert event.after == {
            "portfolio": "Northshire",
            "name": "Mobile officer",
            "summary": "Less driving",
            "delivery_model": "taskforce",
            "owner": "Helen Marsh",
            "owner_id": str(owner.pk),
            "manager": "Priya Nair",
            "manager_id": str(manager.pk),
            "stages": [
                "ICT-enabled technology transformation",
                "Information transformation",
                "Business transformation",
            ],
            "version": 1,
        }

    def test_once_more_is_refused_and_makes_no_second(self):
        portfolio = make_portfolio()
        cio = make_cio(portfolio)
        set_up(portfolio, cio)

        with pytest.raises(Refused, match="This portfolio already has a programme called Mobile officer"):
            set_up(portfolio, cio)

        assert Programme.objects.count() == 1
        other = make_portfolio()
        assert set_up(other, make_cio(other)).name == "Mobile officer"

    def test_is_for_the_cio_of_this_portfolio(self):
        portfolio = make_portfolio()
        manager = give_role(make_person(), Role.PROGRAMME_MANAGER, make_programme(portfolio=portfolio).scope)
        reader = give_role(make_person(), Role.READER, portfolio.scope)

        for stranger in (make_cio(make_portfolio()), manager, reader, make_person()):
            with pytest.raises(NotPermitted, match="You cannot set up a programme in this portfolio"):
                set_up(portfolio, stranger)

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"name": "two\nlines"}, "name"),
            ({"name": " "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"summary": "x" * 2001}, "summary"),
            ({"owner_id": uuid4()}, "owner"),
            ({"manager_id": uuid4()}, "manager"),
        ],
    )
    def test_refuses_what_is_not_allowed_and_writes_nothing(self, more, field):
        portfolio = make_portfolio()

        with pytest.raises(Refused) as refused:
            set_up(portfolio, make_cio(portfolio), **more)

        assert refused.value.field == field
        assert not Scope.objects.filter(kind=ScopeKind.PROGRAMME).exists()

    def test_refuses_a_manager_who_left(self):
        portfolio = make_portfolio()
        cio, leaver = make_cio(portfolio), make_person()
        close_accounts([leaver.pk], by=cio, now=NOW)

        with pytest.raises(Refused, match="The programme manager must be somebody with an account here"):
            set_up(portfolio, cio, manager_id=leaver.pk)


def test_two_submits_at_once_set_up_one_programme(own_database):
    portfolio = make_portfolio()
    cio, person = make_cio(portfolio), make_person()
    together = Barrier(2)

    def submit(_):
        together.wait(10)
        try:
            set_up(portfolio, cio, owner_id=person.pk, manager_id=person.pk)
        except Refused as refused:
            return refused.field
        finally:
            connection.close()
        return "set up"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(submit, range(2)))

    assert outcomes == ["name", "set up"]
    assert Programme.objects.count() == 1
