"""Figures that know what they are made of.

A table keeps a recipe, not copies: from the key of a row and of a column to the parts of that figure, worked out
when somebody asks. The parts of a figure add up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from muster_report.facts import Fact

Number = int | Decimal
TOTAL = "*"  # key of a total row or column; no code list can hold it


@dataclass(slots=True)  # not frozen, as a total of a large report has some hundred thousand; nobody changes one
class Part:
    """What one record contributes to a figure.

    Attributes:
        path: where in the record's fields the value stands, as ``targets/2/count``; "" where the record is counted.
        value: the contribution, in the unit of the figure.
        note: how the value became the contribution where it is not the same, such as ``60 percent of 500000 USD``.
    """

    fact: Fact
    path: str
    value: Number
    note: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A part and the cell of a matrix that it belongs to, by the keys of row and column."""

    row: str
    column: str
    part: Part


Parts = Callable[[str, str], Sequence[Part]]
Identity = tuple[str, str, str]


def identity(part: Part) -> Identity:
    """What a part is, whatever it contributes: kind and key of the record, and the path in it."""
    return part.fact.kind, part.fact.key, part.path


def stated(part: Part) -> Decimal | None:
    """The number that the record itself states at the part's path; None where none stands there."""
    value: Any = part.fact.fields
    for name in part.path.split("/") if part.path else ():
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return _decimal(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else None


def _decimal(value: int | str | Decimal) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def summed(observations: Iterable[Observation]) -> dict[tuple[str, str], Number]:
    """The figure of each cell: (row key, column key) to the sum of its parts."""
    cells: dict[tuple[str, str], Number] = {}
    for seen in observations:
        place = (seen.row, seen.column)
        cells[place] = cells.get(place, 0) + seen.part.value
    return cells


def parts_of_matrix(observations: Sequence[Observation]) -> Parts:
    """The parts of any cell of a matrix, totals included."""

    def parts(row: str, column: str) -> Sequence[Part]:
        return [seen.part for seen in observations if row in (seen.row, TOTAL) and column in (seen.column, TOTAL)]

    return parts
