"""The portfolio of the growth curves: with more projects there are more donors, partners and activities too.

So what one donor, or one project, is told of stays as large as it is, however large the organization grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from bench.large_portfolio import FIRST_YEAR, YEARS, Portfolio, Record
from muster_shared.codelists import activity_types, areas_of_collaboration

SMALLEST: Final = 200
_PROJECTS_OF_A_DONOR: Final = 4
_PROJECTS_OF_A_PARTNER: Final = 3


@dataclass(frozen=True, slots=True)
class GrowingPortfolio(Portfolio):
    """A portfolio in which everything grows with the number of projects but the places, the years and the rates."""

    def records(self) -> Iterator[Record]:
        """Every record, what others name first."""
        for record in Portfolio.records(self):
            if record["kind"] != "donor":
                yield record
            elif record["donor_id"] == "donor-00":
                yield from self._donors()
                yield from self._partners()

    def project(self, number: int) -> Iterator[Record]:
        """A project with all that belongs to it; its grants are of donors of its own neighbourhood."""
        for record in Portfolio.project(self, number):
            if record["kind"] == "grant":
                place = int(record["grant_id"].rpartition("G")[2])
                yield record | {"donor_id": donor(number // _PROJECTS_OF_A_DONOR + place, self.projects)}
            else:
                yield record
        yield self._partnership(number)
        yield self._activity(number)

    def _donors(self) -> Iterator[Record]:
        for number in range(_donors_of(self.projects)):
            yield {"kind": "donor", "donor_id": donor(number, self.projects), "name": f"Donor {number}"}

    def _partners(self) -> Iterator[Record]:
        for number in range(-(-self.projects // _PROJECTS_OF_A_PARTNER)):
            yield {"kind": "partner", "partner_id": f"partner-{number}", "name": f"Partner {number}", "type": "other"}

    def _partnership(self, number: int) -> Record:
        codes = list(areas_of_collaboration())
        return {
            "kind": "partnership",
            "partnership_id": f"partnership-{number:06}",
            "partner_id": f"partner-{number // _PROJECTS_OF_A_PARTNER}",
            "office": self.office_of(number),
            "countries": ["KEN"],
            "area": codes[number % len(codes)],
            "role": ("collaborator", "service_provider")[number % 2],
            "source": "made up",
        }

    def _activity(self, number: int) -> Record:
        kinds, year = list(activity_types()), FIRST_YEAR + number % YEARS
        return {
            "kind": "field_activity",
            "activity_id": f"activity-{number:06}",
            "offices": [self.office_of(number)],
            "title": f"Training of volunteers, round {number}",
            "level": "activity",
            "types": [kinds[number % len(kinds)]],
            "start": f"{date(year, 1 + number // YEARS % 12, 1):%Y-%m}",
            "end": str(year),
            "people": [{"group": "volunteers", "target": 40, "reached": number % 40}],
            "source": "made up",
        }


def _donors_of(projects: int) -> int:
    return -(-projects // _PROJECTS_OF_A_DONOR)


def donor(number: int, projects: int) -> str:
    """The id of a donor of a portfolio; they begin anew behind the last one."""
    return f"donor-{number % _donors_of(projects):06}"
