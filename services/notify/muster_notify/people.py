"""Who fills which role of the ladder, and whose working hours count, from the records as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.ladder import Person
from muster_notify.models import Record
from muster_notify.windows import is_open
from muster_shared.schedules import Fields

ANY_OFFICE = ""  # the hours of somebody whose office is not known
_DEFAULT_HOURS: Fields = {"time_zone": "UTC", "weekend": ["sat", "sun"]}


@dataclass(frozen=True, slots=True)
class Offices:
    """Every office by its code."""

    by_code: Mapping[str, Fields]

    @classmethod
    def of(cls, session: Session) -> Offices:
        """The offices as notify knows them."""
        rows = session.execute(select(Record.key, Record.fields).where(Record.kind == "office").order_by(Record.key))
        return cls({row.key: row.fields for row in rows})

    def open_at(self, now: datetime) -> list[str]:
        """Codes of the offices whose sending window is open, ``ANY_OFFICE`` among them."""
        hours = {ANY_OFFICE: _DEFAULT_HOURS, **self.by_code}
        return [code for code, office in hours.items() if is_open(now, office["time_zone"], office["weekend"])]

    def people_of(self, project: Fields) -> dict[str, Person]:
        """Role to person, for the roles that somebody with an address fills."""
        own = self.by_code.get(project["office"], {})
        regional = self._regional(own.get("region"))
        central = next((code for code, office in self.by_code.items() if office["type"] == "headquarters"), ANY_OFFICE)
        named = {
            "owner": (project.get("manager"), project["office"]),
            "alternate": (project.get("alternate_manager"), project["office"]),
            "head": (own.get("head"), project["office"]),
            "reviewer": (self.by_code.get(regional, {}).get("reviewer"), regional),
            "headquarters": (self.by_code.get(central, {}).get("head"), central),
        }
        return {role: self._person(who, at) for role, (who, at) in named.items() if who and who.get("email")}

    def _regional(self, region: str | None) -> str:
        for code, office in self.by_code.items():
            if office["type"] == "regional" and office["region"] == region:
                return code
        return ANY_OFFICE

    def _person(self, who: Fields, office: str) -> Person:
        return Person(who.get("name") or who["email"], who["email"], office if office in self.by_code else ANY_OFFICE)


def projects(session: Session, codes: Collection[str]) -> dict[str, Fields]:
    """Current projects by code, those that there are."""
    query = select(Record.project_code, Record.fields).where(Record.kind == "project", Record.project_code.in_(codes))
    return {row.project_code: row.fields for row in session.execute(query) if row.project_code}
