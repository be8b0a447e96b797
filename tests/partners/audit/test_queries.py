import pytest
from django.db.models import Count, QuerySet, Value
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.people.enums import Role
from partners.people.models import RoleHolding, User
from tests.builders import give_role, make_person, make_programme

pytestmark = pytest.mark.django_db


def _held(scopes: RawSQL, role: RawSQL) -> QuerySet:
    held = RoleHolding.objects.filter(scope__in=scopes, role=role, ended_at=None)
    return held.select_related("user", "scope").annotate(mark=Value("100% sure")).order_by("user__name")


def test_statement_gives_the_objects_of_its_query_with_what_they_join(django_assert_num_queries):
    held, one, other = Statement(_held), make_programme("Custody"), make_programme("Contact")
    give_role(make_person("Ama"), Role.PROGRAMME_MANAGER, one.scope)
    give_role(make_person("Ben"), Role.PROGRAMME_MANAGER, other.scope)
    give_role(make_person("Cleo"), Role.WORKSTREAM_LEAD, one.scope)

    for programmes, names in [([one, other], ["Ama", "Ben"]), ([one], ["Ama"]), ([], []), ([other], ["Ben"])]:
        with django_assert_num_queries(1):
            found = held.objects(scopes=[each.scope_id for each in programmes], role=Role.PROGRAMME_MANAGER)
            assert [each.user.name for each in found] == names
            assert [each.scope.name for each in found] == sorted((each.name for each in programmes), reverse=True)
            assert {each.mark for each in found} <= {"100% sure"}

    found[0].refresh_from_db()


def test_statement_gives_counts_as_its_query_does():
    one = make_programme("Custody")
    ama = give_role(make_person("Ama"), Role.PROGRAMME_MANAGER, one.scope)
    counted = Statement(
        lambda who: (
            User.objects.filter(pk=who).values("name").annotate(n=Count("role_holdings")).values_list("name", "n")
        )
    )

    assert counted.rows(who=ama.pk) == [("Ama", 1)]
    assert counted.rows(who=make_person("Ben").pk) == [("Ben", 0)]
