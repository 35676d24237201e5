"""What each progress report tells of people reached that no report of an earlier year told.

A report of a whole period repeats what the reports of its parts told (``muster_shared.counted``). In the year in which
its period ends it counts with what it adds to those of earlier years, so that every person stands in one year and the
years add up to what the last report tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from muster_report.facts import Fact
from muster_report.figures import Part
from muster_report.reports.people_read import ends_in
from muster_shared.age_bands import sex_and_age
from muster_shared.counted import Counted, counted, standing

Cell = tuple[str, str]  # sex and age band


@dataclass(frozen=True, slots=True)
class Told:
    """What the reports of one project tell, each person once.

    ``overlapping`` are reports that cannot be added, as their days overlap another's without holding them;
    ``fewer`` are those that tell fewer people than the reports of earlier years whose days they hold.
    """

    parts: tuple[Part, ...] = ()
    overlapping: tuple[Fact, ...] = ()
    fewer: tuple[Fact, ...] = ()


def told(reports: Iterable[Fact], last_year: str) -> Told:
    """What the reports of one project tell whose periods end in or before a year; grants are counted apart."""
    parts: list[Part] = []
    overlapping: list[Fact] = []
    fewer: list[Fact] = []
    in_time = (fact for fact in reports if telling(fact) and ends_in(fact) <= last_year)
    for _, purse in groupby(sorted(in_time, key=_grant), key=_grant):
        facts = {id(fact.fields): fact for fact in purse}
        overlapping += _left_out(facts)
        for report, held in _by_year(facts):
            parts += _added(report, held)
            fewer += [report] if _tells_fewer(report, held) else []
    return Told(tuple(parts), tuple(overlapping), tuple(fewer))


def telling(report: Fact) -> bool:
    """Whether a report tells of people."""
    return bool(report.fields.get("reached"))


def _grant(report: Fact) -> str:
    return report.fields.get("grant_id") or ""


def _left_out(facts: dict[int, Fact]) -> list[Fact]:
    counts = {id(one.fields) for one in counted((fact.fields for fact in facts.values()), date.max)}
    held = (fact for number, fact in facts.items() if number not in counts)
    return [fact for fact in held if fact.fields.get("donor_status") != "returned"]


def _by_year(facts: dict[int, Fact]) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """Each report that stands at the end of the year it belongs to, with those of earlier years that it replaces."""
    before: list[Counted] = []
    for year in sorted({ends_in(fact) for fact in facts.values()}):
        now = standing((fact.fields for fact in facts.values() if ends_in(fact) <= year), date.max)
        known = {id(one.fields) for one in before}
        for report in (one for one in now if id(one.fields) not in known):
            held = (one for one in before if report.start <= one.start and one.end <= report.end)
            yield facts[id(report.fields)], tuple(facts[id(one.fields)] for one in held)
        before = now


def _added(report: Fact, held: Sequence[Fact]) -> Iterator[Part]:
    rows, earlier = report.fields["reached"], _by_group(held)
    for group, cells in _by_group([report]).items():
        of_group = [(index, row) for index, row in enumerate(rows) if str(row["group"]) == group]
        if not held:
            yield from (Part(report, f"reached/{index}/count", int(row["count"])) for index, row in of_group)
        elif all(cells[cell] >= count for cell, count in earlier.get(group, {}).items()):
            yield from _more_in_cells(report, of_group, cells, earlier.get(group, Counter()))
        else:
            yield from _more(report, f"reached/{of_group[0][0]}", cells.total(), earlier[group].total())


def _more_in_cells(
    report: Fact, rows: Iterable[tuple[int, Any]], cells: Counter[Cell], earlier: Counter[Cell]
) -> Iterator[Part]:
    first = {sex_and_age(row): index for index, row in reversed(list(rows))}
    for cell in sorted(first, key=first.__getitem__):
        yield from _more(report, f"reached/{first[cell]}/count", cells[cell], earlier[cell])


def _more(report: Fact, path: str, count: int, earlier: int) -> Iterator[Part]:
    if count > earlier:
        yield Part(report, path, count - earlier, f"{count}, of whom reports of earlier years told {earlier}")


def _tells_fewer(report: Fact, held: Sequence[Fact]) -> bool:
    now = _by_group([report] if held else [])
    return any(now.get(group, Counter()).total() < cells.total() for group, cells in _by_group(held).items())


def _by_group(reports: Iterable[Fact]) -> dict[str, Counter[Cell]]:
    groups: dict[str, Counter[Cell]] = {}
    for row in (row for report in reports for row in report.fields["reached"]):
        groups.setdefault(str(row["group"]), Counter())[sex_and_age(row)] += int(row["count"])
    return groups
