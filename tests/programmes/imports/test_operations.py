"""Imports do all of what the preview showed, or nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from partners.audit.models import AuditEvent
from partners.audit.rules import Conflict, NotPermitted, Refused
from partners.files.rules.tables import write_csv, write_xlsx
from partners.people.enums import Role
from partners.people.models import RoleHolding
from partners.people.rules.csv_files import UnreadableFile
from programmes.imports.enums import ImportKind, Outcome
from programmes.imports.models import ProgrammeImport
from programmes.imports.operations import ImportRefused, apply_import, discard_import, import_rows, keep_import
from programmes.imports.queries import plan_of
from programmes.register.changes import end_programme
from programmes.workstreams.models import Workstream
from programmes.workstreams.operations import change_workstream, close_workstream
from tests.builders import (
    NOW,
    make_cio,
    make_manager,
    make_person,
    make_portfolio,
    make_programme,
    make_reader,
    make_workstream,
)

pytestmark = pytest.mark.django_db
HEADINGS = ("Name", "Description", "Lead", "Reviewer")


def rows_of(*rows, headings=HEADINGS) -> bytes:
    return write_csv(headings, rows)


def kept_file(programme, content: bytes, by, *, kind=ImportKind.WORKSTREAMS, now=NOW, name="rows.csv"):
    return keep_import(
        programme_id=programme.pk, kind=kind, name=name, content=content, request_key=uuid4(), by=by, now=now
    )


def imported(programme, content: bytes, by, *, kind=ImportKind.WORKSTREAMS, now=NOW):
    """What somebody does on the pages: upload, look, confirm."""
    kept = kept_file(programme, content, by, kind=kind, now=now)
    digest = plan_of(kept, now=now).digest
    return apply_import(import_id=kept.pk, digest=digest, seen_at=now, by=by, now=now)


def problems_of(programme, content: bytes, by, *, kind=ImportKind.WORKSTREAMS) -> list[tuple[int, str, str]]:
    plan = plan_of(kept_file(programme, content, by, kind=kind), now=NOW)
    return [(problem.line, problem.column, problem.sentence) for problem in plan.problems]


@pytest.fixture
def programme():
    return make_programme("Digital first")


@pytest.fixture
def manager(programme):
    return make_manager(programme, "Priya Shah")


def test_new_workstreams_get_leads_with_their_role(programme, manager):
    ama, jo = make_person("Ama Mensah"), make_person("Jo Reed")

    plan = imported(
        programme, rows_of(("Custody", "Tablets", ama.email.upper(), jo.email), ("Body", "", "", "")), manager
    )

    assert plan.words == "2 new, 0 changed, 0 the same"
    found = list(
        Workstream.objects.order_by("name").values_list("name", "description", "lead", "reviewer", "started_at")
    )
    assert found == [("Body", "", None, None, NOW), ("Custody", "Tablets", ama.pk, jo.pk, NOW)]
    assert list(RoleHolding.objects.filter(role=Role.WORKSTREAM_LEAD).values_list("user", "scope")) == [
        (ama.pk, programme.scope_id)
    ]


@pytest.mark.parametrize("write", [write_csv, lambda headings, rows: write_xlsx("Any", headings, rows)])
def test_the_same_file_again_changes_nothing(programme, manager, write):
    ama = make_person("Ama Mensah")
    content = write(HEADINGS, [("Custody", "=Tablets\nfor all", ama.email, ""), ("Body", "", "", "")])
    imported(programme, content, manager)

    again = imported(programme, content, manager)

    assert again.words == "0 new, 0 changed, 2 the same"
    assert set(Workstream.objects.values_list("version", flat=True)) == {1}


def test_a_row_changes_the_workstream_of_its_name(programme, manager):
    ama, jo = make_person("Ama Mensah"), make_person("Jo Reed")
    imported(programme, rows_of(("Custody", "Tablets", ama.email, "")), manager)

    plan = imported(programme, rows_of(("CUSTODY", "Tablets", jo.email, ama.email)), manager)

    assert [change.words for change in plan.rows[0].changes] == [
        "Name: Custody becomes CUSTODY",
        f"Lead: {ama.email} becomes {jo.email}",
        f"Reviewer: nothing becomes {ama.email}",
    ]
    found = Workstream.objects.get()
    assert (found.name, found.description, found.lead, found.reviewer, found.version) == (
        "CUSTODY",
        "Tablets",
        jo,
        ama,
        2,
    )
    assert list(
        RoleHolding.objects.filter(role=Role.WORKSTREAM_LEAD, ended_at=None).values_list("user", flat=True)
    ) == [jo.pk]


def test_a_column_that_is_left_out_stays_as_it_is(programme, manager):
    ama = make_person()
    imported(programme, rows_of(("Custody", "Tablets", ama.email, "")), manager)

    plan = imported(programme, rows_of(("Custody", "Anew"), headings=("Name", "Description")), manager)

    found = Workstream.objects.get()
    assert (plan.count(Outcome.CHANGED), found.description, found.lead) == (1, "Anew", ama)


def test_each_thing_that_is_touched_has_it_in_its_history(programme, manager):
    workstream = make_workstream(programme, "Custody")
    before = AuditEvent.objects.count()

    imported(programme, rows_of(("Custody", "Tablets", "", ""), ("Body", "", "", "")), manager)

    events = list(AuditEvent.objects.order_by("pk")[before:])
    assert [event.summary for event in events] == [
        "imported workstreams from rows.csv: 1 new, 1 changed, 0 the same",
        "added the workstream Body (import of rows.csv)",
        "changed description of the workstream Custody (import of rows.csv)",
    ]
    assert {(event.action, event.scope_id) for event in events} == {("imports.apply_import", programme.scope_id)}
    assert events[2].after
    assert (events[2].subject_id, events[2].after["version"]) == (workstream.pk, 2)


def test_nothing_is_guessed_and_everything_to_mend_is_named(programme, manager):
    left = make_person("Gone")
    left.is_active = False
    left.save()
    make_workstream(programme, "Body")
    content = rows_of(
        ("Custody", "", "nobody@example.org", ""),
        ("custody", "", "", ""),
        ("", "x", "", ""),
        ("N" * 201, "", "", ""),
        ("A\nB", "", "", ""),
        ("Body", "", "", left.email),
    )

    assert problems_of(programme, content, manager) == [
        (
            2,
            "Lead",
            "nobody@example.org is no address of somebody who can sign in. Mend it, or ask an administrator to add them.",
        ),
        (3, "Name", "is the same as on line 2. Keep one of the two rows."),
        (4, "Name", "is empty. Fill it in, or take the row out."),
        (5, "Name", "Shorten it: 200 characters at most, this has 201."),
        (6, "Name", "Write this on one line, without tabs or other control characters."),
        (
            8,
            "Reviewer",
            f"{left.email} is no address of somebody who can sign in. Mend it, or ask an administrator to add them.",
        ),
    ]


def test_one_row_to_mend_keeps_all_of_them_out(programme, manager):
    content = rows_of(("Custody", "", "", ""), ("Body", "", "nobody@example.org", ""))
    kept = kept_file(programme, content, manager)
    events = AuditEvent.objects.count()

    with pytest.raises(ImportRefused, match=r"Nothing was imported\. Line 3, Lead: nobody@example.org is no address"):
        apply_import(import_id=kept.pk, digest=plan_of(kept, now=NOW).digest, seen_at=NOW, by=manager, now=NOW)

    assert (Workstream.objects.count(), AuditEvent.objects.count()) == (0, events)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Name,Colour,Lead\nA,b,c\n", '"Colour"'),
        (b"Description\nA\n", "no column Name"),
        (b"Name\n", "headings and no rows"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no"),
    ],
)
def test_a_file_that_is_none_of_ours_is_not_kept(programme, manager, content, words):
    with pytest.raises(Refused, match=words):
        kept_file(programme, content, manager)

    assert not ProgrammeImport.objects.exists()


def test_a_column_of_unknown_heading_is_listed_and_not_dropped(programme, manager):
    with pytest.raises(UnreadableFile) as refused:
        kept_file(programme, b"Name,Colour\nA,b\n", manager)

    assert refused.value.sentence == (
        'Nothing here has the heading "Colour". The columns are Name, Description, Lead and Reviewer. '
        "Take the others out, so that nothing of the file is lost unseen."
    )


def test_a_closed_workstream_is_not_changed(programme, manager):
    workstream = make_workstream(programme, "Custody")
    close_workstream(workstream_id=workstream.pk, reason="Done", by=manager, now=NOW)

    assert problems_of(programme, rows_of(("Custody", "Anew", "", "")), manager) == [
        (2, "Name", "Custody is closed. Reopen it first, or take the row out.")
    ]
    assert problems_of(programme, rows_of(("Custody",), headings=("Name",)), manager) == []


def test_what_somebody_changed_since_the_preview_is_told_and_nothing_imported(programme, manager):
    workstream = make_workstream(programme, "Custody", now=NOW - timedelta(days=1))
    kept = kept_file(programme, rows_of(("Custody", "From the file", "", ""), ("Body", "", "", "")), manager)
    digest = plan_of(kept, now=NOW).digest
    change_workstream(
        workstream_id=workstream.pk,
        version=1,
        name="Custody",
        description="By hand",
        lead_id=None,
        reviewer_id=None,
        by=make_manager(programme, "Ama Mensah"),
        now=NOW + timedelta(minutes=1),
    )

    with pytest.raises(Conflict) as conflict:
        apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW + timedelta(minutes=2))

    assert conflict.value.sentence == (
        "What this file would do has changed since you looked at it. Nothing was imported. Meanwhile Ama Mensah changed "
        "the workstream Custody: described anew. Look at it again, then import it."
    )
    assert Workstream.objects.get().description == "By hand"


def test_an_import_is_applied_once(programme, manager):
    kept = kept_file(programme, rows_of(("Custody", "", "", "")), manager)
    digest = plan_of(kept, now=NOW).digest
    apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW)

    with pytest.raises(Conflict, match="imported or discarded already"):
        apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW)


def test_a_repeated_upload_keeps_the_file_once(programme, manager):
    sent = {"programme_id": programme.pk, "kind": ImportKind.WORKSTREAMS, "name": "a.csv", "request_key": uuid4()}
    content = rows_of(("Custody", "", "", ""))

    first = keep_import(**sent, content=content, by=manager, now=NOW)

    assert keep_import(**sent, content=content, by=manager, now=NOW) == first
    with pytest.raises(Refused, match="used for another file"):
        keep_import(**sent, content=content, by=make_manager(programme), now=NOW)


def test_a_discarded_file_is_gone_and_an_applied_one_stays(programme, manager):
    kept = kept_file(programme, rows_of(("Custody", "", "", "")), manager)
    imported(programme, rows_of(("Body", "", "", "")), manager)
    applied = ProgrammeImport.objects.exclude(pk=kept.pk).get()

    discard_import(import_id=kept.pk, by=manager)
    discard_import(import_id=applied.pk, by=manager)

    assert list(ProgrammeImport.objects.all()) == [applied]


def test_the_file_of_another_person_is_not_applied(programme, manager):
    kept = kept_file(programme, rows_of(("Custody", "", "", "")), manager)

    with pytest.raises(Conflict):
        apply_import(
            import_id=kept.pk, digest=plan_of(kept, now=NOW).digest, seen_at=NOW, by=make_manager(programme), now=NOW
        )


@pytest.mark.parametrize("kind", list(ImportKind))
def test_only_those_who_may_by_hand_may_import(programme, kind):
    content = rows_of(("Custody", "", "", ""))

    for stranger in (make_person(), make_reader(programme), make_manager(make_programme())):
        with pytest.raises(NotPermitted):
            kept_file(programme, content, stranger, kind=kind)


def test_the_chief_information_officer_of_the_portfolio_may_import():
    portfolio = make_portfolio()
    programme, cio = make_programme(portfolio=portfolio), make_cio(portfolio)

    assert imported(programme, rows_of(("Custody", "", "", "")), cio).count(Outcome.ADDED) == 1


def test_a_role_that_ended_since_the_preview_imports_nothing(programme, manager):
    kept = kept_file(programme, rows_of(("Custody", "", "", "")), manager)
    digest = plan_of(kept, now=NOW).digest
    RoleHolding.objects.filter(user=manager).update(ended_at=NOW, ended_by=manager)
    del manager._standing

    with pytest.raises(NotPermitted):
        apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW)


def test_nothing_is_imported_into_a_programme_that_ended(programme, manager):
    kept = kept_file(programme, rows_of(("Custody", "", "", "")), manager)
    digest = plan_of(kept, now=NOW).digest
    with transaction.atomic():
        end_programme(programme, on=NOW.date(), reason="Done", by=manager, now=NOW)

    with pytest.raises(Refused, match="ended on"):
        apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW)
    with pytest.raises(Refused, match="ended on"):
        kept_file(programme, rows_of(("Custody", "", "", "")), manager)


def test_rows_without_a_preview_are_imported_once_for_a_key(programme, manager):
    sent = {"programme_id": programme.pk, "kind": ImportKind.WORKSTREAMS, "name": "x", "request_key": uuid4()}
    content = rows_of(("Custody", "", "", ""))

    first = import_rows(**sent, content=content, by=manager, now=NOW)
    again = import_rows(**sent, content=content, by=manager, now=NOW)

    assert (first.words, again.words) == ("1 new, 0 changed, 0 the same", "0 new, 0 changed, 1 the same")
    assert ProgrammeImport.objects.count() == 1


def test_rows_with_an_old_digest_are_refused(programme, manager):
    with pytest.raises(Conflict, match="has changed since"):
        import_rows(
            programme_id=programme.pk,
            kind=ImportKind.WORKSTREAMS,
            name="x",
            content=rows_of(("Custody", "", "", "")),
            digest="0" * 64,
            request_key=uuid4(),
            by=manager,
            now=NOW,
        )

    assert not Workstream.objects.exists()


def test_five_thousand_rows_take_a_fixed_number_of_queries(programme, manager, django_assert_max_num_queries):
    ama, jo, rita = make_person(), make_person(), make_person()
    content = rows_of(*[(f"Workstream {n}", "What", ama.email if n % 2 else jo.email, rita.email) for n in range(5000)])
    kept = kept_file(programme, content, manager)
    digest = plan_of(kept, now=NOW).digest

    with django_assert_max_num_queries(60):
        apply_import(import_id=kept.pk, digest=digest, seen_at=NOW, by=manager, now=NOW)

    assert Workstream.objects.count() == 5000
