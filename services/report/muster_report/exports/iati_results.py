"""Results of an IATI activity: people to be reached and reached, by group, sex and age.

The export is public. A count of 1 to 4 people is in none of its figures and follows from none: a group is shown by
sex and age, or where that holds a small count by sex, or else in total only, or not at all. A total is never shown
beside an incomplete table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final
from xml.etree.ElementTree import Element

from muster_report.exports.iati_elements import add, add_narrated
from muster_report.exports.projects import ProjectFacts
from muster_report.small_cells import SMALLEST_SHOWN
from muster_shared.counted import standing

Rows = Iterable[Mapping[str, Any]]

SEXES: Final = ("female", "male", "other", "unknown")
BANDS: Final = ((0, 4), (5, 11), (12, 17), (18, 59), (60, 200))
_OUTPUT, _UNIT = "1", "1"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """People of one sex and age; an empty text stands for all of them."""

    sex_order: int = -1
    age_order: int = -1
    sex: str = ""
    age: str = ""

    def dimensions(self) -> dict[str, str]:
        """The dimensions that the cell is about."""
        return {name: value for name, value in (("sex", self.sex), ("age", self.age)) if value}


def add_results(activity: Element, of: ProjectFacts, today: date) -> None:
    """One result with an indicator for each group that may be shown."""
    targets, reached = _by_group(of.project.fields.get("targets") or ()), _by_group(_reached(of, today))
    shown = {group: (public(targets.get(group)), public(reached.get(group))) for group in sorted({*targets, *reached})}
    indicators = {group: figures for group, figures in shown.items() if any(figures)}
    if indicators:
        result = add(activity, "result", type=_OUTPUT, aggregation_status="true")
        add_narrated(result, "title", "People reached")
        for group, figures in indicators.items():
            _add_indicator(result, group, figures, (of.project.fields["start"], of.end(today).isoformat()))


def public(cells: Mapping[Cell, int] | None) -> dict[Cell, int]:
    """What may be shown of a group: its total first, then the finest complete table without a small count."""
    if not cells:
        return {}
    by_sex: Counter[Cell] = Counter()
    for cell, count in cells.items():
        by_sex[Cell(sex_order=cell.sex_order, sex=cell.sex)] += count
    total = {Cell(): sum(cells.values())}
    if _has_small(total):
        return {}
    table = next((table for table in (cells, by_sex) if not _has_small(table)), {})
    return total | {cell: table[cell] for cell in sorted(table) if table[cell]}


def cell_of(row: Mapping[str, Any]) -> Cell:
    """The cell of a count: bounds within one band fall into it, wider ones keep themselves."""
    sex = row.get("sex") or "unknown"
    low, high = row.get("age_min"), row.get("age_max")
    if low is None and high is None:
        return Cell(SEXES.index(sex), 999, sex, "unknown")
    least, most = low or 0, 200 if high is None else high
    band = next((b for b in BANDS if b[0] <= least and most <= b[1]), (least, most))
    return Cell(SEXES.index(sex), band[0], sex, f"{band[0]}+" if band[1] == 200 else f"{band[0]}-{band[1]}")


def _has_small(cells: Mapping[Cell, int]) -> bool:
    return any(0 < count < SMALLEST_SHOWN for count in cells.values())


def _reached(of: ProjectFacts, today: date) -> list[Mapping[str, Any]]:
    """The people of the reports that tell of any, each person counted once for each grant."""
    reports = sorted((fact.fields for fact in of.progress_reports if fact.fields.get("reached")), key=_grant)
    by_grant = (standing(grant, today) for _, grant in groupby(reports, key=_grant))
    return [row for reports in by_grant for report in reports for row in report.fields["reached"]]


def _grant(report: Mapping[str, Any]) -> str:
    return report.get("grant_id") or ""


def _by_group(rows: Rows) -> dict[str, Counter[Cell]]:
    groups: dict[str, Counter[Cell]] = {}
    for row in rows:
        groups.setdefault(row["group"], Counter())[cell_of(row)] += row["count"]
    return groups


def _add_indicator(
    result: Element, group: str, figures: tuple[Mapping[Cell, int], Mapping[Cell, int]], period: tuple[str, str]
) -> None:
    indicator = add(result, "indicator", measure=_UNIT, ascending="true", aggregation_status="true")
    add_narrated(indicator, "title", f"People reached: {group}")
    element = add(indicator, "period")
    add(element, "period-start", iso_date=period[0])
    add(element, "period-end", iso_date=period[1])
    for tag, cells in zip(("target", "actual"), figures, strict=True):
        for cell, count in cells.items():
            counted = add(element, tag, value=str(count))
            for name, value in cell.dimensions().items():
                add(counted, "dimension", name=name, value=value)
