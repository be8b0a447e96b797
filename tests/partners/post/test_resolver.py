"""Asking the mail system about messages in doubt: its log, or something that answers over http."""

import gzip
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models.functions import Now

from config import environment
from config.demo.mailbox import ACCEPTED, Mailbox
from partners.post import delivery
from partners.post.enums import DoubtPolicy
from partners.post.models import PostSettings
from partners.post.resolver import Endpoint, LogFile
from tests.builders import NOW, make_person, queue_mail
from tests.builders.post import mails

SINCE = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
ID = "<a1@portfolio.example.org>"
POSTFIX = """\
2026-11-24T17:00:00.000000+00:00 mx postfix/postfix-script[1]: starting the Postfix mail system
2026-11-24T18:00:01.000000+00:00 mx postfix/cleanup[7]: 4F1A: message-id=<a1@portfolio.example.org>
2026-11-24T18:00:01.000000+00:00 mx postfix/qmgr[8]: 4F1A: from=<portfolio@example.org>, size=900, nrcpt=1 (queue active)
2026-11-24T18:00:02.000000+00:00 mx postfix/smtp[9]: 4F1A: to=<ama@example.org>, relay=x, dsn=2.0.0, status=sent (250 OK)
2026-11-24T18:00:03.000000+00:00 mx postfix/cleanup[7]: 5B22: message-id=<never-ended@portfolio.example.org>
2026-11-24T18:00:04.000000+00:00 mx postfix/smtpd[6]: lost connection after DATA (900 bytes) from app
2026-11-24T18:00:05.000000+00:00 mx postfix/cleanup[7]: 6C33: message-id=<bounced@portfolio.example.org>
2026-11-24T18:00:06.000000+00:00 mx postfix/smtp[9]: 6C33: to=<x@example.org>, relay=none, dsn=5.4.4, status=bounced (no such host)
"""


@pytest.fixture
def mail_log(tmp_path):
    path = tmp_path / "mail.log"
    path.write_text(POSTFIX)
    return path


def asked(path, message_id, since=SINCE):
    return LogFile(str(path)).asked(message_id, since=since).value


@pytest.mark.parametrize(
    ("message_id", "answer"),
    [
        (ID, "accepted"),
        ("<bounced@portfolio.example.org>", "accepted"),
        ("<never-ended@portfolio.example.org>", "not_accepted"),
        ("<not-there@portfolio.example.org>", "not_accepted"),
    ],
)
def test_a_log_of_postfix_says_what_the_queue_took(mail_log, message_id, answer):
    assert asked(mail_log, message_id) == answer


def test_a_log_that_does_not_reach_back_cannot_tell_of_what_is_missing(mail_log):
    before = SINCE - timedelta(hours=2)

    assert asked(mail_log, "<not-there@portfolio.example.org>", since=before) == "cannot_tell"
    assert asked(mail_log, "<not-there@portfolio.example.org>", since=None) == "cannot_tell"
    assert asked(mail_log, ID, since=before) == "accepted"


def test_a_log_without_dates_that_say_the_year_cannot_tell_of_what_is_missing(tmp_path):
    (tmp_path / "mail.log").write_text("Nov 24 17:00:00 mx postfix/qmgr[8]: starting\n")

    assert asked(tmp_path / "mail.log", ID) == "cannot_tell"


def test_rotated_logs_are_read_too(mail_log):
    rotated = mail_log.with_name("mail.log.1.gz")
    rotated.write_bytes(gzip.compress(POSTFIX.encode()))
    mail_log.write_text("2026-11-24T19:00:00Z mx postfix/qmgr[8]: 7D44: removed\n")

    assert asked(mail_log.with_name("mail.log*"), ID) == "accepted"
    assert asked(mail_log.with_name("mail.log*"), "<not-there@x>") == "not_accepted"
    assert asked(mail_log, "<not-there@x>") == "cannot_tell"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00 nonsense"])
def test_a_log_that_cannot_be_read_cannot_tell(tmp_path, content):
    if content is not None:
        (tmp_path / "mail.log").write_bytes(content)

    assert asked(tmp_path / "mail.log*", ID) == "cannot_tell"


def test_a_rotated_log_that_is_damaged_cannot_tell(tmp_path):
    (tmp_path / "mail.log.1.gz").write_bytes(b"not gzip")

    assert asked(tmp_path / "mail.log.1.gz", ID) == "cannot_tell"


@pytest.fixture
def endpoint():
    """Says whatever ``answers`` holds for a Message-ID."""
    answers: dict[str, object] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            [message_id] = parse_qs(urlsplit(self.path).query)["message_id"]
            if message_id not in answers:
                self.send_error(500)
                return
            self.send_response(200)
            self.end_headers()
            said = answers[message_id]
            self.wfile.write(said.encode() if isinstance(said, str) else json.dumps(said).encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/accepted", answers
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"accepted": True}, "accepted"),
        ({"accepted": False}, "not_accepted"),
        ({"accepted": "no"}, "cannot_tell"),
        ([], "cannot_tell"),
        ("<html>", "cannot_tell"),
        (None, "cannot_tell"),
    ],
)
def test_an_endpoint_is_believed_only_where_it_says_yes_or_no(endpoint, said, answer):
    url, answers = endpoint
    answers[ID] = said

    assert Endpoint(url).asked(ID, since=None).value == answer
    assert Endpoint(url).asked("<unknown@x>", since=None).value == "cannot_tell"
    assert Endpoint(f"{url}?team=post").asked(ID, since=None).value == answer


def test_an_endpoint_that_is_away_cannot_tell():
    assert Endpoint("http://127.0.0.1:9/").asked(ID, since=None).value == "cannot_tell"


@pytest.mark.parametrize("url", ["ftp://example.org", "http://mail.example.org/x", "/var/log/mail.log"])
def test_a_resolver_of_another_kind_is_refused_at_the_start(monkeypatch, url):
    monkeypatch.setenv("POST_RESOLVER", url)

    with pytest.raises(ImproperlyConfigured, match="POST_RESOLVER"):
        environment.post("postgresql://app@/portfolio")


def in_doubt():
    """A message whose connection was lost after the dot, and whose long lease is over."""
    message = queue_mail(make_person(), valid_until=None)
    delivery.deliver_due(clock=lambda: NOW, seconds=5)
    mails().filter(pk=message.pk).update(lease_until=Now() - timedelta(seconds=1))
    message.refresh_from_db()
    assert message.state == "in_flight"
    return message


def swept(message):
    delivery.sweep(now=NOW)
    message.refresh_from_db()
    return message.state, [attempt.outcome for attempt in message.delivery_attempts.order_by("pk")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("took_it", "state"),
    [(True, "sent"), (False, "pending")],
)
def test_the_sweep_asks_the_log_of_the_demos_mailbox(smtp_sink, settings, tmp_path, took_it, state):
    mailbox = Mailbox(tmp_path / "mailbox")
    (mailbox.folder / ACCEPTED).write_text("2026-01-01T00:00:00+00:00 mailbox: started\n")
    settings.POST = {**settings.POST, "resolver": f"file://{mailbox.folder / ACCEPTED}"}
    smtp_sink.hangs_up = True
    message = in_doubt()
    [mail] = smtp_sink.received
    if took_it:
        mailbox.keep(list(mail.recipients), mail.content)

    assert swept(message) == (state, ["in_flight", "in_doubt", state])
    assert bytes(message.frozen or b"") == mail.content


@pytest.mark.django_db
def test_where_the_settings_say_so_a_doubt_that_nobody_can_settle_is_sent_again_byte_for_byte(smtp_sink):
    PostSettings.objects.create(doubt_policy=DoubtPolicy.RESEND)
    smtp_sink.hangs_up = True
    message = in_doubt()
    smtp_sink.hangs_up = False

    assert swept(message) == ("pending", ["in_flight", "in_doubt", "pending"])
    delivery.deliver_due(clock=lambda: NOW + timedelta(hours=1), seconds=5)

    first, second = smtp_sink.received
    assert first.content == second.content
