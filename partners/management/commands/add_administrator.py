import json
import re
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandParser
from django.core.validators import validate_email

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.people.adapter import link_to_set_password
from partners.people.operations import enter_administrator
from partners.people.rules import ONE_LINE

REFUSED, BAD_INPUT = 1, 2


class Command(BaseCommand):
    help = (
        "Make somebody administrator: the first one of a new installation, or one more. Prints where to set a password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the work address, with which they sign in")
        parser.add_argument("name", help="the name of a new account, in quotes")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip(), options["name"].strip()
        try:
            validate_email(email)
        except ValidationError:
            self._stop("bad_input", "The first argument is not an email address.", BAD_INPUT)
        if not name or len(name) > 200 or not re.match(ONE_LINE, name):
            self._stop("bad_input", "The name must be one line of 1 to 200 characters.", BAD_INPUT)
        try:
            person = enter_administrator(email=email, name=name, now=business_now())
        except Refused as refused:
            self._stop("refused", refused.sentence, REFUSED)
            return
        link = link_to_set_password(person)
        if options["json"]:
            self.stdout.write(json.dumps({"name": person.name, "email": person.email, "link": link}))
            return
        self.stdout.write(
            f"{person.name} is administrator. They set a password here; the link works once, for three days:\n  {link}\n"
            "After that, “I have forgotten my password” on the sign-in page mails a new one."
        )

    def _stop(self, error: str, message: str, code: int) -> None:
        self.stdout.write(json.dumps({"error": error, "message": message}))
        sys.exit(code)
