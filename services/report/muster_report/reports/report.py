"""What a report is to the rest of the service: a name, parameters, what makes it stale, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from muster_report.book import Book
from muster_report.facts import Facts
from muster_report.params import own
from muster_report.reports.surroundings import Surroundings
from muster_report.suppressed_tables import PeopleCells
from muster_report.words import ENGLISH, LANGUAGES
from muster_shared.names import DEFAULT_COPY

Params = Mapping[str, str]
Telling = Callable[[Params], object]


class ParameterError(ValueError):
    """A parameter is missing, unknown or wrong; ``parameter`` names it, the message says what would be right."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``parse`` turns a text into its one spelling or raises ValueError saying what is right."""

    name: str
    parse: Callable[[str], str]
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The one parameter of a report by which the sets that a record can be in are found, however many there are.

    ``values(kind, fields, surroundings)`` are those it has in the sets that ``affected`` and ``concerns`` name for
    such a record; None where it may have any. ``surroundings`` are None where the record belongs to no project.
    """

    parameter: str
    values: Callable[[str, Mapping[str, Any], Surroundings | None], frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Slice:
    """Which facts suffice for one value of a parameter: ``build`` looks at no others, so they need not be read.

    Those of ``kind`` that state the value in ``field``; what is of the projects that these name; of ``keyed`` kinds the
    one record with the value for a key; of every other kind all.
    """

    parameter: str
    kind: str
    field: str
    keyed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class YearSlice:
    """Which facts suffice for one year: of projects some, and what is of them; of other kinds all.

    The projects are those that start in the year, or with ``telling`` those that may run in it: then of progress
    reports those that have ``telling`` and whose periods end in the year or before it.
    """

    parameter: str
    telling: str = ""


@dataclass(frozen=True, slots=True)
class DaySlice:
    """Which records can be told of on a day: of ``dated`` kinds those that state it or an earlier one in a field.

    A project is told of where there is such a record of it, of a kind in ``begins``; ``unless`` names, of a kind, a
    field that may hold days of its own in a list. Records of other kinds are told of on any day.
    """

    parameter: str
    dated: Mapping[str, str]
    begins: frozenset[str]
    unless: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the catalogue.

    ``affected(kind, fields, known)`` yields the parameter sets (the report's own parameters, without ``copy``)
    that a record with these fields makes stale; ``known`` are the sets that were asked for before. For a changed
    record the caller asks twice, with the old fields and with the new. A ``standing`` report is made for every
    parameter set that there is; any other is made when somebody asks for it, and kept up to date from then on. The
    parameter sets of an ``open_ended`` one cannot be listed, as it goes with any day: what is asked for is made.
    ``streamed`` are kinds of which it tells every record and holds none: they may be any number.
    ``concerns(kind, params, surroundings)`` narrows ``affected`` for a record of a project by what stands around it:
    False where such a record cannot be seen with these parameters. ``narrowing`` finds the sets among very many,
    ``slice`` or ``year_slice`` the facts that one of them is built from, ``day_slice`` the changes that may mark it.

    ``of_project(surroundings)`` answers, for parameters, what the report tells of one project alone: a change of a
    record of the project makes only those sets stale of which that answer differs.

    ``looks_at`` are the fields of a kind's records that ``build`` reads, of kinds of which it does not read them all: a
    record that changes in others makes nothing stale.

    ``people`` tells which figures count people, where small counts have to be protected: ``build`` shows them all in
    every copy, and ``protecting`` hides what a copy that leaves the house must not tell.
    """

    key: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    kinds: frozenset[str]
    affected: Callable[[str, Mapping[str, Any], Iterable[Params]], Iterable[dict[str, str]]]
    build: Callable[[Facts, Params], Book]
    of_project: Callable[[Surroundings], Telling] | None = None
    looks_at: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    standing: bool = False
    open_ended: bool = False
    streamed: frozenset[str] = frozenset()
    concerns: Callable[[str, Params, Surroundings], bool] | None = None
    narrowing: Narrowing | None = None
    slice: Slice | None = None
    year_slice: YearSlice | None = None
    day_slice: DaySlice | None = field(default=None, hash=False)
    people: PeopleCells | None = None

    def sees_a_change(self, kind: str, before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
        """Whether a record that had these fields and has those now may be told of otherwise; None: it was not there."""
        if kind not in self.kinds:
            return False
        if before is None or now is None:
            return before is not now
        names = self.looks_at.get(kind)
        return names is None or any(before.get(name) != now.get(name) for name in names)

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The report's parameters, its copy and its language, each in its one spelling, ``copy`` filled in.

        English is not named, so that the same parameters have one form.

        Raises:
            ParameterError: one is missing, unknown or wrong.
        """
        expected = {parameter.name: parameter for parameter in (*self.parameters, COPY, LANG)}
        texts = {COPY.name: DEFAULT_COPY, LANG.name: ENGLISH, **given}
        for name in sorted(texts.keys() - expected.keys()):
            raise ParameterError(name, f"'{name}' is not a parameter here: give {' and '.join(expected)}")
        for name in (name for name in expected if name not in texts):
            raise ParameterError(name, f"'{name}' is missing: give {expected[name].description}")
        read = {name: _parsed(parameter, texts[name]) for name, parameter in expected.items()}
        return {name: value for name, value in read.items() if (name, value) != (LANG.name, ENGLISH)}


def only(**names: str) -> dict[str, frozenset[str]]:
    """For ``looks_at``: kinds, each with the names of its fields that are read, between blanks."""
    return {kind: frozenset(text.split()) for kind, text in names.items()}


def every_known(known: Iterable[Params]) -> list[dict[str, str]]:
    """All parameter sets asked for before, each once, without their copy."""
    sets = {tuple(sorted(own(params).items())) for params in known}
    return [dict(pairs) for pairs in sorted(sets)]


def _parsed(parameter: Parameter, text: str) -> str:
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise ParameterError(parameter.name, f"'{parameter.name}': {error}") from error


def _copy(text: str) -> str:
    if text not in {"internal", "donor", "public"}:
        raise ValueError(f"'{text}' is not a copy: give internal, donor or public")
    return text


def _lang(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(f"'{text}' is not a language here: give {', '.join(LANGUAGES)}")
    return text


COPY = Parameter("copy", _copy, "who the workbook is for: internal, donor or public", DEFAULT_COPY)
LANG = Parameter("lang", _lang, "the language of the workbook: en, fr or es", ENGLISH)
