"""Rounding to whole numbers, once and at display, so that what is shown adds up exactly.

A list is rounded by largest remainder: its total is the nearest whole number, each figure is its exact value rounded
down or up. For a table with totals of rows and of columns that is not enough: rounding by rows breaks the columns.
There the choice of down or up for every figure and total at once is a flow through a network of rows and columns,
and such a choice always exists (controlled rounding: Cox and Ernst, 1982; Causey, Cox and Ernst, 1985). Of all
choices the one is taken whose totals, then whose figures, lie nearest to the exact ones; equal ones are decided by
the order of rows and columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from muster_report.figures import Number, Part
from muster_report.money import EXACT, ZERO
from muster_report.money_flow import Flow

Place = tuple[str, str]

_FINE: Final = 10**9  # steps in which a remainder is weighed


@dataclass(frozen=True, slots=True)
class Rounded:
    """A table in whole numbers: figures by (row, column), totals by row and by column, and the grand total."""

    cells: Mapping[Place, int]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    total: int


def nearest(value: Number) -> int:
    """The nearest whole number, a half rounded away from 0."""
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def exact_sum(values: Sequence[Number]) -> Decimal:
    """The sum, with no rounding by the process's settings."""
    total = ZERO
    for value in values:
        total = EXACT.add(total, Decimal(value))
    return total


def rounded_list(values: Sequence[Number], total: int | None = None) -> list[int]:
    """Whole numbers that add up to ``total`` (the nearest to the exact sum where None), each down or up.

    By largest remainder, the earlier of two equal ones first.

    Raises:
        ValueError: no rounding down or up adds up to that total.
    """
    floors = [_floor(value) for value in values]
    wanted = (nearest(exact_sum(values)) if total is None else total) - sum(floors)
    losses = [EXACT.subtract(floor, Decimal(value)) for floor, value in zip(floors, values, strict=True)]
    raised = [at for at in sorted(range(len(losses)), key=losses.__getitem__) if losses[at]]
    if not 0 <= wanted <= len(raised):
        raise ValueError(f"no rounding of {len(values)} figures adds up to {total}")
    for at in raised[:wanted]:
        floors[at] += 1
    return floors


def rounded_table(cells: Mapping[Place, Number]) -> Rounded:
    """A table in whole numbers: every figure and total is its exact value down or up, and all of them add up.

    The grand total is the nearest whole number to the exact one.
    """
    floors = {place: _floor(value) for place, value in cells.items()}
    remainders = {place: EXACT.subtract(Decimal(value), floors[place]) for place, value in cells.items()}
    raised = _raised(remainders, cells)
    whole = {place: floors[place] + (place in raised) for place in cells}
    rows, columns = _totals(whole, 0), _totals(whole, 1)
    return Rounded(whole, rows, columns, sum(rows.values()))


def rounded_differences(wholes: Mapping[str, Number], taken: Mapping[str, Number], names: tuple[str, str]) -> Rounded:
    """What was taken from each whole and what is left of it, in columns of these names; quick for very many rows.

    Wholes, what was taken, and both totals are rounded by largest remainder; what is left is their difference, so
    that everything adds up, and may lie up to two units from its exact value where ``rounded_table`` stays within one.
    """
    rows = dict(zip(wholes, rounded_list(list(wholes.values())), strict=True))
    first = dict(zip(wholes, rounded_list([taken[row] for row in wholes]), strict=True))
    cells = {(row, names[0]): first[row] for row in rows} | {(row, names[1]): rows[row] - first[row] for row in rows}
    return Rounded(cells, rows, _totals(cells, 1), sum(rows.values()))


def rounded_parts(parts: Sequence[Part], figure: Number) -> list[Part]:
    """The parts of a rounded figure, rounded with it to as many decimals, so that they add up to what is shown.

    Raises:
        ValueError: the figure is not the sum of the parts rounded down or up.
    """
    if exact_sum([part.value for part in parts]) == figure:
        return list(parts)
    exponent = Decimal(figure).as_tuple().exponent
    decimals = -min(int(exponent), 0)
    values = rounded_list([_scaled(part.value, decimals) for part in parts], int(_scaled(figure, decimals)))
    scaled = [_scaled(value, -decimals) for value in values]
    return [Part(part.fact, part.path, value, part.note) for part, value in zip(parts, scaled, strict=True)]


def _raised(remainders: Mapping[Place, Decimal], cells: Mapping[Place, Number]) -> frozenset[Place]:
    """The places whose figures are rounded up."""
    broken = {place: remainder for place, remainder in remainders.items() if remainder}
    flow = Flow()
    for at in (0, 1):
        for code, over in _sums(broken, at).items():
            _add_total(flow, f"{at}{code}", over, of_row=at == 0)
    for (row, column), remainder in broken.items():
        flow.edge(f"0{row}", f"1{column}", 1, _cost(remainder))
    down = sum(_floor(value) for value in cells.values())
    flow.push(nearest(exact_sum(list(cells.values()))) - down)
    return frozenset((row, column) for row, column in broken if flow.flows(f"0{row}", f"1{column}"))


def _add_total(flow: Flow, node: str, over: Decimal, *, of_row: bool) -> None:
    """A total takes what its remainders sum to, down (it must) or up (at a price heavier than any of figures)."""
    ends = ("from", node) if of_row else (node, "to")
    certain = _floor(over)
    if certain:
        flow.edge(*ends, certain, -(_FINE**3))
    if over != certain:
        flow.edge(*ends, 1, _cost(EXACT.subtract(over, certain)) * _FINE)


def _cost(remainder: Decimal) -> int:
    """What rounding up instead of down takes from nearness: below 0 where it is nearer."""
    return int(EXACT.multiply(_FINE, EXACT.subtract(1, EXACT.multiply(2, remainder))))


def _sums(remainders: Mapping[Place, Decimal], at: int) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for place, remainder in remainders.items():
        sums[place[at]] = EXACT.add(sums.get(place[at], ZERO), remainder)
    return sums


def _totals(whole: Mapping[Place, int], at: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for place, value in whole.items():
        totals[place[at]] = totals.get(place[at], 0) + value
    return totals


def _floor(value: Number) -> int:
    return int(Decimal(value).to_integral_value(ROUND_FLOOR))


def _scaled(value: Number, decimals: int) -> Decimal:
    return Decimal(value).scaleb(decimals, EXACT)
