"""The case's data files as dated events, each one act by one person through the operation that the pages use."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from config.case.decisions import Decisions
from config.case.partners import Partners
from config.demo.telling import Event, Telling, local, refused
from partners.clock.rules import UK, local_date
from partners.people.enums import Role
from partners.people.models import Office, OfficeHolding
from partners.people.operations import add_holding, add_office, change_office, end_holding
from partners.post.queries import secret_of
from portfolio.plan.enums import EstimateKind
from portfolio.plan.operations import add_scenario, record_estimate
from programmes.consultations.enums import Ground, Verdict
from programmes.consultations.models import Answer
from programmes.consultations.operations.moderation import moderate_comment
from programmes.consultations.queries import live_link_of, task_by_link, tasks_belonging_to
from programmes.engagements.models import Engagement
from programmes.engagements.operations.acknowledgements import record_acknowledgement
from programmes.engagements.operations.engagements import add_engagement
from programmes.engagements.rules import Facts
from programmes.register.enums import PositionKind
from programmes.register.operations import record_position
from programmes.savings.operations import add_saving, state_saving
from programmes.scheduling.operations import start_stage

DATA = Path(__file__).parent / "data"
BEGINNING = datetime(2011, 9, 29, 9, 0, tzinfo=UK)
END = datetime(2013, 3, 31, 18, 0, tzinfo=UK)
PENCE = 100
ONE_MINUTE = timedelta(minutes=1)

AnswerByLink = Callable[[str, list[str]], None]


class Case(Telling):
    """All events in order of time. ``answer_by_link`` answers as a partner's contact does, by address and answers."""

    def __init__(self, answer_by_link: AnswerByLink | None = None) -> None:
        super().__init__("case", DATA, "people.toml")
        self.answer_by_link = answer_by_link
        self.about = self.table("programmes.toml")
        self.offices: dict[str, Office] = {}
        self.engagements: dict[str, Engagement] = {}
        self.partners = Partners(self, self.table("partners.toml"))
        self.decisions = Decisions(self, self.table("decisions.toml"))
        down = self.table("review.toml")["worker_down"]
        self.down_from, self.down_to = local(down["from"]), local(down["to"])

    @property
    def cio(self) -> str:
        return str(self.cast.data["roles"]["cio"])

    @property
    def manager(self) -> str:
        return str(self.about["manager"])

    def events(self) -> list[Event]:
        """Sorted by time; events of one time keep the order in which they are told."""
        told = [
            *self._organisation(),
            *self._programmes(),
            *self.partners.events(),
            *self.decisions.events(),
            *self._views(),
            *self._money(),
            *self._review(),
        ]
        return sorted(told, key=lambda event: event.at)

    def up_again(self, at: datetime) -> datetime:
        return self.down_to if self.down_from <= at < self.down_to else at

    # The organisation and its offices

    def _organisation(self) -> Iterator[Event]:
        yield Event(BEGINNING, self.cast.enter_administrator)
        yield Event(BEGINNING, self.cast.enter_units)
        yield Event(BEGINNING, self.cast.enter_everyone)
        yield Event(BEGINNING, self._create_portfolio)
        for row in self.cast.data["offices"]:
            yield Event(local(row["added_at"]), partial(self._add_office, row))
            yield Event(local(row["holder"]["recorded_at"]), partial(self._hold_office, row))
        end = self.cast.data["abolition"]
        yield Event(local(end["recorded_at"]), partial(self._abolish_office, end))

    def _create_portfolio(self, now: datetime) -> None:
        about, roles = self.about, self.cast.data["roles"]
        organisation, record_until = self.cast.data["organisation"], about["record_until"]
        self.create_portfolio(about, now, organisation=organisation, record_until=record_until)
        assert self.portfolio
        for role in (Role.CIO, Role.MODERATOR, Role.READER):
            self.grant(roles[role], role, self.portfolio.scope_id, now)

    def _add_office(self, row: dict[str, Any], now: datetime) -> None:
        assert self.portfolio
        self.offices[row["key"]] = add_office(
            scope_id=self.portfolio.scope_id,
            title=row["title"],
            body=row["body"],
            established_on=row.get("established_on"),
            clerk_id=self.cast.id_of(row["clerk"]),
            source=row["source"],
            by=self.cast.administrator,
            now=now,
        )

    def _hold_office(self, row: dict[str, Any], now: datetime) -> None:
        holder = row["holder"]
        add_holding(
            office_id=self.offices[row["key"]].pk,
            holder_name=holder["holder_name"],
            from_on=holder.get("from_on"),
            source=holder.get("source", ""),
            by=self.cast.administrator,
            now=now,
        )

    def _abolish_office(self, row: dict[str, Any], now: datetime) -> None:
        office, by = self.offices[row["office"]], self.cast.administrator
        end_holding(
            holding_id=OfficeHolding.objects.get(office=office).pk, to_on=row["last_on"], by=by, now=now - ONE_MINUTE
        )
        change_office(
            office_id=office.pk,
            version=office.version,
            title=office.title,
            body=office.body,
            established_on=office.established_on,
            abolished_on=row["last_on"],
            successor_id=self.offices[row["successor"]].pk,
            clerk_id=office.clerk_id,
            source=office.source,
            by=by,
            now=now,
        )

    # Programmes, and who worked on them

    def _programmes(self) -> Iterator[Event]:
        about = self.about
        for row in about["programmes"]:
            row |= {"owner": about["owner"], "manager": about["manager"]}
            at = local(row["set_up_at"])
            yield Event(at, partial(self.set_up_programme, row, self.cio))
            for workstream in about["workstreams"]:
                if workstream["programme"] == row["key"]:
                    yield Event(
                        at, partial(self.add_workstream, row["key"], workstream["key"], workstream, self.manager)
                    )
        for row in about["statuses"]:
            yield Event(local(row["at"]), partial(self.report, row))
        for row in about["engagements"]:
            yield Event(local(row["recorded_at"]), partial(self._engage, row))
        tried = self.decisions.data["no_gate"]
        yield Event(local(tried["at"]), refused(partial(self._start_stage, tried)))

    def _engage(self, row: dict[str, Any], now: datetime) -> None:
        facts = Facts(
            kind=row["kind"], who=row["who"], task=row["task"], starts_on=row["starts_on"], source=row["source"]
        )
        self.engagements[row["key"]] = add_engagement(
            programme_id=self.programmes[row["programme"]].pk,
            facts=facts,
            request_key=self.key_of("engagement", row["key"]),
            by=self.cast.person(self.manager),
            now=now,
        )

    def _start_stage(self, row: dict[str, Any], now: datetime) -> None:
        start_stage(
            programme_id=self.programmes[row["programme"]].pk,
            stage_id=self.stages(row["programme"])[row["stage"]].id,
            on=local_date(now),
            by=self.cast.person(self.manager),
            now=now,
        )

    # What was said of it: views, which decide nothing

    def _views(self) -> Iterator[Event]:
        about, by = self.about, self.manager
        for number, row in enumerate(about["positions"]):
            yield Event(local(row["at"]), partial(self._state_position, row, number))
        for row in about["constraints"]:
            constraint = {"text": row["text"], "source": about["report"]}
            yield Event(local(row["at"]), partial(self.constrain, row["programme"], constraint, by))
        for row in about["lessons"]:
            yield Event(local(row["at"]), partial(self.learn, row["programme"], row, by))
        for row in about["acknowledgements"]:
            yield Event(local(row["at"]), partial(self._acknowledge, row))

    def _state_position(self, row: dict[str, Any], number: int, now: datetime) -> None:
        record_position(
            programme_id=self.programmes[row["programme"]].pk,
            kind=PositionKind(row["kind"]),
            holder=row["holder"],
            text=row["text"],
            stated_on=row["stated_on"],
            source=row.get("source", self.about["report"]),
            request_key=self.key_of("position", str(number)),
            by=self.cast.person(self.manager),
            now=now,
        )

    def _acknowledge(self, row: dict[str, Any], now: datetime) -> None:
        record_acknowledgement(
            programme_id=self.programmes[row["programme"]].pk,
            holder=row["holder"],
            words=row["words"],
            given_on=row["given_on"],
            source=self.about["report"],
            office_id=self.offices[row["office"]].pk,
            engagement_id=self.engagements[row["engagement"]].pk,
            request_key=self.key_of("acknowledgement", row["engagement"]),
            by=self.cast.person(self.manager),
            now=now,
        )

    # Savings

    def _money(self) -> Iterator[Event]:
        data = self.table("money.toml")
        at = local(data["recorded_at"])
        for kind in EstimateKind:
            yield Event(at, partial(self._estimate, kind, data))
        for row in data["scenarios"]:
            yield Event(at, partial(self._add_scenario, row))
        for row in data["savings"]:
            yield Event(at, partial(self._state_saving, row, data["source"]))
            if "delivered_on" in row:
                noon = local(datetime.combine(row["delivered_on"], datetime.min.time()).replace(hour=12))
                yield Event(noon, partial(self._deliver, row, data["source"]))

    def _estimate(self, kind: EstimateKind, data: dict[str, Any], now: datetime) -> None:
        assert self.portfolio
        row = data[kind]
        years: dict[int, int] = {int(year): pounds * PENCE for year, pounds in row.get("years", {}).items()}
        record_estimate(
            portfolio_id=self.portfolio.pk,
            kind=kind,
            title=row["title"],
            low_pence=row.get("low", row.get("total")) * PENCE,
            high_pence=row.get("high", row.get("total")) * PENCE,
            first_year=row.get("first_year") or min(years),
            last_year=row.get("last_year") or max(years),
            split=years,
            stated_by=data["stated_by"],
            stated_on=local_date(now),
            source=data["source"],
            request_key=self.key_of("estimate", kind),
            by=self.cast.person(self.cio),
            now=now,
        )

    def _add_scenario(self, row: dict[str, Any], now: datetime) -> None:
        assert self.portfolio
        add_scenario(
            portfolio_id=self.portfolio.pk,
            name=row["name"],
            description=row["description"],
            estimate_ids=[self.key_of("estimate", part) for part in row["parts"]],
            request_key=self.key_of("scenario", row["name"]),
            by=self.cast.person(self.cio),
            now=now,
        )

    def _state_saving(self, row: dict[str, Any], source: str, now: datetime) -> None:
        saving_id = self.key_of("saving", row["key"])
        add_saving(
            programme_id=self.programmes["savings"].pk,
            title=row["title"],
            owner_id=self.cast.id_of(self.cio),
            request_key=saving_id,
            by=self.cast.person(self.cio),
            now=now,
        )
        years = sorted({*row.get("expected", {}), *row.get("planned", {})})
        for year in years:
            self._state(
                row,
                year,
                0,
                source,
                now,
                expected_pence=row.get("expected", {}).get(year, 0) * PENCE,
                planned_pence=row.get("planned", {}).get(year, 0) * PENCE,
                confidence=row.get("confidence", ""),
            )

    def _deliver(self, row: dict[str, Any], source: str, now: datetime) -> None:
        """What was expected counts as delivered."""
        for year, pounds in row["expected"].items():
            self._state(row, year, 1, source, now, delivered_pence=pounds * PENCE)

    def _state(self, row: dict[str, Any], year: str, based_on: int, source: str, now: datetime, **figures: Any) -> None:
        state_saving(
            saving_id=self.key_of("saving", row["key"]),
            year=int(year),
            based_on=based_on,
            stated_on=local_date(now),
            source=source,
            request_key=self.key_of("statement", row["key"], year, str(based_on)),
            by=self.cast.person(self.cio),
            now=now,
            **figures,
        )

    # The review, its two consultations, and what became of the comments

    def _review(self) -> Iterator[Event]:
        data, by = self.table("review.toml"), self.manager
        review = data["review"]
        yield Event(local(review["opened_at"]), partial(self.open_review, review, by))
        for row in data["consultations"]:
            yield Event(local(row["drafted_at"]), partial(self._draft_consultation, review["programme"], row))
            yield Event(local(row["launched_at"]), partial(self.launch_consultation, row["key"], by))
        for row in data["responses"]:
            yield Event(local(row["at"]), partial(self._respond, row))
        late = data["too_late"]
        yield Event(local(late["at"]), refused(partial(self.answer, late["consultation"], late["by"], late["answers"])))
        for row in data["moderations"]:
            yield Event(local(row["at"]), partial(self._moderate, row))

    def _draft_consultation(self, programme: str, row: dict[str, Any], now: datetime) -> None:
        self.draft_consultation(
            programme,
            row,
            self.manager,
            now,
            organisation_ids=[self.partners.organisation_id(key) for key in row.get("organisations", ())],
            consortium_ids=[self.partners.consortium_id(key) for key in row.get("consortia", ())],
        )

    def _respond(self, row: dict[str, Any], now: datetime) -> None:
        """Staff answer signed in, a partner's contact by the link in the mail."""
        consultation, by, answers = row["consultation"], row["by"], row["answers"]
        if by in self.cast.data["people"]:
            self.answer(consultation, by, answers, now)
        elif self.answer_by_link:
            self.answer_by_link(self.cast.email_of(by), list(answers.values()))
        else:
            person = self.cast.person(by)
            task = tasks_belonging_to(person).get(consultation=self.consultations[consultation])
            link = live_link_of(task)
            assert link
            assert task_by_link(link.pk, secret_of(link.pk, holder_id=person.pk)) == task
            self.answer(consultation, by, answers, now)

    def _moderate(self, row: dict[str, Any], now: datetime) -> None:
        answer = Answer.objects.get(
            question__is_shared=True, response__task__person=self.cast.person(row["by_response"])
        )
        moderate_comment(
            answer_id=answer.pk,
            verdict=Verdict(row["verdict"]),
            ground=Ground(row["ground"]) if "ground" in row else None,
            reason=row.get("reason", ""),
            shown_text=row.get("shown_text", ""),
            seen_number=0,
            by=self.cast.person(self.cast.data["roles"]["moderator"]),
            now=now,
        )
