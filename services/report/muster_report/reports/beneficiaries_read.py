"""Whom the projects of a year are for and whom they reached: which projects and reports count.

Projects count from their endorsement on, in every year in which they run. A target is that of the whole project and
stands whole in each of these years; a person reached stands in the one year in which the report's period ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from muster_report.exports.projects import ProjectFacts, projects_of
from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.reports.beneficiaries_counted import Told, telling, told
from muster_report.reports.people_read import TARGET, ends_in
from muster_report.reports.project_analysis_portfolio import COUNTED, DRAFT, UNKNOWN

SINCE: Final = "since"  # reached since the start of the project, to the end of the year; REACHED: in the year


@dataclass(frozen=True, slots=True)
class ProjectPeople:
    """A project of the year, its office, and what its records tell of people until the end of the year."""

    fact: Fact
    office: Fact | None
    extensions: tuple[Fact, ...]
    reports: tuple[Fact, ...]
    told: Told
    year: str

    @property
    def office_code(self) -> str:
        """The code of its office."""
        return str(self.fact.fields["office"])

    @property
    def region(self) -> str:
        """The region of its office; empty where that is not known."""
        return str(self.office.fields.get("region") or UNKNOWN) if self.office else UNKNOWN

    @property
    def reports_in_year(self) -> bool:
        """Whether a report that counts tells of people reached in the year."""
        return any(ends_in(part.fact) == self.year for part in self.told.parts)

    def parts(self, measure: str) -> Iterable[Part]:
        """The counts of a measure."""
        if measure == TARGET:
            rows = self.fact.fields.get("targets") or ()
            return [Part(self.fact, f"targets/{i}/count", int(row["count"])) for i, row in enumerate(rows)]
        return [part for part in self.told.parts if measure == SINCE or ends_in(part.fact) == self.year]


@dataclass(frozen=True, slots=True)
class Beneficiaries:
    """The projects of a year that count, and those that do not and yet tell of people in it."""

    year: str
    lang: str
    projects: tuple[ProjectPeople, ...]
    others: tuple[ProjectPeople, ...]

    def used(self) -> tuple[Fact, ...]:
        """The records that figures and texts come from, each once."""
        found: list[Fact | None] = [one.fact for one in self.others]
        for one in self.projects:
            found += [one.fact, one.office, *one.extensions, *one.reports]
        for one in self.others:
            found += [report for report in one.reports if ends_in(report) == self.year]
        return tuple({(fact.kind, fact.key): fact for fact in found if fact}.values())

    def returned(self) -> list[Fact]:
        """Reports on people of the year that the donor returned for correction."""
        reports = (report for one in self.projects for report in one.reports if ends_in(report) == self.year)
        return [report for report in reports if report.fields.get("donor_status") == "returned"]

    def overlapping(self) -> list[Fact]:
        """Reports that cannot be added, because their days overlap those of another."""
        return [report for one in self.projects for report in one.told.overlapping]

    def fewer(self) -> list[Fact]:
        """Reports of the year that tell fewer people than those of earlier years whose days they hold."""
        return [report for one in self.projects for report in one.told.fewer if ends_in(report) == self.year]


def read_beneficiaries(facts: Facts, year: str, lang: str) -> Beneficiaries:
    """The people of the projects that run in a year."""
    running = list(_running(facts, year))
    return Beneficiaries(
        year=year,
        lang=lang,
        projects=tuple(one for one in running if _status(one) in COUNTED),
        others=tuple(one for one in running if _status(one) not in COUNTED and one.reports_in_year),
    )


def _running(facts: Facts, year: str) -> Iterator[ProjectPeople]:
    for of in projects_of(facts):
        if str(of.project.fields["start"])[:4] > year:
            continue
        reports = tuple(fact for fact in of.progress_reports if telling(fact) and ends_in(fact) <= year)
        runs = of.end(date.max).year >= int(year)
        if not (runs or any(ends_in(fact) == year for fact in reports)):
            continue
        office = facts.kind("office").get(of.project.fields["office"])
        one = ProjectPeople(of.project, office, _approved(of), reports, told(reports, year), year)
        if runs or one.reports_in_year:
            yield one


def _approved(of: ProjectFacts) -> tuple[Fact, ...]:
    return tuple(fact for fact in of.extensions if fact.fields.get("decision") == "approved")


def _status(one: ProjectPeople) -> str:
    return str(one.fact.fields.get("status") or DRAFT)
