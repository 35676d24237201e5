"""Which parameter sets of a report a change makes stale: by its record, by what stands around it, by what is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from muster_report.neighbours import Neighbours
from muster_report.reports import Params, Report
from muster_report.reports.report import Telling
from muster_report.revised import Around, Revised


def affected(
    report: Report, record: Around, known: Iterable[Mapping[str, str]], neighbours: Neighbours
) -> list[dict[str, str]]:
    """The parameter sets that a record with these fields marks; none where the report does not read its kind."""
    kind, fields, position = record
    if kind not in report.kinds:
        return []
    marked = list(report.affected(kind, fields, known))
    around = neighbours.of(kind, fields, position) if marked and report.concerns else None
    if report.concerns is None or around is None:
        return marked
    return [params for params in marked if report.concerns(kind, params, around)]


class Told:
    """What reports tell of the projects around changes: worked out once for all the sets that are held against it."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self._tellings: dict[tuple[str, str, int], Telling] = {}

    def differs(self, report: Report, change: Revised, params: Params) -> bool:
        """Whether a set tells otherwise of the project after a change than before; it may where that cannot be told."""
        code, of_project = self._neighbours.project_of(change), report.of_project
        if of_project is None or code is None:
            return True
        places = [(report.key, code, position) for position in (change.position - 1, change.position)]
        try:
            for place in places:
                if place not in self._tellings:
                    self._tellings[place] = of_project(self._neighbours.at(code, place[2]))
            before, after = (self._tellings[place](params) for place in places)
        except (ArithmeticError, LookupError, TypeError, ValueError):  # the report itself says so when it is made
            return True
        return before != after
