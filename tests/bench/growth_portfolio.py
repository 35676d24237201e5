"""The portfolio of the growth curves: with more projects there are more donors, partners and activities too.

So what one donor, or one project, is told of stays as large as it is, however large the organization grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.large_portfolio import PartneredPortfolio, Record

SMALLEST: Final = 200
_PROJECTS_OF_A_DONOR: Final = 4


@dataclass(frozen=True, slots=True)
class GrowingPortfolio(PartneredPortfolio):
    """A portfolio in which everything grows with the number of projects but the places, the years and the rates."""

    def records(self) -> Iterator[Record]:
        """Every record, what others name first."""
        for record in PartneredPortfolio.records(self):
            if record["kind"] != "donor":
                yield record
            elif record["donor_id"] == "donor-00":
                yield from self._donors()

    def project(self, number: int) -> Iterator[Record]:
        """A project with all that belongs to it; its grants are of donors of its own neighbourhood."""
        for record in PartneredPortfolio.project(self, number):
            if record["kind"] == "grant":
                place = int(record["grant_id"].rpartition("G")[2])
                yield record | {"donor_id": donor(number // _PROJECTS_OF_A_DONOR + place, self.projects)}
            else:
                yield record

    def _donors(self) -> Iterator[Record]:
        for number in range(_donors_of(self.projects)):
            yield {"kind": "donor", "donor_id": donor(number, self.projects), "name": f"Donor {number}"}


def _donors_of(projects: int) -> int:
    return -(-projects // _PROJECTS_OF_A_DONOR)


def donor(number: int, projects: int) -> str:
    """The id of a donor of a portfolio; they begin anew behind the last one."""
    return f"donor-{number % _donors_of(projects):06}"
