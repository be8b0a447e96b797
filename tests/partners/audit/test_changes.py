from types import SimpleNamespace
from uuid import uuid4

import pytest

from partners.audit.changes import Happening, record, record_each
from partners.audit.models import AuditEvent
from partners.audit.queries import events_about, events_in
from partners.audit.rules import changed_meanwhile, listed
from tests.builders import NOW, make_person

pytestmark = pytest.mark.django_db


def test_record_writes_one_event_with_the_actor_by_value():
    ama, subject, scope = make_person("Ama Mensah"), make_person(), uuid4()

    record(
        by=ama,
        now=NOW,
        action="people.change_person",
        subject=subject,
        summary="changed " + "x" * 600,
        scope_id=scope,
        before={"a": 1},
        after={"a": 2},
    )

    event = AuditEvent.objects.get()
    assert (event.happened_at, event.actor_id, event.actor_name) == (NOW, ama.pk, "Ama Mensah")
    assert (event.action, event.subject_kind, event.subject_id) == ("people.change_person", "user", subject.pk)
    assert (event.scope_id, event.before, event.after, len(event.summary)) == (scope, {"a": 1}, {"a": 2}, 500)
    assert str(event).startswith("Ama Mensah changed x")


def test_record_without_an_actor_is_what_the_product_does():
    record(by=None, now=NOW, action="post.sweep", subject=make_person(), summary="swept")

    event = AuditEvent.objects.get()
    assert (event.actor_id, event.actor_name) == (None, "The product")


def test_record_each_writes_one_event_for_each_thing_in_one_statement(django_assert_num_queries):
    ama, people = make_person(), [make_person() for _ in range(3)]

    with django_assert_num_queries(1):
        record_each(by=ama, now=NOW, action="people.import_added", happenings=[Happening(p, "added") for p in people])

    assert set(AuditEvent.objects.values_list("subject_id", flat=True)) == {person.pk for person in people}


def test_an_event_joins_a_transaction(monkeypatch):
    monkeypatch.setattr("partners.audit.changes.connection", SimpleNamespace(in_atomic_block=False))

    with pytest.raises(RuntimeError, match="joins the transaction"):
        record(by=None, now=NOW, action="x.y", subject=make_person(), summary="z")


def test_events_about_a_thing_and_in_a_scope_come_newest_first():
    subject, scope = make_person(), uuid4()
    for number in range(3):
        record(by=None, now=NOW, action="x.y", subject=subject, summary=str(number), scope_id=scope)

    assert [event.summary for event in events_about(subject.pk)] == ["2", "1", "0"]
    assert [event.summary for event in events_in([scope], since=NOW)] == ["2", "1", "0"]
    assert list(events_about(uuid4())) == []


def test_changed_meanwhile_names_who_and_what_once():
    conflict = changed_meanwhile("the unit", [("Ama", ["the name"]), ("Bo", ["the name", "the code"])])

    assert conflict.sentence == (
        "Ama and Bo changed the name and the code of the unit while you were working on it. "
        "Nothing of yours is saved yet: compare it with what is saved now, then save again."
    )
    assert changed_meanwhile("the unit", []).sentence.startswith("Somebody changed the unit while")


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_listed(words, text):
    assert listed(words) == text
