"""What a report is to the rest of the service: a name, parameters, what makes it stale, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from muster_report.book import Book
from muster_report.facts import Facts
from muster_shared.names import DEFAULT_COPY

Params = Mapping[str, str]


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
class Report:
    """A report of the catalogue.

    ``affected(kind, fields, known)`` yields the parameter sets (the report's own parameters, without ``copy``)
    that a record with these fields makes stale; ``known`` are the sets that were asked for before. For a changed
    record the caller asks twice, with the old fields and with the new.
    """

    key: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    kinds: frozenset[str]
    affected: Callable[[str, Mapping[str, Any], Iterable[Params]], Iterable[dict[str, str]]]
    build: Callable[[Facts, Params], Book]

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The report's parameters and its copy, each in its one spelling, ``copy`` filled in.

        Raises:
            ParameterError: one is missing, unknown or wrong.
        """
        expected = {parameter.name: parameter for parameter in (*self.parameters, COPY)}
        texts = {COPY.name: DEFAULT_COPY, **given}
        for name in sorted(texts.keys() - expected.keys()):
            raise ParameterError(name, f"'{name}' is not a parameter here: give {' and '.join(expected)}")
        for name in (name for name in expected if name not in texts):
            raise ParameterError(name, f"'{name}' is missing: give {expected[name].description}")
        return {name: _parsed(parameter, texts[name]) for name, parameter in expected.items()}


def every_known(known: Iterable[Params]) -> list[dict[str, str]]:
    """All parameter sets asked for before, each once, without their copy."""
    own = {tuple(sorted((n, v) for n, v in params.items() if n != COPY.name)) for params in known}
    return [dict(pairs) for pairs in sorted(own)]


def _parsed(parameter: Parameter, text: str) -> str:
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise ParameterError(parameter.name, f"'{parameter.name}': {error}") from error


def _copy(text: str) -> str:
    if text not in {"internal", "donor", "public"}:
        raise ValueError(f"'{text}' is not a copy: give internal, donor or public")
    return text


COPY = Parameter("copy", _copy, "who the workbook is for: internal, donor or public", DEFAULT_COPY)
