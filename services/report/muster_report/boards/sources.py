"""Where panels take their tables from: the books of the reports, each made once for a page, of the facts asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from muster_report.blocks import Note, Table
from muster_report.boards.asked import Asked
from muster_report.boards.narrowing import of_offices
from muster_report.book import Book
from muster_report.facts import Facts
from muster_report.reports import catalogue
from muster_report.seen import OF_SINGLE_PROJECTS
from muster_report.words import ENGLISH, pairs
from muster_shared.names import DEFAULT_COPY

PARAMETERS: Final = {
    "funding-requirements": ("year",),
    "project-analysis": ("year",),
    "beneficiaries": ("year",),
    "reporting-compliance": ("until",),
    "partnerships": ("source",),
    "projects": (),
}
_WORDS: Final = {"funding-requirements": "funding"}


@dataclass
class Sources:
    """The facts of a page and the books made of them.

    ``sees`` tells of which offices the reader may see single projects, None where of all: other readers have the
    figures of the reports that list single projects, and whatever filters pick projects for, of those offices alone.
    """

    facts: Facts
    asked: Asked
    lang: str
    sees: Callable[[str], bool] | None = None
    _books: dict[str, Book] = field(default_factory=dict)
    _own: Facts | None = None

    def is_bound(self, report: str) -> bool:
        """Whether the figures of a report are of the reader's own offices alone."""
        return self.sees is not None and (report in OF_SINGLE_PROJECTS or self.asked.picks_projects)

    def facts_for(self, report: str) -> Facts:
        """The facts that a report's figures are made of for this reader."""
        if self.sees is None or not self.is_bound(report):
            return self.facts
        if self._own is None:
            self._own = of_offices(self.facts, self.sees)
        return self._own

    def params(self, report: str) -> dict[str, str]:
        """The parameters that the report is asked for with, without copy and language."""
        given = {"year": self.asked.year, "until": self.asked.until.isoformat(), "source": self.asked.source}
        return {name: given[name] for name in PARAMETERS[report]}

    def book(self, report: str) -> Book:
        """The figures of a report."""
        if report not in self._books:
            lang = {"lang": self.lang} if self.lang != ENGLISH else {}
            params = {**self.params(report), "copy": DEFAULT_COPY, **lang}
            self._books[report] = catalogue()[report].build(self.facts_for(report), params)
        return self._books[report]

    def tables(self, report: str, key: str) -> Iterator[Table]:
        """The tables of that key, in the order of the book's sheets."""
        for sheet in self.book(report).figures():
            yield from (block for block in sheet.blocks if isinstance(block, Table) and block.key == key)

    def table(self, report: str, key: str) -> Table | None:
        """The first of them; None where there is nothing to show."""
        return next(self.tables(report, key), None)

    def rules(self, report: str, key: str) -> list[str]:
        """What the notes beside that table say that are no alerts."""
        for sheet in self.book(report).figures():
            if any(isinstance(block, Table) and block.key == key for block in sheet.blocks):
                return [block.text for block in sheet.blocks if isinstance(block, Note) and block.tone == "plain"]
        return []

    def meanings(self, report: str, terms: tuple[str, ...]) -> list[tuple[str, str]]:
        """What words mean, named by their English forms.

        Raises:
            ValueError: the report defines no such word.
        """
        words = f"{_WORDS.get(report) or report.replace('-', '_')}.definitions"
        english, told = [term for term, _ in pairs(words, ENGLISH)], pairs(words, self.lang)
        return [told[english.index(term)] for term in terms]
