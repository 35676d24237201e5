"""What happens on the days of an organization: who reads when, who submits what. The same seed, the same days."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from bench.large_portfolio import FIRST_YEAR, YEARS, Portfolio
from muster_shared.auth import Caller
from muster_shared.codelists import areas, regions

FIRST_DAY: Final = date(FIRST_YEAR + YEARS - 1, 9, 26)  # four days before a quarter ends
HOURS: Final = ((2, 0.0), (9, 0.1), (13, 0.5), (18, 0.8))  # of the clock, and where in the day's time they come
_CLOSING_DAYS: Final = frozenset({28, 29, 30, 1, 2})  # of the months about the end of a quarter
_BOOKS, _BOOKS_AT_CLOSING = 4, 40
_ROWS: Final = (5, 10, 20)
_ROLES: Final = (*("focal_point",) * 6, *("project_manager",) * 3, "reviewer", "analyst", "analyst", "donor")
_IN_THE_MORNING: Final = 0.6
_YEAR: Final = FIRST_YEAR + YEARS - 2
_EVERYWHERE: Final = ("/report/", "/ingest/me")
_OFFICES: Final = (
    "/ingest/",
    "/ingest/projects",
    "/notify/",
    "/ingest/submissions",
    "/ingest/search?q=livelihoods",
    f"/report/figures?year={_YEAR}",
    f"/report/figures/projects?year={_YEAR}",
)
_ANALYST: Final = (
    f"/report/figures/funding?year={_YEAR}",
    f"/report/figures/people?year={_YEAR}",
    f"/report/figures/overdue?until={_YEAR}-12-31",
    f"/report/v1/reports/funding-requirements/latest.xlsx?year={_YEAR}",
)


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody opens a page, ``at`` that part of the day."""

    at: float
    reader: int
    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """An office sends records, as JSON or, ``rows`` of them, some with ``mistakes``, as a workbook."""

    at: float
    office: str
    records: tuple[dict[str, Any], ...] = ()
    rows: int = 0
    mistakes: int = 0


@dataclass(frozen=True)
class Organization:
    """A portfolio, and the people who read what comes of it; on each day reports are handed in that are due."""

    projects: int
    readers: int

    @cached_property
    def portfolio(self) -> Portfolio:
        return Portfolio(self.projects)

    @cached_property
    def _handed_in(self) -> dict[date, list[dict[str, Any]]]:
        """Reports by the day they come, those before the first day under the first."""
        by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
        for record in self.portfolio.records():
            if record["kind"] == "progress_report":
                by_day[max(date.fromisoformat(record["submitted_on"]), FIRST_DAY)].append(record)
        return by_day

    def beginnings(self) -> Iterator[dict[str, Any]]:
        """All there is on the first morning, what others name first."""
        for record in self.portfolio.records():
            if record["kind"] != "progress_report" or date.fromisoformat(record["submitted_on"]) <= FIRST_DAY:
                yield {name: value for name, value in record.items() if name != "iso3"}  # made-up places

    def caller(self, reader: int) -> Caller:
        """Who a reader is."""
        role = _ROLES[reader % len(_ROLES)]
        offices = (self.portfolio.office_of(reader),) if role in {"focal_point", "project_manager"} else ()
        regions = (self._region(reader),) if role == "reviewer" else ()
        donor = f"donor-{reader % 60:02}" if role == "donor" else ""
        return Caller(f"reader{reader}@example.org", role, offices=offices, regions=regions, donor=donor)

    def day(self, number: int) -> list[Read | Write]:
        """What happens on a day, in its order."""
        chance = random.Random(number)  # noqa: S311 - a plan, no secret
        return sorted([*self._reads(chance), *self._writes(number, chance)], key=lambda each: each.at)

    def _reads(self, chance: random.Random) -> Iterator[Read]:
        for reader in range(self.readers):
            morning = chance.random() < _IN_THE_MORNING
            at = chance.uniform(0.1, 0.3) if morning else chance.uniform(0.3, 1.0)
            yield Read(at, reader, chance.choice(self._pages_of(reader, chance)))

    def _pages_of(self, reader: int, chance: random.Random) -> tuple[str, ...]:
        role = self.caller(reader).role
        if role == "donor":
            return _EVERYWHERE
        one = f"/ingest/projects/P-{chance.randrange(self.projects):06}" if role == "analyst" else "/ingest/"
        return (*_EVERYWHERE, *_OFFICES, one, *(_ANALYST if role == "analyst" else ()))

    def _writes(self, number: int, chance: random.Random) -> Iterator[Write]:
        today = FIRST_DAY + timedelta(days=number)
        for report in self._handed_in.get(today, ()) if number else ():
            office = self._office_of(report["project_code"])
            yield Write(chance.uniform(0.1, 0.9), office, (report,))
        for region in range(self.portfolio.regions):
            office = self.portfolio.office_of(region + self.portfolio.regions * chance.randrange(16))
            yield Write(chance.uniform(0.1, 0.9), office, (_requirement(office, chance),))
        for _ in range(_BOOKS_AT_CLOSING if today.day in _CLOSING_DAYS else _BOOKS):
            office = self.portfolio.office_of(chance.randrange(self.projects))
            yield Write(chance.uniform(0.4, 0.9), office, rows=chance.choice(_ROWS), mistakes=chance.randrange(5) // 4)

    def _office_of(self, project_code: str) -> str:
        return self.portfolio.office_of(int(project_code.removeprefix("P-")))

    def _region(self, reader: int) -> str:
        return list(regions())[reader % self.portfolio.regions]


def _requirement(office: str, chance: random.Random) -> dict[str, Any]:
    asked = {"kind": "funding_requirement", "year": _YEAR, "office": office, "area": chance.choice(list(areas()))}
    return asked | {"amount": str(chance.randrange(10_000, 900_000)), "currency": "USD"}
