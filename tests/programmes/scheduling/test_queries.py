from datetime import date

import pytest

from programmes.register.models import Programme
from programmes.scheduling.models import Stage
from programmes.scheduling.queries import current_stage_kind, stages_of
from programmes.scheduling.rules import current_stage
from tests.builders import make_programme, pass_gates

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def finish(programme: Programme, count: int) -> Programme:
    pass_gates(programme)
    for position in range(1, count + 1):
        Stage.objects.filter(programme=programme, position=position).update(started_on=DAY, finished_on=DAY)
    return programme


@pytest.mark.parametrize("count", [1, 3])
def test_stages_of_is_one_query(django_assert_num_queries, count):
    ids = [make_programme().pk for _ in range(count)]

    with django_assert_num_queries(1):
        found = stages_of(ids)

    assert {pk: [stage.kind for stage in stages] for pk, stages in found.items()} == {
        pk: ["technology", "information", "business"] for pk in ids
    }


def test_stages_of_takes_a_query_of_ids(django_assert_num_queries):
    wanted = make_programme("Wanted")
    make_programme("Other")

    with django_assert_num_queries(1):
        found = stages_of(Programme.objects.filter(name="Wanted").values("pk"))

    assert list(found) == [wanted.pk]


def test_the_current_stage_is_the_same_in_sql_and_in_python():
    programmes = [finish(make_programme(), count) for count in range(4)]

    in_sql = dict(Programme.objects.annotate(stage=current_stage_kind()).values_list("pk", "stage"))
    in_python = {
        pk: (stage.kind if (stage := current_stage(found)) else "finished") for pk, found in stages_of(in_sql).items()
    }

    assert [in_sql[p.pk] for p in programmes] == ["technology", "information", "business", "finished"]
    assert in_python == in_sql
