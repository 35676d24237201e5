"""Budget against expenditure: each grant in its own currency and in USD, and by currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Final

from muster_report.book import Block, Chart, Charts, Column, Note, Row, Series, Table, Value
from muster_report.figures import TOTAL, Number, Part
from muster_report.money import EXACT, ZERO, Rates, own_parts, usd_parts, usd_total
from muster_report.money_rounding import Rounded, nearest, rounded_differences, rounded_parts, rounded_table
from muster_report.reports.donor_grants import DonorGrants, GrantLine, balance, balance_parts, own_sum
from muster_report.words import say

_SPENT, _LEFT = "spent", "left"
_MOST_BARS: Final = 20
MOST_TOGETHER: Final = 200  # grants whose figures are rounded as one table; more take too long


@dataclass(frozen=True, slots=True)
class Dollars:
    """The grants in whole USD: of each and of all, what was spent and what is left add up to what was granted."""

    table: Rounded
    complete: frozenset[str]
    granted_known: frozenset[str]

    def figure(self, grant_id: str, column: str) -> int | None:
        """Granted, spent or left of a grant or of all; None where a missing rate makes the figure unknown."""
        if grant_id == TOTAL:
            every = self.complete == self.table.rows.keys()
            return self._total(column) if column != "usd_left" or every else None
        if column == "usd_granted":
            return self.table.rows[grant_id] if grant_id in self.granted_known else None
        if column == "usd_left" and grant_id not in self.complete:
            return None
        return self.table.cells[grant_id, column.removeprefix("usd_")]

    def _total(self, column: str) -> int:
        if column == "usd_granted":
            return self.table.total
        return self.table.columns.get(column.removeprefix("usd_"), 0)


def dollars(grants: DonorGrants) -> Dollars:
    """The grants in whole USD; amounts without a rate are in no figure."""
    spent: dict[str, Number] = {line.fact.key: usd_total(line.spent, grants.rates) for line in grants.lines}
    granted: dict[str, Number] = {line.fact.key: usd_total([line.granted], grants.rates) for line in grants.lines}
    known = {
        line.fact.key: [grants.rates.usd(amount) is not None for amount in line.amounts()] for line in grants.lines
    }
    return Dollars(
        _rounded(granted, spent),
        frozenset(key for key, have in known.items() if all(have)),
        frozenset(key for key, have in known.items() if have[0]),
    )


def _rounded(granted: Mapping[str, Number], spent: Mapping[str, Number]) -> Rounded:
    if len(granted) > MOST_TOGETHER:
        return rounded_differences(granted, spent, (_SPENT, _LEFT))
    left = {key: EXACT.subtract(Decimal(granted[key]), Decimal(spent[key])) for key in granted}
    cells = {(key, _SPENT): of for key, of in spent.items()} | {(key, _LEFT): of for key, of in left.items()}
    return rounded_table(cells)


def spent_percent(grants: DonorGrants) -> int | None:
    """Spent of granted in USD over all grants, in whole percent; None without a grant, or where a rate is missing."""
    if grants.rates.missing(grants.amounts()):
        return None
    granted = usd_total((line.granted for line in grants.lines), grants.rates)
    return share(usd_total((a for line in grants.lines for a in line.spent), grants.rates), granted)


def share(part: Number | None, whole: Number | None) -> int | None:
    """A part in whole percent of the whole; None where there is no whole."""
    if part is None or not whole:
        return None
    return nearest(_percent(Decimal(part), Decimal(whole)))


def share_parts(parts: Iterable[Part], whole: Number, figure: int, divisor: Part) -> list[Part]:
    """The parts of a percentage: each as percent of the whole; ``divisor`` names where the whole stands."""
    scaled = [replace(part, value=_percent(Decimal(part.value), Decimal(whole))) for part in parts]
    return [*rounded_parts(scaled, figure), replace(divisor, value=0)]


def expenditure_blocks(grants: DonorGrants) -> tuple[Block, ...]:
    """The table of the sheet, its chart, and how to read it."""
    lang, in_usd = grants.lang, dollars(grants)
    notes = [Note("usd", say("donor.usd_rule", lang)), Note("spent", say("donor.spent_rule", lang))]
    overlapping = sum(len(line.overlapping) for line in grants.lines)
    if overlapping:
        notes.append(Note("overlapping", say("donor.overlapping", lang, number=overlapping)))
    return (_expenditure(grants, in_usd), *notes, *_charts(grants))


def _charts(grants: DonorGrants) -> tuple[Block, ...]:
    if not 0 < len(grants.lines) <= _MOST_BARS:
        return ()
    lang = grants.lang
    title = say("donor.chart_title", lang)
    series = (
        Series(say("donor.granted", lang), "rows", "usd_granted"),
        Series(say("donor.spent", lang), "rows", "usd_spent"),
    )
    return (Charts((Chart("money", title, say("donor.chart_description", lang), "expenditure", series),)),)


def _expenditure(grants: DonorGrants, in_usd: Dollars) -> Table:
    rows = [_row(line, grants.rates, in_usd) for line in grants.lines]
    total = [in_usd.figure(TOTAL, column) for column in _IN_USD]
    own = _own_total(grants)
    rows.append(Row(TOTAL, (say("money.total", grants.lang), "", *own, *total), "total"))
    table = Table("expenditure", _columns(grants.lang), tuple(rows))
    return replace(table, parts=partial(_parts, grants, in_usd))


_IN_USD: Final = ("usd_granted", "usd_spent", "usd_left")


def _columns(lang: str) -> tuple[Column, ...]:
    def heading(key: str) -> str:
        return say(f"donor.{key}", lang)

    return (
        Column("grant", heading("grant"), 19, "text", "label", tag="#activity+grant+code"),
        Column("project", heading("project"), 44, "text", tag="#activity+name"),
        Column("currency", say("money.currency", lang), 10, "code", tag="#currency"),
        Column("granted", heading("granted"), 16, "decimal", tag="#value+granted"),
        Column("spent", heading("spent"), 16, "decimal", tag="#value+spent"),
        Column("left", heading("left"), 16, "decimal", tag="#value+left"),
        Column("percent", heading("percent_spent"), 10, tag="#value+spent+pct", sums=False),
        Column("usd_granted", heading("usd_granted"), 15, tag="#value+granted+usd"),
        Column("usd_spent", heading("usd_spent"), 15, tag="#value+spent+usd"),
        Column("usd_left", heading("usd_left"), 15, tag="#value+left+usd"),
    )


def _row(line: GrantLine, rates: Rates, in_usd: Dollars) -> Row:
    spent = own_sum(line.spent, line.currency, rates)
    own: tuple[Value, ...] = (
        line.granted.value,
        spent,
        balance([line], line.currency, rates),
        share(spent, line.granted.value),
    )
    usd = (in_usd.figure(line.fact.key, column) for column in _IN_USD)
    return Row(line.fact.key, (line.fact.key, line.project_title(), line.currency, *own, *usd))


def _parts(grants: DonorGrants, in_usd: Dollars, row: str, column: str) -> Sequence[Part]:
    lines = [line for line in grants.lines if row in (line.fact.key, TOTAL)]
    if column in _IN_USD:
        figure = in_usd.figure(row, column)
        return [] if figure is None else rounded_parts(in_usd_parts(lines, grants.rates, column), figure)
    one_currency = len({line.currency for line in lines}) == 1
    return own_figure_parts(lines, grants.rates, column) if one_currency else []


def in_usd_parts(lines: Iterable[GrantLine], rates: Rates, column: str) -> list[Part]:
    """What a figure in USD is made of, not rounded: ``usd_granted``, ``usd_spent`` or ``usd_left``."""
    listed = list(lines)
    granted = list(usd_parts((line.granted for line in listed), rates)) if column != "usd_spent" else []
    spent = list(usd_parts((a for line in listed for a in line.spent), rates)) if column != "usd_granted" else []
    if column == "usd_left":
        spent = [replace(part, value=-part.value) for part in spent]
    return [*granted, *spent]


def own_figure_parts(lines: Sequence[GrantLine], rates: Rates, column: str) -> list[Part]:
    """The parts of a figure of grants that share a currency: ``granted``, ``spent``, ``left`` or ``percent``."""
    currency = lines[0].currency
    amounts = [amount for line in lines for amount in line.spent]
    spent = own_sum(amounts, currency, rates)
    granted = [Part(line.fact, "amount", line.granted.value) for line in lines]
    if column == "granted":
        return granted
    if spent is None or column not in {"spent", "left", "percent"}:
        return []
    if column == "left":
        return rounded_parts(balance_parts(lines, currency, rates), balance(lines, currency, rates) or ZERO)
    parts = rounded_parts(list(own_parts(amounts, currency, rates)), spent)
    whole = sum((part.value for part in granted), ZERO)
    figure = share(spent, whole)
    if column == "percent":
        return [] if figure is None else share_parts(parts, whole, figure, granted[0])
    return parts


def currencies_table(grants: DonorGrants) -> Table:
    """The grants added up in each currency of a grant."""
    rates, lang = grants.rates, grants.lang
    by_currency = _by_currency(grants)
    columns = (
        Column("currency", say("donor.by_currency", lang), 40, "text", "label", tag="#currency"),
        Column("grants", say("donor.grants", lang), 14, tag="#meta+count+grants"),
        Column("granted", say("donor.granted", lang), 18, "decimal", tag="#value+granted"),
        Column("spent", say("donor.spent", lang), 18, "decimal", tag="#value+spent"),
        Column("left", say("donor.left", lang), 18, "decimal", tag="#value+left"),
        Column("percent", say("donor.percent_spent", lang), 14, tag="#value+spent+pct", sums=False),
    )
    rows = [Row(code, (code, len(lines), *_own(lines, code, rates))) for code, lines in by_currency.items()]

    def parts(row: str, column: str) -> Sequence[Part]:
        lines = by_currency.get(row, [])
        if column == "grants":
            return [Part(line.fact, "", 1) for line in lines]
        return own_figure_parts(lines, rates, column) if lines else []

    return Table("currencies", columns, tuple(rows), parts=parts)


def _own(lines: Sequence[GrantLine], currency: str, rates: Rates) -> tuple[Value, ...]:
    granted = sum((line.granted.value for line in lines), ZERO)
    spent = own_sum((amount for line in lines for amount in line.spent), currency, rates)
    return granted, spent, balance(lines, currency, rates), share(spent, granted)


def _own_total(grants: DonorGrants) -> tuple[Value, ...]:
    """The total in the currency that all grants share; where they share none, amounts are not added up."""
    currencies = _by_currency(grants)
    if len(currencies) > 1:
        return ("", None, None, None, None)
    return next((code, *_own(lines, code, grants.rates)) for code, lines in currencies.items())


def _by_currency(grants: DonorGrants) -> dict[str, list[GrantLine]]:
    codes = sorted({line.currency for line in grants.lines})
    return {code: [line for line in grants.lines if line.currency == code] for code in codes}


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return EXACT.divide(EXACT.multiply(part, Decimal(100)), whole)
