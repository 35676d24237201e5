"""Who fills which role of the ladder, and whose working hours count, from the records as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.ladder import Person
from muster_notify.models import Record
from muster_shared.erasing import is_erased
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields

ANY_OFFICE = ""  # the hours of somebody whose office is not known


@dataclass(frozen=True, slots=True)
class Offices:
    """Every office by its code."""

    by_code: Mapping[str, Fields]

    @classmethod
    def of(cls, session: Session) -> Offices:
        """The offices as notify knows them."""
        rows = session.execute(select(Record.key, Record.fields).where(Record.kind == "office").order_by(Record.key))
        return cls({row.key: row.fields for row in rows})

    def people_of(self, project: Fields) -> dict[str, Person]:
        """Role to person, for the roles that somebody with an address fills."""
        office = project["office"]
        named = {"owner": project.get("manager"), "alternate": project.get("alternate_manager")}
        own = {role: one for role, who in named.items() if (one := self._person(who, office))}
        return own | self.people_serving(office)

    def people_serving(self, office: str) -> dict[str, Person]:
        """Role to person for the roles that are the same for all projects of an office."""
        own = self.by_code.get(office, {})
        regional = self._regional(own.get("region"))
        central = next((code for code, one in self.by_code.items() if one["type"] == "headquarters"), ANY_OFFICE)
        named = {
            "head": (own.get("head"), office),
            "reviewer": (self.by_code.get(regional, {}).get("reviewer"), regional),
            "headquarters": (self.by_code.get(central, {}).get("head"), central),
        }
        return {role: one for role, (who, at) in named.items() if (one := self._person(who, at))}

    def _regional(self, region: str | None) -> str:
        for code, office in self.by_code.items():
            if office["type"] == "regional" and office["region"] == region:
                return code
        return ANY_OFFICE

    def _person(self, who: Fields | None, office: str) -> Person | None:
        """Who is named, where they have an address; nobody reads at that of somebody who was erased."""
        email = ((who or {}).get("email") or "").strip()
        if not who or not email or is_erased(email):
            return None
        return Person(who.get("name") or email, email, office if office in self.by_code else ANY_OFFICE)


def projects(session: Session, codes: Collection[str]) -> dict[str, Fields]:
    """Current projects by code, those that there are."""
    query = select(Record.project_code, Record.fields).where(
        Record.kind == "project", one_of(Record.project_code, codes)
    )
    return {row.project_code: row.fields for row in session.execute(query) if row.project_code}
