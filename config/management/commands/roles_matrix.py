from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.roles_matrix import FILE, as_markdown


class Command(BaseCommand):
    help = "Print who may do what as a table, or write it to docs/roles.md."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--write", action="store_true", help="write docs/roles.md")
        how.add_argument("--check", action="store_true", help="exit 1 when docs/roles.md is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            FILE.write_text(as_markdown())
        elif options["check"]:
            if FILE.read_text() != as_markdown():
                raise CommandError("docs/roles.md is not current. Run: manage.py roles_matrix --write")
        else:
            self.stdout.write(as_markdown(), ending="")
