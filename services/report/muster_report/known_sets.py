"""The parameter sets that are known of each report, found by what a changed record can be seen with.

There is a set for each donor, and a change concerns few donors: were every change held against every set, a log of
twice as many projects would take four times as long to follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from muster_report.models import ReportState
from muster_report.neighbours import Neighbours
from muster_report.params import own, params_key
from muster_report.reports import Params, Report, catalogue
from muster_report.revised import Around

_ANY: Final = None


class KnownSets:
    """The sets that stand as states or were marked since, each once and without its copy."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self._sets: dict[str, dict[str, dict[str, str]]] = {report: {} for report in catalogue()}
        self._by_value: dict[str, dict[str, dict[str, dict[str, str]]]] = {report: {} for report in catalogue()}

    @classmethod
    def read(cls, session: Session, neighbours: Neighbours, changed: Iterable[Around]) -> KnownSets:
        """Those that stand and that any of the changed records can be in; not those a restore left without data."""
        known = cls(neighbours)
        narrowed = known._narrowing(list(changed))
        query = select(ReportState.report, ReportState.params).where(ReportState.position > 0, *narrowed)
        for report, params in session.execute(query):
            known.add(catalogue()[report], own(params))
        return known

    def near(self, report: Report, changed: Around) -> list[Params]:
        """The sets of a report that a record with these fields can be in."""
        values = self._values(report, changed)
        if values is _ANY:
            return list(self._sets[report.key].values())
        by_value = self._by_value[report.key]
        return [params for value in sorted(values) for params in by_value.get(value, {}).values()]

    def add(self, report: Report, params: dict[str, str]) -> str:
        """Know one more; returns its key."""
        key = params_key(params)
        self._sets[report.key][key] = params
        if report.narrowing:
            value = params[report.narrowing.parameter]
            self._by_value[report.key].setdefault(value, {})[key] = params
        return key

    def of(self, report: str, key: str) -> dict[str, str]:
        """The set of that key."""
        return self._sets[report][key]

    def _narrowing(self, changed: list[Around]) -> Iterator[ColumnElement[bool]]:
        """What leaves out the sets that none of the changed records can be in."""
        for report in catalogue().values():
            values: set[str] | None = set()
            for one in changed:
                found = self._values(report, one)
                values = None if values is None or found is None else values | found
            if report.narrowing and values is not _ANY:
                named = ReportState.params[report.narrowing.parameter].astext
                yield or_(ReportState.report != report.key, named.in_(sorted(values)))

    def _values(self, report: Report, changed: Around) -> frozenset[str] | None:
        """The values of the parameter that narrows a report's sets; None where the record can be in any of them."""
        kind, fields, position = changed
        if report.narrowing is None:
            return _ANY
        if kind not in report.kinds:
            return frozenset()
        return report.narrowing.values(kind, fields, self._neighbours.of(kind, fields, position))
