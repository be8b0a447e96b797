"""Comments, who is told of them, and what nobody learns who may not see."""

from uuid import uuid4

import pytest

from partners.audit.models import AuditEvent
from partners.audit.rules import NotPermitted, Refused
from programmes.raid.models import RaidComment, RaidMention
from programmes.raid.operations import comment_on_entry
from programmes.raid.queries import entries_mentioning
from tests.builders import NOW, make_manager, make_person, make_programme, make_reader
from tests.builders.post import mails
from tests.builders.raid import raise_raid

pytestmark = pytest.mark.django_db
SINCE = NOW.replace(year=2025)


@pytest.fixture
def risk(programme, manager):
    return raise_raid(programme, by=manager, title="Secret supplier fails")


@pytest.fixture
def reader(programme):
    return make_reader(programme, "Rae Reader")


def say(entry, text, *, by, named=(), key=None):
    return comment_on_entry(entry_id=entry.pk, text=text, named_ids=named, request_key=key or uuid4(), by=by, now=NOW)


@pytest.mark.parametrize("by_name", [True, False])
def test_whoever_is_named_is_told_at_once_without_a_word_of_what_it_is(risk, programme, manager, reader, by_name):
    comment = say(risk, "@Rae Reader, look" if by_name else "Look", by=manager, named=() if by_name else [reader.pk])

    message = mails().get()
    assert (message.recipient, message.subject, message.is_urgent) == (
        reader,
        "Grace Adeyemi named you in a comment",
        True,
    )
    for words in (message.text, message.html):
        assert f"/raid/{risk.pk}/#comment-{comment.pk}" in words
        assert not any(secret in words for secret in (risk.title, programme.name, "Look", "look"))


def test_somebody_named_twice_is_told_once_and_nobody_is_told_of_their_own(risk, manager, reader):
    say(risk, "@Rae Reader and @Grace Adeyemi", by=manager, named=[reader.pk, manager.pk])

    assert RaidMention.objects.count() == 2
    assert [message.recipient for message in mails()] == [reader]


@pytest.mark.parametrize("how", ["name", "id"])
def test_somebody_who_may_not_see_the_programme_cannot_be_named(risk, manager, how):
    stranger = make_person("Sam Stranger")

    with pytest.raises(Refused) as refused:
        say(
            risk, "@Sam Stranger" if how == "name" else "Look", by=manager, named=[] if how == "name" else [stranger.pk]
        )

    assert refused.value.field == ("text" if how == "name" else "named")
    assert stranger.email not in refused.value.sentence
    assert (RaidComment.objects.count(), mails().count()) == (0, 0)


def test_a_repeat_says_nothing_twice(risk, manager, reader):
    key = uuid4()
    first, again = (say(risk, "@Rae Reader", by=manager, key=key) for _ in range(2))

    assert (first, RaidComment.objects.count(), mails().count()) == (again, 1, 1)
    assert AuditEvent.objects.filter(action="raid.comment_on_entry").count() == 1


def test_a_key_of_another_comment_is_refused(risk, programme, manager):
    other = say(raise_raid(programme, by=manager), "One", by=manager)

    with pytest.raises(Refused, match="used for something else"):
        say(risk, "Two", by=manager, key=other.pk)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001, "bell \x07"])
def test_a_comment_says_something_plain(risk, manager, text):
    with pytest.raises(Refused) as refused:
        say(risk, text, by=manager)

    assert refused.value.field == "text"


def test_who_comments(risk, programme, portfolio, lead, manager, reader):
    outsider = make_manager(make_programme(portfolio=portfolio))
    for person in (reader, make_person(), outsider):
        with pytest.raises(NotPermitted, match="You cannot comment on this entry"):
            say(risk, "No", by=person)
    say(risk, "Yes", by=lead)
    say(risk, "@Rae Reader, is that so?", by=manager)

    say(risk, "It is.", by=reader)

    assert RaidComment.objects.count() == 3


def test_the_list_of_mentions_ends_when_sight_of_the_programme_does(risk, manager, reader):
    say(risk, "@Rae Reader", by=manager)
    say(risk, "@Rae Reader herself", by=reader)

    found = entries_mentioning(reader, SINCE)
    assert [(each.entry, each.text, each.said_by) for each in found] == [(risk, "@Rae Reader", "Grace Adeyemi")]
    assert entries_mentioning(reader, NOW) == []

    reader.role_holdings.update(ended_at=NOW, ended_by=manager)
    assert entries_mentioning(type(reader).objects.get(pk=reader.pk), SINCE) == []
