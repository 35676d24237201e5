"""What the clients were told, written down by themselves: the truth that the instance is held against."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factories
from owing import HOME_DAY, owed, project_owing

MAINLAND = ("KEN", "UGA", "TZA", "ETH", "SOM", "SDN", "RWA", "BDI", "DJI", "ERI", "SSD", "MWI")
ISLANDS = ("MUS", "SYC", "COM", "MDG")
OFFICES = (*MAINLAND, *ISLANDS)
REGION_SHEET = "East and Horn of Africa"
AREAS = {
    "migration_health": "Migration health",
    "migrant_assistance": "Migrant assistance",
    "immigration_border_management": "Immigration and border management",
    "labour_mobility_human_development": "Labour mobility and human development",
}
# rungs behind the due date, and whom the shipped ladder tells there; no reviewer or head of headquarters is named
OVERDUE_RUNGS: Mapping[int, Sequence[str]] = {
    1: ("owner", "alternate"),
    7: ("owner", "alternate", "head"),
    14: ("owner", "alternate", "head"),
    30: ("owner", "alternate", "head"),
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project that owes one report since the day before it was submitted."""

    code: str
    office: str
    since: date

    @property
    def due(self) -> date:
        return self.since - timedelta(days=1)

    def people(self) -> dict[str, str]:
        """Managers of their own, an alternate for all projects of the office, so that mails gather several."""
        office = self.office.lower()
        return {
            "owner": f"manager.{self.code.lower()}@example.org",
            "alternate": f"alternate.{office}@example.org",
            "head": f"head.{office}@example.org",
        }

    def records(self) -> tuple[dict[str, Any], ...]:
        people = self.people()
        return project_owing(
            owed((self.due - HOME_DAY).days),
            code=self.code,
            office=self.office,
            manager={"name": "Manager", "email": people["owner"]},
            alternate_manager={"name": "Alternate", "email": people["alternate"]},
        )


@dataclass(slots=True)
class Submission:
    """An envelope on its way: ``amounts`` by record key, ``project`` where it brings one."""

    office: str
    envelope: dict[str, Any]
    amounts: dict[str, Decimal] = field(default_factory=dict)
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A submission with its receipt, as the client has it in hands; ``status`` is that of the last answer."""

    submission: Submission
    submission_id: str
    receipt: str
    status: int
    tries: int


class Ledger:
    """Written by many clients at once. Each record is written by one client only, one submission at a time.

    ``days`` are those on which the instance was seen at rest; ``was_in_doubt`` the Message-IDs of mails that
    arrived twice, or were given up, after kills that left their delivery in doubt.
    """

    def __init__(self) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.turned_away = 0
        self.days: list[date] = []
        self.was_in_doubt: set[str] = set()
        self._lock = threading.Lock()
        self._numbers = 0

    def note(self, entry: Acknowledged) -> None:
        with self._lock:
            self.acknowledged.append(entry)

    def note_turned_away(self) -> None:
        with self._lock:
            self.turned_away += 1

    def requirement(self, office: str, area: str, *, project_since: date | None = None) -> Submission:
        """A funding requirement with an amount that no other submission has, and a project where wished."""
        with self._lock:
            self._numbers += 1
            number = self._numbers
        amount = Decimal(1_000_000 + number)
        project = Project(f"{office}-{number:05d}", office, project_since) if project_since else None
        records = [factories.requirement(office, area, amount=str(amount)), *(project.records() if project else ())]
        return Submission(office, factories.envelope(*records, code=office), {f"2016/{office}/{area}": amount}, project)

    @staticmethod
    def beginnings() -> Submission:
        """The offices, their windows open at the clock's home, and a donor."""
        offices = [
            factories.office(
                code,
                time_zone="Africa/Johannesburg",
                head={"name": f"Head {code}", "email": f"head.{code.lower()}@example.org"},
            )
            for code in OFFICES
        ]
        return Submission("HQ", factories.envelope(factories.office("HQ"), *offices, factories.donor(), code="HQ"))

    def amounts(self) -> dict[str, Decimal]:
        """The last acknowledged amount of every requirement."""
        return {key: amount for entry in self.acknowledged for key, amount in entry.submission.amounts.items()}

    def revisions(self) -> Counter[str]:
        """The newest revision of every requirement: no two submissions of one are alike, so each makes one."""
        return Counter(key for entry in self.acknowledged for key in entry.submission.amounts)

    def projects(self) -> list[Project]:
        return [entry.submission.project for entry in self.acknowledged if entry.submission.project]

    def changes(self) -> int:
        """How many records were submitted; no two of them are alike, so each is a change."""
        return sum(len(entry.submission.envelope["records"]) for entry in self.acknowledged)

    def judged_on(self, day: date) -> None:
        """On this day the instance was seen at rest, everything due recorded."""
        if day not in self.days:
            self.days.append(day)

    def reminders(self) -> Counter[tuple[str, int, str]]:
        """Every reminder that must have been sent by now: project, rung, recipient, each once."""
        return Counter(told for project in self.projects() for told in self._reminders_of(project))

    def _reminders_of(self, project: Project) -> Iterator[tuple[str, int, str]]:
        people, highest = project.people(), 0
        for day in (day for day in sorted(self.days) if day >= project.since):
            reached = max(rung for rung in OVERDUE_RUNGS if project.due + timedelta(days=rung) <= day)
            if reached > highest:
                highest = reached
                yield from ((project.code, reached, people[role]) for role in OVERDUE_RUNGS[reached])
