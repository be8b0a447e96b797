"""The people of the demo's story, found by the keys of its data files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from partners.people.models import Unit, User
from partners.people.operations import add_person, enter_administrator
from partners.people.queries import active_person_with_email

EMAIL_DOMAIN = "example.org"
MANAGERS = {"mco": "priya", "or": "tom", "cr": "grace", "ea": "owen"}


class Cast:
    """Who is who. A person is read afresh for each act, so that roles given meanwhile count."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.units: dict[str, Unit] = {}

    @staticmethod
    def email_of(key: str) -> str:
        return f"{key}@{EMAIL_DOMAIN}"

    def person(self, key: str) -> User:
        found = active_person_with_email(self.email_of(key))
        if found is None:
            raise LookupError(f"The demo's story names {key}, who has no account.")
        return found

    def id_of(self, key: str) -> UUID:
        return self.person(key).pk

    @property
    def administrator(self) -> User:
        return self.person(self.data["administrator"])

    def manager_of(self, programme: str) -> User:
        return self.person(MANAGERS[programme])

    def enter_administrator(self, now: datetime) -> None:
        key = self.data["administrator"]
        enter_administrator(email=self.email_of(key), name=self.data["people"][key]["name"], now=now)

    def enter_everyone(self, now: datetime) -> None:
        for key, row in self.data["people"].items():
            if key != self.data["administrator"]:
                add_person(
                    email=self.email_of(key),
                    name=row["name"],
                    unit_id=self.units[row["unit"]].pk,
                    by=self.administrator,
                    now=now,
                )
