import email
import email.header
import email.policy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from partners.calendar.rules import ClosedDays, WorkingCalendar
from partners.post.rules import BackOff, SendWindow, ascii_address, envelope_of, mail_bytes, one_line, split_mailbox

WINDOW = SendWindow(
    opens=time(9, 30),
    closes=time(16),
    calendar=WorkingCalendar(closures=(ClosedDays("Christmas closure", date(2026, 12, 24), date(2027, 1, 1)),)),
)
WRITTEN_AT = datetime(2026, 9, 16, 9, tzinfo=UTC)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-09-16T08:29:59", "2026-09-16T08:30:00"),  # 9:29am in summer time
        ("2026-09-16T08:30:00", "2026-09-16T08:30:00"),
        ("2026-09-16T14:59:59", "2026-09-16T14:59:59"),
        ("2026-09-16T15:00:00", "2026-09-17T08:30:00"),  # 4pm: shut
        ("2026-09-18T15:00:00", "2026-09-21T08:30:00"),  # Friday afternoon
        ("2026-10-24T12:00:00", "2026-10-26T09:30:00"),  # the clocks go back on Sunday
        ("2026-08-28T16:00:00", "2026-09-01T08:30:00"),  # summer bank holiday
        ("2026-12-23T16:00:00", "2027-01-04T09:30:00"),  # closure, then a weekend
        ("2031-03-01T12:00:00", "2031-03-03T09:30:00"),  # past the known bank holidays
    ],
)
def test_next_open_is_the_moment_itself_or_the_next_opening(moment, opens):
    assert WINDOW.next_open(utc(moment)) == utc(opens)


def test_window_words():
    assert WINDOW.words == "9:30am to 4pm on working days, UK time"


@pytest.mark.parametrize(
    ("attempts", "spread", "valid_for", "expected"),
    [
        (1, 0.5, None, timedelta(minutes=1)),
        (1, 0, None, timedelta(seconds=30)),
        (3, 0.5, None, timedelta(minutes=4)),
        (99, 0.5, None, timedelta(hours=1)),
        (99, 1, timedelta(days=2), timedelta(hours=1.5)),
        (5, 0.5, timedelta(minutes=10), timedelta(minutes=5)),
        (5, 0.5, timedelta(minutes=1), None),
        (1, 0.5, timedelta(0), None),
    ],
)
def test_next_attempt_doubles_and_is_capped_by_valid_until(attempts, spread, valid_for, expected):
    back_off = BackOff(first=timedelta(minutes=1), longest=timedelta(hours=1))

    found = back_off.next_attempt(
        now=WRITTEN_AT,
        attempts=attempts,
        spread=spread,
        valid_until=None if valid_for is None else WRITTEN_AT + valid_for,
    )

    assert found == (None if expected is None else WRITTEN_AT + expected)


def written(**more):
    values: dict[str, Any] = {
        "sender": "Portfolio <portfolio@example.org>",
        "name": "Ama Mensah",
        "address": "ama@example.org",
        "subject": "Your views",
        "text": "Five questions.\n",
        "html": "<p>Five questions.</p>",
        "message_id": "<7@example.org>",
        "written_at": WRITTEN_AT,
    }
    return mail_bytes(**(values | more))


def test_mail_bytes_hold_every_field_and_both_bodies():
    mail = email.message_from_bytes(written(), policy=email.policy.default)

    assert dict(mail.items()) == {
        "From": "Portfolio <portfolio@example.org>",
        "To": "Ama Mensah <ama@example.org>",
        "Subject": "Your views",
        "Date": "Wed, 16 Sep 2026 09:00:00 +0000",
        "Message-ID": "<7@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": mail["Content-Type"],
    }
    assert [part.get_content().rstrip() for part in mail.iter_parts()] == ["Five questions.", "<p>Five questions.</p>"]


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\r\n\r\n"]


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
@pytest.mark.parametrize("field", ["name", "subject", "sender"])
@pytest.mark.parametrize("start", ["Views", "Überblick"])
def test_mail_bytes_let_nobody_add_a_header_field(field, line_break, start):
    hostile = f"{start}{line_break}Bcc: everybody@example.org{line_break}X-Evil: 1"
    content = written(**{field: f"{hostile} <portfolio@example.org>" if field == "sender" else hostile})

    mail = email.message_from_bytes(content, policy=email.policy.default)

    assert mail.keys() == email.message_from_bytes(written(), policy=email.policy.default).keys()
    assert envelope_of(content) == ("portfolio@example.org", "ama@example.org")
    assert len(list(mail.iter_parts())) == 2
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


@pytest.mark.parametrize(
    "subject",
    [
        "Déjà vu – “views” on custody tablets " * 7,
        "=?utf-8?q?looks_encoded?=",
        "🚓" * 70,
        "x" * 300,
        'a, b; c: d <e> (f) "g"',
    ],
)
def test_mail_bytes_keep_every_character_of_a_subject(subject):
    content = written(subject=subject)

    raw = email.message_from_bytes(content)["Subject"]

    assert str(email.header.make_header(email.header.decode_header(raw))) == subject.strip()
    assert content.isascii()
    assert max(map(len, content.splitlines())) < 998


@pytest.mark.parametrize("name", ['Mensah, Ama "AM"', "O’Neill, Seán", "Ama \\ Mensah", "", "=?utf-8?q?x?="])
def test_mail_bytes_write_any_name_to_one_recipient(name):
    mail = email.message_from_bytes(written(name=name), policy=email.policy.default)

    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [(name, "ama@example.org")]


@pytest.mark.parametrize(
    "address",
    ["", "ama", "@example.org", "ama@", "a b@example.org", "é@example.org", "a@b@c", "a\n@example.org", "a@b..c"],
)
def test_ascii_address_refuses_what_mail_servers_refuse(address):
    with pytest.raises(ValueError):  # noqa: PT011
        ascii_address(address)


def test_ascii_address_writes_a_domain_in_ascii():
    assert ascii_address("ama@münchen.example") == "ama@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@example.org", ("", "a@example.org")),
        ("Portfolio, Transformation <a@example.org>", ("Portfolio, Transformation", "a@example.org")),
        ('"Quoted" <a@example.org> ', ("Quoted", "a@example.org")),
    ],
)
def test_split_mailbox(text, expected):
    assert split_mailbox(text) == expected


def test_one_line_keeps_words_apart():
    assert one_line(" a\r\n b\t\x00c ") == "a b c"
