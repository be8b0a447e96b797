"""Secrets of links: written into a mail as it is handed over, and kept nowhere."""

import email
import email.policy
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.post import delivery
from partners.post.queries import is_secret_of, secret_of
from partners.post.rules import mail_bytes, placeholder_of, with_secrets
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails

SECRET = "5" * 40


def deliver(now=NOW):
    return delivery.deliver_due(clock=lambda: now, seconds=10)


def parts_of(content: bytes) -> Any:
    mail: Any = email.message_from_bytes(content, policy=email.policy.default)
    texts = [mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")]
    return mail["Subject"], *texts


def mail_with(text, subject="Your views"):
    return mail_bytes(
        sender="portfolio@example.org",
        name="Dana",
        address="dana@example.org",
        subject=subject,
        text=text,
        html=f"<p>{text}</p>",
        message_id="<7@example.org>",
        written_at=NOW,
    )


def test_a_secret_is_of_one_capability_and_one_person_and_of_160_bits():
    one, other, dana, kim = (uuid4() for _ in range(4))

    found = secret_of(one, holder_id=dana)

    assert re.fullmatch("[0-9a-f]{40}", found)
    assert found == secret_of(one, holder_id=dana)
    assert len({found, secret_of(other, holder_id=dana), secret_of(one, holder_id=kim)}) == 3
    assert is_secret_of(one, found, holder_id=dana)
    assert not is_secret_of(one, found, holder_id=kim)
    assert not is_secret_of(one, found[:-1], holder_id=dana)
    assert not is_secret_of(one, "é", holder_id=dana)


def test_another_key_of_the_installation_makes_other_secrets(monkeypatch):
    one, dana = uuid4(), uuid4()
    before = secret_of(one, holder_id=dana)

    monkeypatch.setattr("django.conf.settings.SECRET_KEY", "another key of at least thirty-two characters")

    assert secret_of(one, holder_id=dana) != before


@settings(deadline=None)
@given(before=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))), links=st.integers(0, 3))
def test_every_placeholder_is_replaced_wherever_the_lines_break(before, links):
    here = f"{before} https://example.org/answer/{placeholder_of(UUID(int=7))}/ after\n" * links
    filled = with_secrets(mail_with(f"{here}end\n"), lambda capability_id: SECRET)

    _, text, html = parts_of(filled)
    wanted = here.replace(placeholder_of(UUID(int=7)), SECRET) + "end\n"
    assert [text, html] == [wanted, f"<p>{wanted}</p>\n"]
    assert all(len(line) <= 78 for line in filled.partition(b"\r\n\r\n")[2].split(b"\r\n"))


def test_a_placeholder_is_replaced_at_every_place_in_a_line():
    for width in range(90):
        text = "x" * width + placeholder_of(UUID(int=7))
        assert parts_of(with_secrets(mail_with(text), lambda capability_id: SECRET))[1] == "x" * width + SECRET + "\n"


def test_a_header_and_what_only_looks_like_a_placeholder_stay():
    for text in (f"{{capability:{'-' * 36}}}", "{capability:7}", "{capability:"):
        content = mail_with(text, subject=placeholder_of(UUID(int=7)))
        assert with_secrets(content, lambda capability_id: SECRET) == content


@pytest.mark.django_db
def test_the_secret_reaches_the_mail_server_and_no_table(smtp_sink):
    person, link = make_person(), uuid4()
    address = f"https://example.org/answer/{placeholder_of(link)}/"
    message = queue_mail(person, text=f"{address}\n", html=f'<p><a href="{address}">Answer</a></p>')

    deliver()

    secret = secret_of(link, holder_id=person.pk)
    [mail] = smtp_sink.received
    _, text, html = parts_of(mail.content)
    assert f"/answer/{secret}/" in text
    assert f'href="https://example.org/answer/{secret}/"' in html
    message.refresh_from_db()
    assert message.state == "sent"
    kept = bytes(message.frozen or b"")
    assert b"{capability:" in kept.replace(b"=\r\n", b"")
    assert secret not in "".join(everything_in_the_database())


@pytest.mark.django_db
def test_every_attempt_sends_the_same_bytes(smtp_sink):
    link = uuid4()
    person = make_person()
    queue_mail(person, text=placeholder_of(link))
    seen = []

    def no_then_yes(envelope):
        seen.append(envelope.original_content)
        return "451 Try later" if len(seen) == 1 else "250 OK"

    smtp_sink.answer = no_then_yes
    deliver()
    deliver(NOW + timedelta(hours=2))

    assert mails().get().state == "sent"
    assert seen[0] == seen[1]
    assert secret_of(link, holder_id=person.pk).encode() in seen[0]


@pytest.mark.django_db
def test_a_placeholder_in_somebody_elses_mail_opens_nothing(smtp_sink):
    dana, curious, link = make_person(), make_person(), uuid4()
    queue_mail(curious, text=placeholder_of(link))

    deliver()

    [mail] = smtp_sink.received
    sent = parts_of(mail.content)[1].strip()
    assert sent == secret_of(link, holder_id=curious.pk)
    assert not is_secret_of(link, sent, holder_id=dana.pk)


def everything_in_the_database():
    """Each row of each table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT row_to_json(each)::text FROM "{table}" AS each')
            yield from (text for (text,) in cursor.fetchall())
