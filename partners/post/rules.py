import base64
import binascii
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr
from uuid import UUID, uuid5

from partners.calendar.rules import ONE_DAY, WEEKEND, BeyondCalendar, WorkingCalendar
from partners.clock.rules import UK, instant, words_for_moment, words_for_time
from partners.post.enums import Loop

REASON_LENGTH = 300
LONGEST_JUMP = timedelta(minutes=10)
GENERATION = 10**12  # more claims than any database makes before it is restored
NO_SUCH_ADDRESS = re.compile(r"5\d\d[ -]5\.1\.(?:1|2|3|6|10)\b")  # the others are about the sender, or unclear
MESSAGES = UUID("6f0e4c0a-52f1-4b0c-9a57-3d8f2b7f9e11")
SENDER_LENGTH = 200
LINK_LENGTH = 300
HEADING_LENGTH = 200
SENDER_HELP = "Enter the sender as an address, such as portfolio@example.org, or as Name <portfolio@example.org>"
CRLF = "\r\n"
BYTES_IN_AN_ENCODED_WORD = (
    39  # 64 characters of base64; RFC 2047 section 2 allows 75, and the field's name comes before
)
CAPABILITY = "{{capability:{id}}}"
SOFT_BREAK = b"=" + CRLF.encode()  # of quoted-printable, which may put one anywhere
CAPABILITY_IN_A_MAIL = re.compile(
    rb"(?:=\r\n)?".join(
        b"[0-9a-f]" if letter == "h" else re.escape(letter).encode()
        for letter in CAPABILITY.format(id="hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh")
    )
)
PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The hours (UK time, working days) in which mail that is not urgent goes out; the end is exclusive."""

    opens: time
    closes: time
    calendar: WorkingCalendar

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself while the window is open, else the instant at which it opens next."""
        local = moment.astimezone(UK)
        day = local.date()
        if self._is_worked(local) and local.time() < self.closes:
            return max(moment, instant(day, self.opens))
        day += ONE_DAY
        while not self._is_worked(datetime.combine(day, self.opens)):
            day += ONE_DAY
        return instant(day, self.opens)

    def is_open(self, moment: datetime) -> bool:
        return self.next_open(moment) == moment

    def after(self, start: datetime, work: timedelta) -> datetime:
        """When work of this length ends that begins at ``start`` and goes on only while the window is open."""
        moment = self.next_open(start)
        while (closes := instant(moment.astimezone(UK).date(), self.closes)) < moment + work:
            work -= closes - moment
            moment = self.next_open(closes)
        return moment + work

    @property
    def words(self) -> str:
        """Reads "9:30am to 4pm on working days, UK time"."""
        return f"{words_for_time(self.opens)} to {words_for_time(self.closes)} on working days, UK time"

    def _is_worked(self, moment: datetime) -> bool:
        """Past the years whose bank holidays are known, every Monday to Friday: mail must not wait for a new list."""
        try:
            return self.calendar.is_working(moment.date())
        except BeyondCalendar:
            return moment.weekday() not in WEEKEND


def next_digest(moment: datetime, *, at: time, window: SendWindow) -> datetime:
    """The first time of day ``at`` (UK time) from the moment on, on a working day.

    A time outside the window counts as the window's beginning.
    """
    at = at if window.opens <= at < window.closes else window.opens
    day = moment.astimezone(UK).date()
    while True:
        due_at = instant(day, at)
        if due_at >= moment and window.is_open(due_at):
            return due_at
        day += ONE_DAY


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a daily mail. ``asked_of`` is who is away, where the reader stands in for somebody."""

    subject: str
    link: str
    asked_of: str


def by_heading(items: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, list[Item]]]:
    """Items, given as heading, subject, link and of whom it is asked, below their headings; those without one last."""
    found: dict[str, list[Item]] = defaultdict(list)
    for heading, subject, link, asked_of in items:
        found[heading].append(Item(subject, link, asked_of))
    return sorted(found.items(), key=lambda group: (not group[0], group[0].casefold()))


def inbox_key(dedup_key: str) -> str:
    """The key of the inbox entry beside the mail with this key."""
    return f"{dedup_key}/inbox"


def link_path_in(text: str, *, below: str) -> str:
    """The path of the first address in a mail's text that begins with ``below``; empty where there is none."""
    found = re.search(re.escape(below) + r"(/\S*)", text)
    return found[1] if found and len(found[1]) <= LINK_LENGTH else ""


def one_line(text: str) -> str:
    """The text with every run of white space and control characters as one space: safe in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def mail_bytes(
    *, sender: str, name: str, address: str, subject: str, text: str, html: str, message_id: str, written_at: datetime
) -> bytes:
    """The mail as it goes over the wire, line ends included; no argument can add a header field.

    Written here and not by ``EmailMessage``, which may lose the space between two encoded words and the quotes around a
    comma in a name, and takes forty times as long. Raises: ValueError when an address cannot be written.
    """
    boundary = f"=_{message_id.strip('<>').partition('@')[0]}"  # no quoted-printable text holds "=_"
    header = [
        f"From: {_mailbox(*split_mailbox(sender))}",
        f"To: {_mailbox(name, address)}",
        f"Subject: {_encoded(one_line(subject))}",
        f"Date: {format_datetime(written_at)}",
        f"Message-ID: {message_id}",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        CRLF,
    ]
    begin, end = f"--{boundary}{CRLF}".encode("ascii"), f"--{boundary}--{CRLF}".encode("ascii")
    parts = [_part("plain", text), _part("html", html)]
    return CRLF.join(header).encode("ascii") + b"".join(begin + part + CRLF.encode() for part in parts) + end


def placeholder_of(capability_id: UUID) -> str:
    """Stands in the text of a message for a secret, which is written into the mail only as it is handed over."""
    return CAPABILITY.format(id=capability_id)


def holds_a_capability(text: str) -> bool:
    """Whether a secret is to be written into the text."""
    return "{capability:" in text


def with_secrets(content: bytes, secret_of: Callable[[UUID], str]) -> bytes:
    """The bytes of a mail with each placeholder in its body replaced by a line of its own that joins those around it."""
    header, gap, body = content.partition(CRLF.encode() * 2)

    def secret(found: re.Match[bytes]) -> bytes:
        placeholder = found[0].replace(SOFT_BREAK, b"").decode()
        capability_id = UUID(placeholder.removeprefix("{capability:").removesuffix("}"))
        return SOFT_BREAK + secret_of(capability_id).encode() + SOFT_BREAK

    return header + gap + CAPABILITY_IN_A_MAIL.sub(secret, body)


def id_of_mail(message_id: str) -> UUID | None:
    """Which message has this Message-ID, or None when it is none of ours."""
    found = re.fullmatch(r"<([0-9a-f-]{36})@[^@<>]+>", message_id)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


def envelope_of(content: bytes) -> tuple[str, str]:
    """Sender and recipient as the mail's own header names them."""
    header = BytesHeaderParser().parsebytes(content.partition(CRLF.encode() * 2)[0])
    return parseaddr(header["From"])[1], parseaddr(header["To"])[1]


def split_mailbox(text: str) -> tuple[str, str]:
    """Name and address of ``Name <address>`` or of a bare address."""
    name, bracket, address = text.strip().removesuffix(">").rpartition("<")
    return (name.strip().strip('"'), address.strip()) if bracket else ("", address)


def is_mailbox(text: str) -> bool:
    """Whether mail can come from it: a bare address or ``Name <address>``, on one line."""
    try:
        ascii_address(split_mailbox(text)[1])
    except ValueError:
        return False
    return text == one_line(text)


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII, since a mail server need not know SMTPUTF8.

    Raises: ValueError when it is none that mail servers take.
    """
    local, _, domain = address.rpartition("@")
    written = f"{local}@{domain.encode('idna').decode()}"
    if not PLAIN_ADDRESS.fullmatch(written):
        raise ValueError("This is not an address that mail servers take.")
    return written


def _part(kind: str, text: str) -> bytes:
    """A text part in quoted-printable, whose lines are short and end in CRLF."""
    lines = CRLF.encode().join(text.encode("utf-8", "replace").splitlines()) + CRLF.encode()
    header = f'Content-Type: text/{kind}; charset="utf-8"{CRLF}Content-Transfer-Encoding: quoted-printable{CRLF * 2}'
    return header.encode("ascii") + binascii.b2a_qp(lines)


def _mailbox(name: str, address: str) -> str:
    name = one_line(name)
    if not name:
        return ascii_address(address)
    if _is_plain(name):
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{quoted}" <{ascii_address(address)}>'
    return f"{_encoded(name)} <{ascii_address(address)}>"


def _encoded(text: str) -> str:
    """The text for a header field: as it is where that is safe, else as encoded words of whole characters."""
    if _is_plain(text):
        return text
    words = [""]
    for character in text:
        if len((words[-1] + character).encode()) > BYTES_IN_AN_ENCODED_WORD:
            words.append("")
        words[-1] += character
    return f"{CRLF} ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before the next attempt: doubled each time up to ``longest``."""

    first: timedelta
    longest: timedelta

    def next_attempt(
        self, *, now: datetime, attempts: int, spread: float, valid_until: datetime | None
    ) -> datetime | None:
        """When to try again, or None when that is too late to be useful.

        ``attempts`` counts those made, ``spread`` is a random number from 0 to 1 that moves the wait by up to a half
        either way. A wait that would end after ``valid_until`` is cut to half of the time that is left.
        """
        doubled: timedelta = self.first * 2 ** min(max(attempts - 1, 0), 20)
        wait = min(doubled, self.longest) * (0.5 + spread)
        if valid_until is None or now + wait < valid_until:
            return now + wait
        left = valid_until - now
        return now + left / 2 if left > self.first else None


@dataclass(frozen=True, slots=True)
class Pace:
    """At most ``per_minute`` messages a minute, and ``burst`` at once after a pause: a bucket of tokens."""

    per_minute: int
    burst: int

    def filled(self, tokens: float, seconds: float) -> float:
        """What is in the bucket after so many seconds. Time that runs backwards takes nothing out."""
        return min(float(self.burst), tokens + max(0.0, seconds) * self.per_minute / 60)

    def wait(self, tokens: float) -> float:
        """Seconds until the bucket holds a whole token."""
        return max(0.0, 1 - tokens) * 60 / self.per_minute

    def takes(self, count: int) -> timedelta:
        """How long so many messages take when each waits for its token, up to the whole minute."""
        return timedelta(minutes=-(-count // self.per_minute))


@dataclass(frozen=True, slots=True)
class Forecast:
    """When so many messages that fall due together will be out. ``takes`` is none where there is no limit."""

    count: int
    due_at: datetime
    done_at: datetime
    pace: Pace | None
    takes: timedelta | None

    @property
    def words(self) -> str:
        """Reads "20,000 at 30 a minute take 11 hours 7 minutes: what is due at 10am will be out by 9:07pm"."""
        if self.pace is None or self.takes is None:
            return "There is no limit: what is due goes out as fast as the mail server takes it"
        due, done = self.due_at.astimezone(UK), self.done_at.astimezone(UK)
        by = words_for_time(done.time()) if due.date() == done.date() else words_for_moment(self.done_at)
        return (
            f"{self.count:,} at {self.pace.per_minute:,} a minute take {words_for_length(self.takes)}: what is due at"
            f" {words_for_time(due.time())} will be out by {by}"
        )


def forecast_of(count: int, due_at: datetime, *, pace: Pace | None, window: SendWindow | None) -> Forecast:
    """When ``count`` messages are out that fall due together while nothing else waits; ``window`` is none if urgent."""
    starts = window.next_open(due_at) if window else due_at
    takes = pace.takes(count) if pace else None
    if takes is None:
        return Forecast(count, due_at, starts, pace, takes)
    done_at = window.after(starts, takes) if window else starts + takes
    return Forecast(count, due_at, done_at, pace, takes)


def least_burst(per_minute: int, *, pause_seconds: float) -> int:
    """How many must be able to go at once so that the pause between two runs of a worker costs nothing."""
    return max(1, math.ceil(per_minute * pause_seconds / 60))


def words_for_length(length: timedelta) -> str:
    """Reads "45 seconds", "11 hours 7 minutes", "2 days 3 hours"; two parts at most, the rest cut off."""
    seconds = int(abs(length.total_seconds()))
    parts: list[tuple[int, str]] = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, size)
        if number or (parts and len(parts) < 2):
            parts.append((number, unit))
    said = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts[:2] if number]
    return " ".join(said) or "less than a second"


@dataclass(frozen=True, slots=True)
class Beat:
    """How long ago a loop ran to its end, and what it did. ``age`` is none where it never did."""

    loop: Loop
    age: timedelta | None
    run_ms: int
    note: str

    @property
    def seconds(self) -> float | None:
        return self.age.total_seconds() if self.age is not None else None

    @property
    def words(self) -> str:
        """Reads "20 seconds ago"."""
        return f"{words_for_length(self.age)} ago" if self.age is not None else "Never yet"


def silent_loops(beats: Iterable[Beat], *, longest: timedelta) -> list[Loop]:
    """Loops that should have run by now. Either the tick or the loop without a broker drives the others: one is enough."""
    late = [beat.loop for beat in beats if beat.age is None or beat.age > longest]
    drivers = (Loop.TICK, Loop.SEND_REMINDERS)
    return late if all(driver in late for driver in drivers) else [loop for loop in late if loop not in drivers]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the clocks stood at one moment, in seconds. ``since_boot`` is moved by nothing, and counts from ``boot`` on."""

    boot: str
    since_boot: float
    wall: float
    database: float


def words_for_jump(before: Reading | None, after: Reading, *, last_beat: datetime | None) -> str:
    """Which clock jumped by more than ten minutes between two looks, in a sentence; empty when none did."""
    if before and before.boot == after.boot:
        passed = after.since_boot - before.since_boot
        for clock, moved in (
            ("The database's clock", after.database - before.database - passed),
            ("The clock of a machine that sends mail", after.wall - before.wall - passed),
        ):
            if abs(moved) > LONGEST_JUMP.total_seconds():
                way = "forward" if moved > 0 else "back"
                return f"{clock} jumped {way} by {words_for_length(timedelta(seconds=moved))}."
    if last_beat and (ahead := timedelta(seconds=last_beat.timestamp() - after.database)) > LONGEST_JUMP:
        return f"The database's clock is {words_for_length(ahead)} behind the last time that mail was handed over."
    return ""


def next_generation(mark: int) -> int:
    """A mark above every one that can have been kept outside the database before."""
    return (mark // GENERATION + 1) * GENERATION


def says_no_such_address(reply: str) -> bool:
    """Whether a mail server's answer says for good that the recipient's address does not exist (RFC 3463, 5.1.x)."""
    return NO_SUCH_ADDRESS.match(reply) is not None


def message_id_of(dedup_key: str) -> UUID:
    """The id of the message of a key: the same when the key is queued anew after a restore, so that it can be asked for."""
    return uuid5(MESSAGES, dedup_key)
