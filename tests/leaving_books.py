"""Books as they leave the house: small counts of people hidden, also against what was released before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attacker import broken
from muster_report.book import Book
from muster_report.disclosure import Key, Release
from muster_report.facts import Facts
from muster_report.protecting import Protected, people_of, protected
from muster_report.reports import Report
from muster_report.suppressed_tables import Told, told_by


def protected_book(report: Report, facts: Facts, params: Mapping[str, str], earlier: Sequence[Told] = ()) -> Protected:
    """A report as a copy shows it, and what it hides."""
    book, people = report.build(facts, params), people_of(report, params)
    return protected(book, people, earlier) if people else Protected(book, {}, {})


def copy_of(report: Report, facts: Facts, params: Mapping[str, str], earlier: Sequence[Told] = ()) -> Book:
    """A report as a copy shows it."""
    return protected_book(report, facts, params, earlier).book


def told_of(report: Report, book: Book) -> Told:
    """What a book tells of people; empty for a report that counts none."""
    return told_by(book, report.people) if report.people else {}


def given_away(issues: Iterable[Told]) -> list[tuple[str, int, Key]]:
    """The small counts that the attacker computes from issues: set of people, number of the issue, figure."""
    by_set: dict[str, list[tuple[int, Release]]] = {}
    for number, told in enumerate(issues):
        for name, release in told.items():
            by_set.setdefault(name, []).append((number, release))
    return [
        (name, told[at][0], key)
        for name, told in sorted(by_set.items())
        for at, key in broken([release for _, release in told])
    ]
