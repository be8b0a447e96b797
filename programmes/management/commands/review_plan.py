import json
import sys
from datetime import UTC, date, datetime
from typing import Any

from django.core.management import BaseCommand, CommandParser

from partners.audit.rules import Refused
from partners.calendar.queries import working_calendar
from partners.clock.rules import UK, words_for_instant
from programmes.reviews.rules import DEFAULT_REVIEW_LIMIT_WEEKS, ReviewPlan, plan_review

REFUSED, BAD_INPUT = 1, 2


class BadInput(Exception):
    """What was typed cannot be read."""


class Command(BaseCommand):
    help = (
        "Print the dates of a review with the reason for each. A refused plan exits 1 and input that cannot be read "
        "exits 2, each with an object of error and message."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--starts", help="opening day, such as 2026-09-15")
        parser.add_argument("--weeks", default=str(DEFAULT_REVIEW_LIMIT_WEEKS), help="length in weeks")
        parser.add_argument("--guarantee-working-days", help="close later where this many would not be reached")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            starts_on = _day(options["starts"])
            weeks = _number("--weeks", options["weeks"])
            guarantee = options["guarantee_working_days"]
            days = _number("--guarantee-working-days", guarantee) if guarantee is not None else None
            plan = plan_review(starts_on, calendar=working_calendar(), weeks=weeks, guarantee_working_days=days)
        except BadInput as problem:
            self._stop("bad_input", str(problem), BAD_INPUT)
        except Refused as refused:
            self._stop("refused", refused.sentence, REFUSED)
        else:
            self.stdout.write(json.dumps(as_json(plan), indent=2) if options["json"] else as_text(plan))

    def _stop(self, error: str, message: str, code: int) -> None:
        self.stdout.write(json.dumps({"error": error, "message": message}))
        sys.exit(code)


def as_json(plan: ReviewPlan) -> dict[str, Any]:
    return {
        "opens_at": _utc(plan.opens_at),
        "closes_at": _utc(plan.closes_at),
        "working_days": plan.working_days,
        "milestones": [
            {
                "key": step.key,
                "local": step.due_at.astimezone(UK).isoformat(),
                "utc": _utc(step.due_at),
                "reason": step.reason,
            }
            for step in plan.milestones
        ],
        "advice": list(plan.advice),
    }


def as_text(plan: ReviewPlan) -> str:
    lines = [f"{words_for_instant(step.due_at)}: {step.title} ({step.reason})" for step in plan.milestones]
    return "\n".join([*lines, f"{plan.working_days} working days", *plan.advice])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise BadInput("Give the opening day as --starts with year, month and day, such as 2026-09-15.") from None


def _number(option: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise BadInput(f"Give {option} a whole number.")
    return int(text)
