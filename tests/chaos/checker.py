"""Says what was lost or doubled, from the mail server's log and the database alone."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg

from partners.post.enums import FINAL, Acceptance

QUEUED = re.compile(r": ([0-9A-F]+): message-id=(<[^>]+>)$")
TAKEN = re.compile(r": ([0-9A-F]+): to=<([^>]*)>, status=sent \(250 2\.0\.0 Ok: sha256=([0-9a-f]{64})\)$")
REFUSED = re.compile(r"NOQUEUE: reject: (.*); to=<([^>]*)>$")
MESSAGES = """
    SELECT m.id, m.message_id, m.state, m.frozen, u.email, m.valid_until, m.finished_at,
        EXISTS (SELECT FROM partners_deliveryattempt a WHERE a.message_id = m.id AND a.outcome = 'in_doubt'),
        EXISTS (SELECT FROM partners_deliveryattempt a WHERE a.message_id = m.id AND a.reply = %s)
    FROM partners_message m JOIN partners_user u ON u.id = m.recipient_id WHERE m.channel = 'email'
"""
OTHERS = "SELECT id, state FROM partners_message WHERE channel <> 'email'"
PLANNED = """
    SELECT id FROM programmes_plannedreminder WHERE state = 'planned' AND due_at <=
        clock_timestamp() + coalesce((SELECT sum("offset") FROM partners_clockoffset), '0')
"""
NEVER_SENT = ("cancelled", "expired", "superseded", "suppressed")


@dataclass
class Found:
    """Each kind of fault with what it was found on, in words."""

    recipients: int = 0
    accepted: int = 0
    in_doubt: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    recorded_duplicates: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.duplicates or self.unresolved or self.wrong)


def check(log: Path, database: str) -> Found:
    """Reads both once. Everything that was due must have come to its one end, and the log must say the same."""
    taken, refused = _read(log)
    found = Found(accepted=sum(map(len, taken.values())))
    known = set()
    with psycopg.connect(database) as connection:
        for row in connection.execute(MESSAGES, [Acceptance.CANNOT_TELL.label]):
            _check_message(found, row, taken, refused)
            known.add(row[1])
        found.lost += [f"reminder {pk} was due and never queued" for (pk,) in connection.execute(PLANNED)]
        others = connection.execute(OTHERS).fetchall()
        found.unresolved += [f"message {pk} is {state}" for pk, state in others if state not in FINAL]
        [(found.recipients,)] = connection.execute("SELECT count(*) FROM programmes_plannedreminder").fetchall()
    found.wrong += [f"{message_id} was accepted and is not in the database" for message_id in taken.keys() - known]
    return found


def _read(log: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The digests of what was accepted, by Message-ID, and the replies to what was refused, by address."""
    taken: dict[str, list[str]] = defaultdict(list)
    refused: dict[str, list[str]] = defaultdict(list)
    ids: dict[str, str] = {}
    for line in log.read_text().splitlines():
        if queued := QUEUED.search(line):
            ids[queued[1]] = queued[2]
        elif sent := TAKEN.search(line):
            taken[ids[sent[1]]].append(sent[3])
        elif no := REFUSED.search(line):
            refused[no[2]].append(no[1])
    return taken, refused


def _check_message(found: Found, row: tuple, taken: dict[str, list[str]], refused: dict[str, list[str]]) -> None:
    pk, message_id, state, frozen, address, valid_until, finished_at, was_in_doubt, is_flagged = row
    digests = taken.get(message_id, [])
    found.states[state] = found.states.get(state, 0) + 1
    found.in_doubt += was_in_doubt
    name = f"message {pk} to {address}"
    if state not in FINAL:
        found.unresolved.append(f"{name} is {state}")
    elif state == "sent" and not digests:
        found.lost.append(f"{name} counts as sent and was never accepted")
    elif state in ("refused", "suppressed") and not refused.get(address):
        found.lost.append(f"{name} counts as {state} and its address was not refused")
    elif state == "expired" and not (valid_until and valid_until <= finished_at):
        found.lost.append(f"{name} expired before its time")
    if state in NEVER_SENT and digests:
        found.wrong.append(f"{name} counts as {state} and was accepted")
    if any(digest != sha256(bytes(frozen or b"")).hexdigest() for digest in digests):
        found.duplicates.append(f"{name} was accepted with other bytes than are kept")
    if len(digests) > 1:
        kind = found.recorded_duplicates if is_flagged else found.duplicates
        kind.append(f"{name} was accepted {len(digests)} times; it is {state}")
