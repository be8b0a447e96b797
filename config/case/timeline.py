"""The case told in order of time while the real programs run: each act, then what they made of it."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby, starmap
from typing import TYPE_CHECKING

from config.case.answering import answer_by_link
from config.case.letters import Letter
from config.case.story import END, Case
from config.demo.launching import say
from config.demo.post import is_settled, next_due_at
from config.demo.telling import Event
from config.embedded.processes import StartFailed
from partners.audit.models import AuditEvent
from partners.clock.operations import set_clock
from partners.clock.queries import business_now
from partners.clock.rules import UK, end_of_day, local_date, words_for_date
from portfolio.plan.queries import money_at
from programmes.reviews.models import Review

if TYPE_CHECKING:
    from config.case.run import Replay

SECONDS_TO_SETTLE = 60
RECORD_ENDS_ON = date(2013, 3, 31)
PENCE = 100
# Acts that are counted and not told one by one: in the singular and in the plural.
SETS_UP = {
    "people.add_unit": ("unit", "units"),
    "people.add_person": ("account", "accounts"),
    "people.grant_role": ("role", "roles"),
    "organisations.add_organisation": ("organisation", "organisations"),
    "organisations.add_contact": ("contact", "contacts"),
    "consortia.add_capability": ("capability", "capabilities"),
    "consortia.claim_capability": ("claim of a capability", "claims of capabilities"),
    "consortia.add_consortium": ("consortium", "consortia"),
    "consortia.add_member": ("membership", "memberships"),
    "consortia.start_relationship": ("relationship", "relationships"),
    "consortia.add_term": ("term that binds", "terms that bind"),
    "consultations.add_question": ("question", "questions"),
    "consultations.choose_audience": ("audience", "audiences"),
    "decisions.add_option": ("option", "options"),
}


class Timeline:
    """``events`` is how many the case has."""

    def __init__(self, replay: "Replay") -> None:
        self.replay = replay
        self.case = Case(answer_by_link=self._answer_by_link)
        self.events = 0
        self.are_workers_up = True
        self._last_event_id = 0
        self._day: date | None = None

    def tell(self) -> None:
        """Everything, until the end of the case. Raises: StartFailed when the workers do not settle what is due."""
        events = self.case.events()
        self.events = len(events)
        for at, found in groupby(self._with_workers(events), key=lambda event: event.at):
            self._run_to(at)
            self._moment(at, list(found))
        self._run_to(END)
        self._moment(END)

    def figures(self) -> dict[str, object]:
        """Money as at the last day of the record, and the days of the review, read from the database."""
        assert self.case.portfolio
        money = money_at(self.case.portfolio, on=RECORD_ENDS_ON, known_at=end_of_day(RECORD_ENDS_ON))
        assert money.required
        review = Review.objects.get()
        return {
            "required_gbp": money.required.high_pence // PENCE,
            "delivered_gbp": money.saved.delivered.high_pence // PENCE,
            "planned_gbp": money.saved.planned.high_pence // PENCE,
            "pressure_max_gbp": money.pressure.high_pence // PENCE,
            "review_opens": local_date(review.opens_at).isoformat(),
            "review_closes": local_date(review.closes_at).isoformat(),
        }

    def _with_workers(self, events: list[Event]) -> list[Event]:
        down = Event(self.case.down_from, lambda _: self._kill_workers())
        up = Event(self.case.down_to, lambda _: self._start_workers())
        return sorted([*events, down, up], key=lambda event: event.at)

    def _kill_workers(self) -> str:
        self.replay.kill_workers()
        self.are_workers_up = False
        return "the worker and beat are killed"

    def _start_workers(self) -> str:
        self.replay.start_workers()
        self.are_workers_up = True
        return "the worker and beat are started again"

    def _run_to(self, until: datetime) -> None:
        """Stop at each instant at which something falls due, while there is somebody to send it."""
        while self.are_workers_up and (due_at := next_due_at()) and due_at < until:
            self._moment(due_at)

    def _moment(self, at: datetime, events: Sequence[Event] = ()) -> None:
        set_clock(to=at)
        happened: dict[object, list[str]] = {}
        for event in events:
            said = event.act(at)
            for audited in self._audited():
                words = SETS_UP.get(audited.action)
                key = (audited.actor_name, words) if words else audited.pk
                happened.setdefault(key, []).append(str(audited))
            if isinstance(said, str):
                happened[said] = [said]
        if self.are_workers_up:
            self._wait_until_settled()
        letters = self.replay.mailbag.collect(at.astimezone(UK))
        self._print(at, [*starmap(in_words, happened.items()), *map("told: {}".format, told_to(letters))])

    def _wait_until_settled(self) -> None:
        until = time.monotonic() + SECONDS_TO_SETTLE
        while not is_settled(business_now()):
            if time.monotonic() > until:
                log = self.replay.worker.last_lines()
                raise StartFailed(f"The worker did not send what was due within {SECONDS_TO_SETTLE} s. Its log:\n{log}")
            time.sleep(0.05)

    def _audited(self) -> list[AuditEvent]:
        """What came since the last look."""
        fresh = list(AuditEvent.objects.filter(pk__gt=self._last_event_id).order_by("pk"))
        self._last_event_id = fresh[-1].pk if fresh else self._last_event_id
        return fresh

    def _print(self, at: datetime, lines: Sequence[str]) -> None:
        clock = at.astimezone(UK)
        if lines and clock.date() != self._day:
            self._day = clock.date()
            say(f"\n{words_for_date(self._day)}")
        for line in lines:
            say(f"  {clock:%H:%M}  {line}")

    def _answer_by_link(self, email: str, answers: list[str]) -> None:
        answer_by_link(self.replay.mailbag.folder, email, answers)


def in_words(key: object, sentences: list[str]) -> str:
    """The one sentence, or how many of a kind somebody set up."""
    if not isinstance(key, tuple):
        return sentences[0]
    who, (one, several) = key
    return f"{who} entered {len(sentences)} {several if len(sentences) > 1 else one}"


def told_to(letters: Iterable[Letter]) -> list[str]:
    """One line for each subject: how it reads, and to whom it went."""
    by_subject: dict[str, list[str]] = defaultdict(list)
    for letter in letters:
        by_subject[letter.subject].append(letter.to)
    return [f"“{subject}” to {', '.join(sorted(to))}" for subject, to in by_subject.items()]
