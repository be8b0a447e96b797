"""The people of a story, found by the keys of its data files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from partners.people.models import Unit, User
from partners.people.operations import add_person, add_unit, enter_administrator
from partners.people.queries import active_person_with_email

EMAIL_DOMAIN = "example.org"


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
            raise LookupError(f"The story names {key}, who has no account.")
        return found

    def id_of(self, key: str) -> UUID:
        return self.person(key).pk

    @property
    def administrator(self) -> User:
        return self.person(self.data["administrator"])

    def enter_administrator(self, now: datetime) -> None:
        key = self.data["administrator"]
        enter_administrator(email=self.email_of(key), name=self.data["people"][key]["name"], now=now)

    def enter_units(self, now: datetime) -> None:
        for row in self.data["units"]:
            parent = self.units.get(row.get("parent", ""))
            self.units[row["code"]] = add_unit(
                code=row["code"],
                name=row["name"],
                parent_id=parent.pk if parent else None,
                by=self.administrator,
                now=now,
            )

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
