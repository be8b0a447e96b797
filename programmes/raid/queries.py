from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.db.models.lookups import Exact
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.queries import Statement
from partners.calendar.queries import working_calendar
from partners.clock.rules import local_date, words_for_date
from partners.people.models import User
from programmes.raid.enums import EntryState, Likelihood, RaidKind
from programmes.raid.models import RaidComment, RaidEntry, RaidMention
from programmes.raid.rules import SCORED, HeatRow, Notice, heat_map, level_up_of, notices_of, score_of
from programmes.register.models import Programme
from programmes.register.queries import programmes_that_are_asked, programmes_visible_to
from programmes.reminders.enums import ReminderState
from programmes.reminders.models import PlannedReminder
from programmes.reminders.queries import People, away_by_day, people_of
from programmes.reminders.rules import Recipient, Wanted, WaveWords, Within, here_of
from programmes.workstreams.models import Workstream

KIND = "raid"
COLUMNS = (
    "Number",
    "Kind",
    "Title",
    "Description",
    "Owner",
    "Workstream",
    "Likelihood",
    "Impact",
    "Score",
    "Score after treatment",
    "After treatment",
    "Response",
    "Due",
    "In report",
    "Raised",
    "Closed",
    "Outcome",
)
ISSUE_COUNTS_AS = Likelihood.POSSIBLE  # so that an issue finds its place among the risks
SCORE = Coalesce(F("residual_likelihood") * F("residual_impact"), F("impact") * ISSUE_COUNTS_AS)


@dataclass(frozen=True, slots=True)
class RaidFact:
    """Something that happened to an entry: ``raised``, ``closed`` or ``became``, in words that begin with its reference."""

    kind: str
    words: str
    on: date
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Sought:
    """What a register is narrowed by; an empty value leaves a part out."""

    kind: str = ""
    state: str = ""
    owner_id: UUID | None = None
    workstream_id: UUID | None = None
    is_overdue: bool = False
    is_in_report: bool = False
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Sought()


@dataclass(frozen=True, slots=True)
class Mention:
    """A comment in which somebody was named, with its entry and programme."""

    entry: RaidEntry
    comment_id: UUID
    text: str
    said_at: datetime
    said_by: str


def raid_visible_to(user: User) -> QuerySet[RaidEntry]:
    """Entries of the programmes that the person may see, with programme, scope, workstream and owner. Unordered."""
    seen = programmes_visible_to(user).order_by().values("pk")
    return _whole(RaidEntry.objects.filter(programme__in=seen))


def raid_of(programme: Programme) -> QuerySet[RaidEntry]:
    """The register of a programme: what is open first, then by score, the worst first, then by due day."""
    return _ordered(_whole(RaidEntry.objects.filter(programme=programme)))


def narrowed(entries: QuerySet[RaidEntry], sought: Sought, *, today: date) -> QuerySet[RaidEntry]:
    """Those entries that are sought. Text is looked for in title, description and outcome, or is a reference."""
    if sought.kind:
        entries = entries.filter(kind=sought.kind)
    if sought.state:
        entries = entries.filter(closed_at__isnull=sought.state == EntryState.OPEN)
    if sought.owner_id:
        entries = entries.filter(owner=sought.owner_id)
    if sought.workstream_id:
        entries = entries.filter(workstream=sought.workstream_id)
    if sought.is_overdue:
        entries = entries.filter(closed_at=None, due_on__lt=today)
    if sought.is_in_report:
        entries = entries.filter(is_in_report=True)
    for word in sought.text.split():
        entries = entries.filter(
            Q(title__icontains=word) | Q(description__icontains=word) | Q(outcome__icontains=word) | _referred(word)
        )
    return entries


def as_table(entries: QuerySet[RaidEntry]) -> Iterator[list[str | int | date | None]]:
    """One row for each entry, under ``COLUMNS``."""
    for entry in entries:
        score, residual = score_of(entry.likelihood, entry.impact), entry.residual_score
        yield [
            entry.reference,
            entry.get_kind_display(),
            entry.title,
            entry.description,
            entry.owner.name if entry.owner else "",
            entry.workstream.name if entry.workstream else "",
            entry.get_likelihood_display() if entry.likelihood else "",
            entry.get_impact_display() if entry.impact else "",
            score.value if score else None,
            residual.value if residual else None,
            residual.word if residual else "",
            entry.get_response_display(),
            entry.due_on,
            "Yes" if entry.is_in_report else "No",
            entry.raised_on,
            local_date(entry.closed_at) if entry.closed_at else None,
            entry.outcome,
        ]


def entry_in_full(entry_id: UUID, user: User) -> RaidEntry | None:
    """One visible entry with what its page names, or None."""
    found = raid_visible_to(user).filter(pk=entry_id)
    return found.select_related("parent", "turned_from", "recorded_by", "closed_by").first()


def open_issue_of(programme: Programme, entry_id: UUID | None) -> RaidEntry | None:
    """The open issue of the programme that was not taken to a decision yet."""
    rows = RaidEntry.objects.filter(programme=programme, kind=RaidKind.ISSUE, closed_at=None, decision_id=None)
    return rows.filter(Q(pk=entry_id)).first()


def treatments_of(entry: RaidEntry) -> QuerySet[RaidEntry]:
    """Actions that treat the entry, open ones first, with their owner."""
    return _ordered(entry.treatments.select_related("owner"))


def turned_into(entry: RaidEntry) -> QuerySet[RaidEntry]:
    """What the entry was turned into, the earliest first."""
    return entry.turned_into.order_by("recorded_at", "pk")


def comments_on(entry: RaidEntry) -> QuerySet[RaidComment]:
    """What was said of the entry, the earliest first, with who said it and who was named."""
    return entry.comments.select_related("said_by").prefetch_related("mentions__user").order_by("said_at", "pk")


def heat_map_of(programme: Programme) -> list[HeatRow]:
    """Open risks by likelihood and impact after treatment; one query."""
    rows = RaidEntry.objects.filter(programme=programme, kind=RaidKind.RISK, closed_at=None)
    counted = rows.values_list("residual_likelihood", "residual_impact").annotate(count=Count("pk")).order_by()
    return heat_map({(likelihood, impact): count for likelihood, impact, count in counted})


def raid_facts(programme_id: UUID, workstream_id: UUID | None, since: datetime) -> list[RaidFact]:
    """What was raised, closed or became something else after an instant, in time order; one query.

    Of one workstream, or of the whole programme without one. What became something else is told once, by that.
    """
    rows = RaidEntry.objects.filter(programme=programme_id).filter(Q(recorded_at__gt=since) | Q(closed_at__gt=since))
    if workstream_id is not None:
        rows = rows.filter(workstream=workstream_id)
    found: list[tuple[datetime, RaidFact]] = []
    into = RaidEntry.objects.filter(turned_from=OuterRef("pk"), recorded_at=OuterRef("closed_at"))
    for entry in rows.annotate(has_turned=Exists(into)).select_related("turned_from").order_by("recorded_at", "pk"):
        named = f"{entry.reference} {entry.title}"
        if entry.recorded_at > since and entry.turned_from:
            words = f"{entry.turned_from.reference} became {named}"
            found.append((entry.recorded_at, RaidFact("became", words, local_date(entry.recorded_at), entry.pk)))
        elif entry.recorded_at > since:
            found.append((entry.recorded_at, RaidFact("raised", f"{named} was raised", entry.raised_on, entry.pk)))
        if entry.closed_at and entry.closed_at > since and not entry.has_turned:
            words = f"{named} was closed: {entry.outcome}"
            found.append((entry.closed_at, RaidFact("closed", words, local_date(entry.closed_at), entry.pk)))
    return [fact for _, fact in sorted(found, key=lambda each: each[0])]


def overdue_actions(programme_id: UUID, workstream_id: UUID | None, today: date) -> QuerySet[RaidEntry]:
    """Open actions whose day is over, of one workstream or of the whole programme; the longest overdue first."""
    rows = RaidEntry.objects.filter(programme=programme_id, kind=RaidKind.ACTION, closed_at=None, due_on__lt=today)
    if workstream_id is not None:
        rows = rows.filter(workstream=workstream_id)
    return rows.select_related("owner").order_by("due_on", "number")


def top_risks(programme_ids: Collection[UUID], limit: int) -> dict[UUID, list[RaidEntry]]:
    """The worst open risks of each programme after treatment, at most ``limit`` each, with their owner; one query."""
    found: dict[UUID, list[RaidEntry]] = {}
    for entry in _TOP_RISKS.objects(programmes=programme_ids, limit=limit):
        found.setdefault(entry.programme_id, []).append(entry)
    return found


def actions_due_for(user: User, until: date) -> QuerySet[RaidEntry]:
    """Open actions that the person owns and that are due by a day (inclusive), the earliest first, with programme."""
    mine = raid_visible_to(user).filter(owner=user, kind=RaidKind.ACTION, closed_at=None, due_on__lte=until)
    return mine.order_by("due_on", "pk")


def entries_mentioning(user: User, since: datetime) -> list[Mention]:
    """Comments after an instant in which others named the person, newest first, where they may see the programme."""
    seen = programmes_visible_to(user).order_by().values("pk")
    rows = RaidMention.objects.filter(user=user, comment__said_at__gt=since, comment__entry__programme__in=seen)
    rows = rows.exclude(comment__said_by=user).select_related("comment__entry__programme", "comment__said_by")
    return [
        Mention(row.comment.entry, row.comment_id, row.comment.text, row.comment.said_at, row.comment.said_by.name)
        for row in rows.order_by("-comment__said_at", "pk")
    ]


def entries_open_at(known_at: datetime | RawSQL) -> Q:
    """Entries that were raised and open: closed later if at all, and not reopened since then from an earlier closing."""
    turns = AuditEvent.objects.filter(
        subject_id=OuterRef("pk"), action__in=["raid.close_entry", "raid.reopen_entry"], happened_at__gt=known_at
    )
    first = Coalesce(Subquery(turns.order_by("pk").values("action")[:1]), Value(""))
    was_open = Q(closed_at=None) | Q(closed_at__gt=known_at)
    return was_open & Q(recorded_at__lte=known_at) & ~Q(Exact(first, Value("raid.reopen_entry")))


def due_known_at(known_at: datetime | RawSQL) -> Coalesce:
    """For ``annotate``: the day by which an entry was due, before it was changed later."""
    changes = AuditEvent.objects.filter(
        subject_id=OuterRef("pk"), action="raid.change_entry", happened_at__gt=known_at, before__has_key="due_on"
    )
    return Coalesce(Subquery(changes.order_by("pk").values(was=Cast(KT("before__due_on"), DateField()))[:1]), "due_on")


def saved_parts(entry: RaidEntry) -> dict[str, Any]:
    """What an entry says, by the names of its parts; owner and workstream by id."""
    parts = ("title", "description", *SCORED, "due_on", "is_in_report")
    saved = {part: getattr(entry, part) for part in parts}
    return saved | {"owner": entry.owner_id, "workstream": entry.workstream_id}


def owners_in(programme: Programme) -> list[tuple[UUID, str]]:
    """Who owns an entry of the programme, by name."""
    rows = RaidEntry.objects.filter(programme=programme, owner__isnull=False)
    return list(rows.values_list("owner_id", "owner__name").distinct().order_by("owner__name", "owner_id"))


def workstreams_to_choose(programme: Programme) -> QuerySet[Workstream]:
    """Open workstreams of the programme, by name."""
    return Workstream.objects.filter(programme=programme, closed_at=None).order_by("name", "pk")


def _whole(entries: QuerySet[RaidEntry]) -> QuerySet[RaidEntry]:
    return entries.select_related("programme__scope", "workstream", "owner")


def _ordered(entries: QuerySet[Any]) -> QuerySet[RaidEntry]:
    ordered: QuerySet[Any] = entries.annotate(score=SCORE).order_by(
        F("closed_at").desc(nulls_first=True),
        F("score").desc(nulls_last=True),
        F("due_on").asc(nulls_last=True),
        "kind",
        "number",
        "pk",
    )
    return ordered


def _referred(word: str) -> Q:
    """The entry that a word such as "R12" refers to."""
    found = {"R": RaidKind.RISK, "AS": RaidKind.ASSUMPTION, "I": RaidKind.ISSUE, "AC": RaidKind.ACTION}
    letters = word.rstrip("0123456789")
    digits = word[len(letters) :]
    kind = found.get(letters.upper())
    if kind is None or not digits or len(digits) > len("999999999"):
        return Q(pk__in=[])
    return Q(kind=kind, number=int(digits))


def raid_reminders_wanted(within: Within, now: datetime) -> Iterator[Wanted]:
    """The reminders of due days of open entries: to the owner, then to whoever is in charge, then one level up.

    One level up is asked only for an action, and once whoever is in charge was told.
    """
    programmes = {one.pk: one for one in programmes_that_are_asked(within.programme_ids)}
    rows = RaidEntry.objects.filter(programme__in=programmes, closed_at=None, due_on__isnull=False)
    if within.subject_ids is not None:
        rows = rows.filter(pk__in=within.subject_ids)
    entries = list(rows.select_related("owner").order_by("pk"))
    people = people_of([programmes[pk] for pk in sorted({entry.programme_id for entry in entries})])
    coming = list(_notices(entries, now))
    away = away_by_day([local_date(notice.due_at) for _, notice in coming])
    for entry, notice in coming:
        told = people[entry.programme_id]
        asked = here_of(_whom_to_tell(entry, notice, told), away(local_date(notice.due_at)), told.in_sight)
        if asked:
            yield _wanted(entry, notice, asked)


def _notices(entries: Collection[RaidEntry], now: datetime) -> Iterator[tuple[RaidEntry, Notice]]:
    calendar, told_at = working_calendar(), _told_at(entries)
    for entry in entries:
        if entry.due_on is None:
            continue
        notices = notices_of(entry.due_on, calendar=calendar)
        if entry.kind == RaidKind.ACTION and entry.pk in told_at:
            notices.append(level_up_of(told_at[entry.pk], calendar=calendar))
        yield from ((entry, notice) for notice in notices if notice.valid_until > now)


def _told_at(entries: Collection[RaidEntry]) -> Mapping[UUID, datetime]:
    """When whoever is in charge was told that an action is overdue, by entry; one query."""
    keys = [_key(entry, "overdue") for entry in entries if entry.kind == RaidKind.ACTION]
    told = PlannedReminder.objects.filter(wave__dedup_key__in=keys, state=ReminderState.QUEUED).order_by()
    return dict(told.values_list("wave__subject_id").annotate(at=Min("settled_at")))


def _whom_to_tell(entry: RaidEntry, notice: Notice, people: People) -> list[UUID]:
    if notice.to_owner:
        return [entry.owner_id] if entry.owner_id else []
    if notice.key == "level_up":
        return [one for one in people.above if one not in people.in_charge]
    return list(people.in_charge)


def _key(entry: RaidEntry, notice: str) -> str:
    return f"{entry.pk}/{notice}/{entry.due_on}"


def _wanted(entry: RaidEntry, notice: Notice, asked: Collection[UUID]) -> Wanted:
    day, is_action = words_for_date(entry.due_on), entry.kind == RaidKind.ACTION  # type: ignore[arg-type]
    if notice.to_owner:
        told = f"It is yours and due on {day}." if is_action else f"It is yours and to be looked at again by {day}."
    else:
        owner = entry.owner.name if entry.owner else "nobody"
        told = f"It belongs to {owner} and was {'due' if is_action else 'to be looked at again'} on {day}."
    what = f"{entry.get_kind_display()} {entry.reference}"
    path = reverse("raid_entry", args=[entry.pk])
    return Wanted(
        kind=KIND,
        key=_key(entry, notice.key),
        subject_id=entry.pk,
        programme_id=entry.programme_id,
        words=WaveWords(
            title=f"{'Reminder' if notice.to_owner else 'Overdue'}: {what}",
            mail_subject=f"{what} {'is due on' if notice.to_owner else 'was due on'} {day}",
            mail_text=f"{entry.title}\n\n{told} Close it with its outcome, or move the day and say why.",
            due_at=notice.due_at,
            due_reason=notice.due_reason,
            valid_until=notice.valid_until,
        ),
        recipients=tuple(Recipient(one, f"raid-entry:{entry.pk}", path) for one in asked),
        needs_sight=True,
    )


def _top_risks(programmes: RawSQL, limit: RawSQL) -> QuerySet:
    place = Window(
        RowNumber(), partition_by=F("programme"), order_by=[SCORE.desc(), F("due_on").asc(nulls_last=True), F("number")]
    )
    rows = RaidEntry.objects.filter(programme__in=programmes, kind=RaidKind.RISK, closed_at=None)
    return rows.select_related("owner").annotate(place=place).filter(place__lte=limit).order_by("place")


_TOP_RISKS = Statement(_top_risks)
