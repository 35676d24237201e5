"""Printed totals of a published overview held against the sums of what offices state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from muster_report.book import Block, Column, Note, Row, Sheet, Table
from muster_report.facts import Fact
from muster_report.figures import Observation, Part, Parts
from muster_report.reports.funding_figures import CURRENCY, Funding, money, observations
from muster_report.tables import spelt_out
from muster_shared.codelists import areas, regions

ALL: Final = "all"
SHEET: Final = "Reconciliation"
_TABLES: Final = {"overview": "Overview", "region": "Region's own table"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One printed total and what the sum is made of; both 0 where nothing is planned."""

    fact: Fact
    key: str
    table: str
    region: str
    area: str
    printed: Decimal
    stated: tuple[Part, ...]

    @property
    def computed(self) -> Decimal:
        """The sum of what offices state."""
        return sum((Decimal(part.value) for part in self.stated), Decimal())

    @property
    def difference(self) -> Decimal:
        """Computed minus printed."""
        return self.computed - self.printed


def comparisons(funding: Funding) -> list[Comparison]:
    """Every printed total of the year: those that differ first, the largest difference leading."""
    stated = observations(funding.requirements)
    return sorted((_comparison(fact, stated) for fact in funding.published), key=_order)


def reconciliation_sheet(funding: Funding, compared: list[Comparison], title: str) -> Sheet:
    """The sheet that shows all of them, and says what to make of it."""
    blocks: tuple[Block, ...]
    if compared:
        blocks = (*_verdict(compared), _table(compared), *_explanations())
    else:
        blocks = (Note("none", f"No printed totals for {funding.year} have been submitted: nothing to compare with."),)
    subtitle = f"Printed totals against the sums of what offices state, {CURRENCY}"
    return Sheet(SHEET, title, subtitle, blocks, freeze="reconciliation" if compared else "", landscape=False)


def differing(compared: list[Comparison]) -> int:
    """How many printed totals are not the sum of their parts."""
    return sum(1 for comparison in compared if comparison.difference)


def _verdict(compared: list[Comparison]) -> tuple[Note, ...]:
    count, wrong = len(compared), differing(compared)
    if not wrong:
        return (Note("verdict", f"All {count} printed totals agree with the sums."),)
    verb = "total differs" if wrong == 1 else "totals differ"
    return (Note("verdict", f"{wrong} of {count} printed {verb} from the sums; they stand first.", "alert"),)


def _explanations() -> tuple[Note, ...]:
    return (
        Note("sign", "Difference: computed minus printed. A positive figure means that the printed total is too low."),
        Note("dash", "A dash: nothing planned. A printed dash or 0 equals nothing planned."),
    )


def _table(compared: list[Comparison]) -> Table:
    columns = (
        Column("table", "Table", 20, "text"),
        Column("region", "Region", 46, "text"),
        Column("area", "Area", 40, "text"),
        Column("printed", "Printed", 16, "printed"),
        Column("computed", "Computed", 16, "printed"),
        Column("difference", "Difference", 16),
    )
    rows = tuple(_row(comparison) for comparison in compared)
    return Table("reconciliation", columns, rows, filtered=True, parts=_parts(compared))


def _row(comparison: Comparison) -> Row:
    words = (
        _TABLES.get(comparison.table, spelt_out(comparison.table)),
        _name(regions(), comparison.region, "All regions"),
        _name(areas(), comparison.area, "All areas"),
    )
    figures = (comparison.printed, comparison.computed, comparison.difference)
    return Row(
        comparison.key, (*words, *figures), "subtotal" if comparison.difference else "body", label=", ".join(words)
    )


def _name(names: Mapping[str, Mapping[str, str]], code: str, everything: str) -> str:
    if code == ALL:
        return everything
    listed = names.get(code)
    return listed["name"] if listed else spelt_out(code)


def _comparison(fact: Fact, observed: list[Observation]) -> Comparison:
    region, area = fact.fields["region"], fact.fields["area"]
    stated = tuple(o.part for o in observed if area in (o.row, ALL) and region in (o.column, ALL))
    printed = money(fact.fields["printed"]) or Decimal()
    return Comparison(fact, fact.key, fact.fields["table"], region, area, printed, stated)


def _parts(compared: list[Comparison]) -> Parts:
    by_key = {comparison.key: comparison for comparison in compared}

    def parts(row: str, column: str) -> list[Part]:
        comparison = by_key[row]
        printed, stated = Part(comparison.fact, "printed", comparison.printed), list(comparison.stated)
        less = Part(comparison.fact, "printed", -comparison.printed, "taken away: what was printed")
        return {"printed": [printed], "computed": stated, "difference": [*stated, less]}.get(column, [])

    return parts


def _order(comparison: Comparison) -> tuple[Decimal, int, int, int, str]:
    return (
        -abs(comparison.difference),
        _place(comparison.table, list(_TABLES)),
        _place(comparison.region, list(regions())),
        _place(comparison.area, list(areas())),
        comparison.key,
    )


def _place(code: str, codes: list[str]) -> int:
    return codes.index(code) if code in codes else len(codes)
