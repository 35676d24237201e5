"""Reports that can read no other fields of records than those they say they look at, for every test that builds one.

A field that is read and not named would let a report stay as it is while a figure in it has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from muster_report.book import Book
from muster_report.facts import Fact, Facts
from muster_report.reports import Params, Report, catalogue


class GuardedFields(Mapping[str, Any]):
    """The fields of a record, of which only some may be read."""

    def __init__(self, fields: Mapping[str, Any], names: frozenset[str], what: str) -> None:
        self._fields, self._names, self._what = fields, names, what

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise AssertionError(f"{self._what} reads '{name}', which is not in its looks_at")
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError(f"{self._what} reads every field, and its looks_at names some")

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return self._fields == (other._fields if isinstance(other, GuardedFields) else other)

    __hash__ = None  # type: ignore[assignment] # as that of a dict


@contextmanager
def guarded() -> Iterator[None]:
    """Until it ends, reports of the catalogue are built of facts whose fields are guarded."""
    builds = [(report, report.build) for report in catalogue().values() if report.looks_at]
    for report, _ in builds:
        object.__setattr__(report, "build", _guarding(report))
    try:
        yield
    finally:
        for report, build in builds:
            object.__setattr__(report, "build", build)


def _guarding(report: Report) -> Any:
    build = report.build

    def build_guarded(facts: Facts, params: Params) -> Book:
        guarded = {kind: _of_kind(report, kind, of) for kind, of in facts.by_kind.items()}
        return build(Facts(guarded), params)

    return build_guarded


def _of_kind(report: Report, kind: str, facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
    if kind not in report.looks_at:
        return facts
    names, what = report.looks_at[kind], f"{report.key}, of {kind},"
    return {key: replace(fact, fields=GuardedFields(fact.fields, names, what)) for key, fact in facts.items()}
