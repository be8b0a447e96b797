import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from partners.audit.rules import NotPermitted, Refused
from partners.clock.queries import business_now
from partners.people.enums import Outcome
from partners.people.models import User
from partners.people.operations.imports import ImportRefused, import_file
from partners.people.permissions import check_can_manage_people
from partners.people.queries import active_person_with_email, administrators
from partners.people.queries.imports import Plan, plan_of
from partners.people.rules.csv_files import LARGEST_FILE_BYTES, UnreadableFile, text_of

REFUSED, BAD_INPUT = 1, 2


class BadInput(Exception):
    """What was typed cannot be used."""


class Command(BaseCommand):
    help = (
        "Import people or units from a CSV file, all of it or nothing. Input that cannot be imported exits 2 and a "
        "refusal exits 1, each with an object of error and message."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a CSV file, or - for standard input")
        parser.add_argument("--by", help="address of the administrator who imports; needed when there are several")
        parser.add_argument("--dry-run", action="store_true", help="only tell what it would do")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text, by = text_of(_content(options["file"])), _importer(options["by"])
            if options["dry_run"]:
                check_can_manage_people(by)
                plan = plan_of(text, by=by)
            else:
                source = "standard input" if options["file"] == "-" else Path(options["file"]).name
                plan = import_file(text=text, source=source, by=by, now=business_now())
        except ImportRefused as refused:
            self._stop(
                "bad_input", refused.sentence, BAD_INPUT, problems=[asdict(each) for each in refused.plan.problems]
            )
        except UnreadableFile as unreadable:
            self._stop("bad_input", unreadable.sentence, BAD_INPUT)
        except BadInput as problem:
            self._stop("bad_input", str(problem), BAD_INPUT)
        except (Refused, NotPermitted) as refused:
            self._stop("refused", refused.sentence, REFUSED)
        else:
            self.stdout.write(json.dumps(as_json(plan)) if options["json"] else as_text(plan))

    def _stop(self, error: str, message: str, code: int, **more: object) -> None:
        self.stdout.write(json.dumps({"error": error, "message": message, **more}))
        sys.exit(code)


def as_json(plan: Plan) -> dict[str, Any]:
    counts = {outcome.value: plan.count(outcome) for outcome in Outcome}
    return {"kind": plan.kind.value, **counts, "problems": [asdict(problem) for problem in plan.problems]}


def as_text(plan: Plan) -> str:
    lines = [f"{outcome.label}: {plan.count(outcome):,}" for outcome in Outcome]
    return "\n".join([*lines, *(f"Line {each.line}, {each.column}: {each.sentence}" for each in plan.problems)])


def _content(name: str) -> bytes:
    try:
        with sys.stdin.buffer if name == "-" else open(name, "rb") as file:
            return file.read(LARGEST_FILE_BYTES + 1)
    except OSError as problem:
        raise BadInput(f"{name} cannot be read: {problem.strerror}.") from None


def _importer(email: str | None) -> User:
    """In whose name the import is recorded."""
    if email is not None:
        person = active_person_with_email(email)
        if person is None:
            raise BadInput(f"Nobody with an account has the address {email}.")
        return person
    found = administrators()
    if len(found) != 1:
        raise BadInput("Say in whose name to import: --by, with the address of an administrator.")
    return found[0]
