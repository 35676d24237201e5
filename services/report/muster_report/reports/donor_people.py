"""People to be reached and reached by a donor's projects, as base cells of project, group, sex and age band.

Targets and people reached are those of the whole project, whoever funds it: a target belongs to a project, not to a
grant. Reports are counted once, as for money (``muster_shared.counted``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from muster_report.disclosure import Key
from muster_report.facts import Fact
from muster_report.figures import TOTAL, Part
from muster_report.reports.beneficiaries_counted import telling, told
from muster_report.reports.donor_grants import DonorGrants
from muster_report.reports.donor_money import share
from muster_report.reports.people_read import REACHED, SETS, TARGET, place_of
from muster_shared.age_bands import SEXES
from muster_shared.counted import standing

MEASURES: Final = SETS
_EVER: Final = "9999"  # a year after all


@dataclass(frozen=True, slots=True)
class People:
    """What records say of people, by measure: the cells (project, group, sex, age band) and each figure's parts."""

    cells: Mapping[str, frozenset[Key]]
    parts: Mapping[str, Mapping[Key, list[Part]]]

    def of(self, measure: str, figure: Key) -> list[Part]:
        """The parts of a published figure."""
        return self.parts[measure].get(figure, [])

    def count(self, measure: str, figure: Key) -> int | None:
        """A published count; None where nothing was stated for it."""
        parts = self.of(measure, figure)
        return sum(int(part.value) for part in parts) if parts else None

    def percent(self, figure: Key) -> int | None:
        """Reached in percent of the target."""
        target, reached = (self.count(measure, figure) for measure in MEASURES)
        return share(reached, target)

    def groups(self) -> list[str]:
        """The groups of people, in the order of the alphabet."""
        return sorted({cell[1] for cells in self.cells.values() for cell in cells})

    def rows(self) -> list[tuple[str, str, str]]:
        """Each combination of project, group and sex that is stated, sexes in their order."""
        found = {cell[:3] for cells in self.cells.values() for cell in cells}
        return sorted(((c[0], c[1], c[2]) for c in found), key=lambda row: (row[0], row[1], SEXES.index(row[2])))


def figures_of(cell: Key) -> tuple[Key, ...]:
    """Every figure of the report that counts a base cell, on all its sheets; the same figure twice has one key."""
    project, group, sex, age = cell
    return (
        ("detail", project, group, sex, age),
        ("detail", project, group, sex, TOTAL),
        ("project", project),
        ("group", group),
        ("sex", sex, age),
        ("sex", sex, TOTAL),
        ("sex", TOTAL, age),
        ("all",),
    )


def read_people(grants: DonorGrants) -> People:
    """The people of the donor's projects until the day."""
    stated = {TARGET: tuple(_targets(grants)), REACHED: tuple(_reached(grants))}
    cells = {measure: frozenset(cell for cell, _ in of) for measure, of in stated.items()}
    return People(cells, {measure: _by_figure(of) for measure, of in stated.items()})


def _by_figure(stated: Iterable[tuple[Key, Part]]) -> dict[Key, list[Part]]:
    figures: dict[Key, list[Part]] = {}
    for cell, part in stated:
        for figure in figures_of(cell):
            figures.setdefault(figure, []).append(part)
    return figures


def _targets(grants: DonorGrants) -> Iterator[tuple[Key, Part]]:
    for project in grants.projects().values():
        yield from ((_cell(part), part) for part in _counts(project, "targets"))


def _reached(grants: DonorGrants) -> Iterator[tuple[Key, Part]]:
    projects, telling_ = grants.projects(), [fact for fact in grants.reports if telling(fact)]
    for code, of_project in groupby(sorted(telling_, key=_project), key=_project):
        yield from ((_cell(part), part) for part in (_told(list(of_project), grants.until) if code in projects else ()))


def _told(reports: Sequence[Fact], until: date) -> Sequence[Part]:
    """What the reports of a project tell, each person once, by the year in which a report told first.

    The annual statistics add up the same parts. Where a later report tells fewer people, or of other ages, than
    those that it replaces, the later ones stand for themselves.
    """
    facts = {id(fact.fields): fact for fact in reports}
    purses = (list(purse) for _, purse in groupby(sorted(reports, key=_grant), key=_grant))
    standing_ = [one for purse in purses for one in standing((fact.fields for fact in purse), until)]
    whole = [part for one in standing_ for part in _counts(facts[id(one.fields)], "reached")]
    by_year = told(reports, _EVER).parts
    return by_year if _summed(by_year) == _summed(whole) else whole


def _summed(parts: Iterable[Part]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for part in parts:
        sums[_cell(part)] += int(part.value)
    return +sums


def _counts(fact: Fact, name: str) -> Iterator[Part]:
    for number, row in enumerate(fact.fields.get(name) or ()):
        yield Part(fact, f"{name}/{number}/count", int(row["count"]))


def _cell(part: Part) -> Key:
    return (str(part.fact.fields["project_code"]), *place_of(part))


def _project(fact: Fact) -> str:
    return str(fact.fields["project_code"])


def _grant(fact: Fact) -> str:
    return fact.fields.get("grant_id") or ""
