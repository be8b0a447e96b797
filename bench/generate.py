"""Fills a database of its own with a portfolio of any size: straight SQL, the same rows for the same seed."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
from django.apps import apps
from psycopg import sql

from config.embedded import servers

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_name("portfolio.sql")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday; the rows before it are dated back from here
SEED = 7
STEP = "-- step: "


@contextmanager
def generated_portfolio(programmes: int, seed: int = SEED) -> Iterator[None]:
    """An embedded PostgreSQL in a temporary folder with the rows in it; the environment names it for Django."""
    folder = servers.socket_folder()
    postgres = servers.postgres(folder, folder, durable=False)
    os.environ |= {
        "PORTFOLIO_MODE": "test",
        "PORTFOLIO_STATE": str(folder),
        "DATABASE_URL": servers.database_url(folder, role="app"),
        "DATABASE_OWNER_URL": servers.database_url(folder, role="owner"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    try:
        postgres.start()
        servers.make_database(folder)
        _migrate()
        django.setup()
        fill(os.environ["DATABASE_OWNER_URL"], programmes=programmes, seed=seed)
        yield
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fill(url: str, *, programmes: int, seed: int = SEED, now: datetime = NOW) -> None:
    """Write the rows as the owner of the tables, who may also gather the planner's statistics."""
    values = {"programmes": programmes, "seed": seed, "now": now}
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET synchronous_commit = off")
        _give_defaults(connection)
        for title, statements in _steps():
            began = time.monotonic()
            connection.execute(statements, values)
            print(f"  {title}: {time.monotonic() - began:.1f} s", flush=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _give_defaults(connection: psycopg.Connection) -> None:
    """What Django fills in by itself, the database fills in here, so that the script names only what matters."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.null or field.primary_key or field.remote_field or callable(field.default):
                continue
            default = field.get_default()
            if isinstance(default, str | int | bool):
                statement = sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}")
                names = sql.Identifier(model._meta.db_table), sql.Identifier(str(field.column))
                connection.execute(statement.format(*names, sql.Literal(default)))


def _steps() -> list[tuple[str, str]]:
    found = []
    for part in SCRIPT.read_text().split(STEP)[1:]:
        title, _, statements = part.partition("\n")
        found.append((title, statements))
    return found


def _migrate() -> None:
    migrated = subprocess.run(
        [sys.executable, "manage.py", "migrate_database", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )
    if migrated.returncode:
        raise SystemExit(f"The database could not be migrated.\n{migrated.stdout}{migrated.stderr}")
