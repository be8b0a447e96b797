"""Imports and changes of several beside somebody else: one truth, and nothing half done."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import transaction

from partners.audit.models import AuditEvent
from partners.people.models import User
from programmes.imports.enums import BulkAct
from programmes.imports.operations import apply_import, change_several
from programmes.imports.queries import plan_of
from programmes.imports.rules.several import Edit
from programmes.register.models import Programme
from programmes.workstreams.models import Workstream
from tests.builders import NOW, make_manager, make_person, make_programme, make_workstream
from tests.programmes.imports.test_operations import kept_file, rows_of
from tests.threads import InThread, outcomes_of, wait_until_somebody_waits_for_a_lock


def test_a_file_that_is_confirmed_twice_at_once_is_imported_once(own_database):
    programme = make_programme()
    manager = make_manager(programme)
    kept = kept_file(programme, rows_of(("Body", "", "", ""), ("Custody", "", "", "")), manager)
    sent = {"import_id": kept.pk, "digest": plan_of(kept, now=NOW).digest, "seen_at": NOW, "now": NOW}

    outcomes = outcomes_of([lambda: apply_import(**sent, by=User.objects.get(pk=manager.pk)) for _ in range(2)])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Plan"]
    assert Workstream.objects.count() == 2
    assert AuditEvent.objects.filter(action="imports.apply_import").count() == 3


def test_an_import_waits_for_who_is_saving_and_then_imports_nothing(own_database):
    programme = make_programme()
    manager = make_manager(programme)
    make_workstream(programme, "Custody", now=NOW - timedelta(days=1))
    kept = kept_file(programme, rows_of(("Custody", "From the file", "", ""), ("Body", "", "", "")), manager)
    sent = {"import_id": kept.pk, "digest": plan_of(kept, now=NOW).digest, "seen_at": NOW, "by": manager, "now": NOW}

    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        running = InThread(lambda: outcomes_of([lambda: apply_import(**sent)]))
        wait_until_somebody_waits_for_a_lock(own_database)
        Workstream.objects.update(description="By hand")
    [outcome] = running.result()

    assert type(outcome).__name__ == "Conflict"
    assert list(Workstream.objects.values_list("name", "description")) == [("Custody", "By hand")]


def test_two_changes_of_the_same_workstreams_at_once_leave_one_lead(own_database):
    programme = make_programme()
    workstreams = [make_workstream(programme, name) for name in ("Body", "Custody", "Dispatch")]
    managers, people = [make_manager(programme) for _ in range(2)], [make_person() for _ in range(2)]
    versions = {each.pk: 1 for each in workstreams}

    outcomes = outcomes_of(
        [
            partial(
                change_several,
                versions=versions,
                edit=Edit(BulkAct.LEAD, person.pk, person.name),
                several_id=uuid4(),
                by=by,
                now=NOW,
            )
            for by, person in zip(managers, people, strict=True)
        ]
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "int"]
    assert len(set(Workstream.objects.values_list("lead", "version"))) == 1
