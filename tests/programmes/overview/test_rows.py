"""The one statement of the rows says what each room says by itself."""

from bench.generate import NOW, fill
from partners.people.models import User
from programmes.overview.queries import programme_rows
from programmes.register.models import Programme
from programmes.reviews.queries import reviews_open_at
from programmes.scheduling.queries import stages_of
from programmes.scheduling.rules import current_stage
from programmes.workstreams.models import Workstream
from programmes.workstreams.queries import reporting_days, rollups_by_programme, workstreams_of
from programmes.workstreams.rules import Rollup, rollup_of
from tests.builders import make_programme


def test_programme_rows_says_what_the_rooms_say(own_database, capsys):
    fill(own_database.owner_url, programmes=20)
    Workstream.objects.filter(programme=Programme.objects.order_by("pk")[0]).update(
        closed_at=NOW, closed_by=Programme.objects.order_by("pk")[0].owner_id, close_reason="Done"
    )
    bare = make_programme(by=User.objects.order_by("pk")[0])
    bare.stages.all().delete()
    days = reporting_days(NOW)
    programmes = Programme.objects.all()
    ids = list(programmes.order_by("pk").values_list("pk", flat=True))

    rows = {row.id: row for row in programme_rows(programmes, days=days, now=NOW)}

    assert set(rows) == set(ids)
    assert len({row.overall for row in rows.values()}) > 2
    stages, rollups = stages_of(ids), rollups_by_programme(ids, days)
    for pk, row in rows.items():
        said = rollups.get(pk)
        shown = [one.shown for one in workstreams_of(pk, days=days, now=NOW)]
        stage = current_stage(stages.get(pk, ()))
        closes = max((r.closes_at for r in reviews_open_at(NOW).filter(programme=pk)), default=None)
        assert row.rollup == (said.rollup if said else Rollup()) == rollup_of(shown)
        assert (row.last_reported_at, row.asks) == ((said.last_reported_at, said.asks) if said else (None, 0))
        assert row.stage_key == (stage.kind if stage else "finished")
        assert row.review_closes_at == closes
