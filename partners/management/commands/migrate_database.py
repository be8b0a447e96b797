from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from partners.audit.models import AppendOnlyModel


class Command(BaseCommand):
    help = "Apply migrations as the owner of the tables and grant the application's role what it may do."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.RUNS_AS_OWNER:
            raise CommandError("Set DATABASE_ROLE=owner for this command: only the owner may change the schema.")
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        role = str(conninfo_to_dict(settings.DATABASE_URL).get("user") or "")
        owner = connection.settings_dict["USER"]
        if role == owner:
            self.stderr.write(
                "The application runs as the owner of its tables: append-only tables are guarded by triggers alone. "
                "Give DATABASE_URL a role of its own (docs/operations.md)."
            )
            return
        append_only = [m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnlyModel)]
        for statement in grants(role, append_only):
            with connection.cursor() as cursor:
                cursor.execute(statement)


def grants(role: str, append_only: list[str]) -> list[sql.Composed]:
    """Everything a running application may do: read and write rows, but only add to append-only tables."""
    to = sql.Identifier(role)
    return [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(to),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(to),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(to),
        sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(to),
        *(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), to)
            for table in append_only
        ),
    ]
