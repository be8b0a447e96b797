"""The servers of one test run: embedded ones in a temporary folder, or those that the environment names.

Under pytest-xdist the controller starts PostgreSQL and makes the template once, and its workers inherit both through
the environment; Valkey is cheap, so each worker has its own and no worker takes another's tasks.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.embedded import servers

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "PORTFOLIO_TEST_TEMPLATE"
OWN_VALKEY = "PORTFOLIO_TEST_OWN_VALKEY"


class TestServers:
    """Names every server in the environment at once, because Django reads it; starts them when a test needs them."""

    __test__ = False

    def __init__(self) -> None:
        self.folder = servers.socket_folder()
        self.inherited_template = os.environ.get(TEMPLATE)
        self.template = self.inherited_template or f"test_{secrets.token_hex(4)}_template"
        self.postgres = None
        self.valkey = None
        self.is_started = False
        if "DATABASE_OWNER_URL" not in os.environ:
            self.postgres = servers.postgres(self.folder, self.folder, durable=False)
            os.environ["DATABASE_OWNER_URL"] = servers.database_url(self.folder, role="owner")
            os.environ["DATABASE_URL"] = servers.database_url(self.folder, role="app")
        if "REDIS_URL" not in os.environ or os.environ.get(OWN_VALKEY):
            self.valkey = servers.valkey(self.folder, self.folder, durable=False)
            os.environ["REDIS_URL"] = servers.redis_url(self.folder)
            os.environ[OWN_VALKEY] = "1"
        os.environ["PORTFOLIO_MODE"] = "test"
        os.environ["PORTFOLIO_STATE"] = str(self.folder)
        os.environ.pop("DATABASE_ROLE", None)

    def start(self) -> None:
        if self.is_started:
            return
        self.is_started = True
        if self.valkey:
            self.valkey.start()
        if self.postgres:
            self.postgres.start()
            servers.make_database(self.folder)
        if not self.inherited_template:
            self._make_template()

    def share_with_workers(self) -> None:
        """Before they start. A worker that finds Django's settings named would read them before its own Valkey is."""
        self.start()
        os.environ[TEMPLATE] = self.template
        del os.environ["DJANGO_SETTINGS_MODULE"]

    def stop(self) -> None:
        if self.is_started and not self.inherited_template and not self.postgres:
            self._as_owner(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), self.template)
        for server in (self.postgres, self.valkey):
            if server:
                server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def fresh_database(self) -> Iterator["TestDatabase"]:
        """A clone of the migrated template, dropped at the end whoever is still connected."""
        name = f"test_{secrets.token_hex(6)}"
        clone = (
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY" if self.postgres else "CREATE DATABASE {} TEMPLATE {}"
        )
        self._as_owner(sql.SQL(clone), name, self.template)
        yield TestDatabase(
            name=name,
            url=make_conninfo(os.environ["DATABASE_URL"], dbname=name),
            owner_url=make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname=name),
        )
        self._as_owner(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def _make_template(self) -> None:
        self._as_owner(sql.SQL("CREATE DATABASE {}"), self.template)
        migrated = subprocess.run(
            [sys.executable, "manage.py", "migrate_database"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=self.template),
                "DATABASE_OWNER_URL": make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname=self.template),
                "DATABASE_ROLE": "owner",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if migrated.returncode:
            raise RuntimeError(f"The test database could not be migrated.\n{migrated.stdout}{migrated.stderr}")

    @staticmethod
    def _as_owner(statement: sql.SQL, *names: str) -> None:
        url = make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname="postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@dataclass(frozen=True)
class TestDatabase:
    """A database of its own for one test: real commits, real workers, threads."""

    __test__ = False

    name: str
    url: str
    owner_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work on this database; the rest of the environment is the test run's."""
        return {"DATABASE_URL": self.url, "DATABASE_OWNER_URL": self.owner_url}
