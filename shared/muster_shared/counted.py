"""Progress reports counted once: a report of the whole period repeats what the reports of its parts told.

A final report covers the project from its first day, an interim report its months, a financial report its
quarter. Added up as they come, the same money and the same people would be counted two or three times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

Fields = Mapping[str, Any]

_TYPES: Final = ("interim", "financial", "final")  # of reports on the same days, the later of these is believed


@dataclass(frozen=True, slots=True)
class Counted:
    """A report that counts, and those before it whose days lie within its own: it tells them anew."""

    fields: Fields
    start: date
    end: date
    replaces: tuple[Counted, ...] = ()


def counted(reports: Iterable[Fields], today: date) -> list[Counted]:
    """The reports of one grant that count, in the order of the days on which their periods end.

    Left out are those handed in after ``today``, those the donor returned for correction, and a report whose days
    overlap those of another without holding them all: its part cannot be told apart, and nothing is counted twice.
    """
    standing: list[Counted] = []
    found: list[Counted] = []
    for report in sorted((r for r in reports if _holds(r, today)), key=_order):
        start, end = _period(report)
        within = tuple(other for other in standing if start <= other.start and other.end <= end)
        if any(other.start <= end and start <= other.end for other in standing if other not in within):
            continue
        found.append(Counted(report, start, end, within))
        standing = [other for other in standing if other not in within] + [found[-1]]
    return found


def standing(reports: Iterable[Fields], today: date) -> list[Counted]:
    """Those reports of one grant that no other one tells anew: added up, they count everything once."""
    everything = counted(reports, today)
    replaced = [id(other) for one in everything for other in one.replaces]
    return [one for one in everything if id(one) not in replaced]


def _holds(report: Fields, today: date) -> bool:
    return report.get("donor_status") != "returned" and date.fromisoformat(report["submitted_on"]) <= today


def _order(report: Fields) -> tuple[date, int, int, str]:
    start, end = _period(report)
    return end, -start.toordinal(), _TYPES.index(report["type"]), report["submitted_on"]


def _period(report: Fields) -> tuple[date, date]:
    return date.fromisoformat(report["period_start"]), date.fromisoformat(report["period_end"])
