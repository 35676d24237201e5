"""People to be reached and reached by a donor's projects, as base cells of project, group, sex and age band.

Targets and people reached are those of the whole project, whoever funds it: a target belongs to a project, not to a
grant. Reports are counted once, as for money (``exports.counted``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from muster_report.book import Value
from muster_report.disclosure import Key, Shown, Statistics, published, suppress
from muster_report.exports.counted import standing
from muster_report.facts import Fact
from muster_report.figures import TOTAL, Part
from muster_report.reports.donor_grants import DonorGrants
from muster_report.reports.donor_money import share
from muster_report.small_cells import leaves_the_house

UNKNOWN: Final = "unknown"
SEXES: Final = ("female", "male", "other", UNKNOWN)
BANDS: Final[Mapping[str, tuple[int, int]]] = {
    "0-4": (0, 4),
    "5-11": (5, 11),
    "12-17": (12, 17),
    "18-59": (18, 59),
    "60+": (60, 200),
}
AGES: Final = (*BANDS, UNKNOWN)
MEASURES: Final = ("target", "reached")


@dataclass(frozen=True, slots=True)
class People:
    """What records say of people, by measure: the base cells (project, group, sex, age band) and each figure's parts.

    ``shown`` is what a copy shows of each published figure (see ``figures_of``), by measure; empty for a copy that
    stays in the house. ``exposed`` counts small cells that could not be protected: there are to be none.
    """

    cells: Mapping[str, frozenset[Key]]
    parts: Mapping[str, Mapping[Key, list[Part]]]
    shown: Mapping[str, Mapping[Key, Shown]]
    exposed: int

    def of(self, measure: str, figure: Key) -> list[Part]:
        """The parts of a published figure."""
        return self.parts[measure].get(figure, [])

    def count(self, measure: str, figure: Key) -> int | None:
        """A published count as it is; None where nothing was stated for it."""
        parts = self.of(measure, figure)
        return sum(int(part.value) for part in parts) if parts else None

    def value(self, measure: str, figure: Key) -> Value:
        """A published count as the copy shows it."""
        mark = self.shown.get(measure, {}).get(figure, Shown.OPEN)
        return self.count(measure, figure) if mark is Shown.OPEN else mark.value

    def percent(self, figure: Key) -> int | None:
        """Reached in percent of the target; None where a copy hides one of the two."""
        values = [self.value(measure, figure) for measure in MEASURES]
        hidden = any(isinstance(value, str) for value in values)
        target, reached = (self.count(measure, figure) for measure in MEASURES)
        return None if hidden else share(reached, target)

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


def statistics(parts: Iterable[tuple[Key, Part]]) -> Statistics:
    """All that the report publishes of one measure: its base cells, and the figures that add them up."""
    counts: dict[Key, int] = {}
    for cell, part in parts:
        counts[cell] = counts.get(cell, 0) + int(part.value)
    return published(counts, figures_of)


def read_people(grants: DonorGrants) -> People:
    """The people of the donor's projects until the day, with small counts hidden where the copy leaves the house."""
    stated = {"target": tuple(_targets(grants)), "reached": tuple(_reached(grants))}
    cells = {measure: frozenset(cell for cell, _ in of) for measure, of in stated.items()}
    parts = {measure: _by_figure(of) for measure, of in stated.items()}
    if not leaves_the_house(grants.copy):
        return People(cells, parts, {}, 0)
    found = {measure: suppress(statistics(of)) for measure, of in stated.items() if of}
    shown = {measure: suppressed.shown for measure, suppressed in found.items()}
    return People(cells, parts, shown, sum(len(suppressed.exposed) for suppressed in found.values()))


def _by_figure(stated: Iterable[tuple[Key, Part]]) -> dict[Key, list[Part]]:
    figures: dict[Key, list[Part]] = {}
    for cell, part in stated:
        for figure in figures_of(cell):
            figures.setdefault(figure, []).append(part)
    return figures


def age_band(row: Mapping[str, Any]) -> str:
    """The age band that bounds fall into; unknown where none is stated or the bounds reach over several."""
    low, high = row.get("age_min"), row.get("age_max")
    if low is None and high is None:
        return UNKNOWN
    least, most = low or 0, 200 if high is None else high
    return next((name for name, band in BANDS.items() if band[0] <= least and most <= band[1]), UNKNOWN)


def _targets(grants: DonorGrants) -> Iterator[tuple[Key, Part]]:
    for project in grants.projects().values():
        yield from _counts(project, "targets", project.key)


def _reached(grants: DonorGrants) -> Iterator[tuple[Key, Part]]:
    telling = [fact for fact in grants.reports if fact.fields.get("reached")]
    projects = grants.projects()
    for (code, _), reports in groupby(sorted(telling, key=_purse), key=_purse):
        facts = {id(fact.fields): fact for fact in reports}
        for report in standing((fact.fields for fact in facts.values()), grants.until) if code in projects else ():
            yield from _counts(facts[id(report.fields)], "reached", code)


def _counts(fact: Fact, name: str, code: str) -> Iterator[tuple[Key, Part]]:
    for number, row in enumerate(fact.fields.get(name) or ()):
        cell = (code, str(row["group"]), str(row.get("sex") or UNKNOWN), age_band(row))
        yield cell, Part(fact, f"{name}/{number}/count", int(row["count"]))


def _purse(fact: Fact) -> tuple[str, str]:
    return fact.fields["project_code"], fact.fields.get("grant_id") or ""
