"""Tables of projects and money by one heading or another; each adds up to the same totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from muster_report.book import Column, Row, Table, Value
from muster_report.figures import TOTAL, Part, Parts
from muster_report.money import Amount, known, usd_parts, usd_total
from muster_report.money_rounding import Rounded, nearest, rounded_list, rounded_parts, rounded_table
from muster_report.reports.project_analysis_portfolio import MEASURES, Measure, Portfolio, ProjectLine, Slice
from muster_report.words import say

_TAGS: Mapping[str, str] = {"budget": "#value+budget+usd", "granted": "#value+granted+usd", "spent": "#value+spent+usd"}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Slices of a portfolio, and the whole number of USD of each by measure."""

    slices: tuple[Slice, ...]
    whole: Mapping[Measure, Mapping[str, int]]
    totals: Mapping[Measure, int]

    def slice(self, key: str) -> Slice | None:
        """The slice of a row's key."""
        return next((one for one in self.slices if one.key == key), None)


def grand_totals(portfolio: Portfolio) -> dict[Measure, int]:
    """Budget, granted and spent of all projects in whole USD, straight from the amounts."""
    everything = portfolio.everything()
    return {measure: nearest(everything.exact(measure, portfolio.rates)) for measure in MEASURES}


def breakdown(
    portfolio: Portfolio, slices: Sequence[Slice], given: Mapping[Measure, Mapping[str, int]] | None = None
) -> Breakdown:
    """The slices in whole USD, adding up to the grand totals; ``given`` are figures rounded elsewhere."""
    totals = grand_totals(portfolio)
    whole = {m: (given or {}).get(m) or _whole(portfolio, slices, m, totals[m]) for m in MEASURES}
    return Breakdown(tuple(slices), whole, totals)


def _whole(portfolio: Portfolio, slices: Sequence[Slice], measure: Measure, total: int) -> dict[str, int]:
    if not slices:
        return {}
    rounded = rounded_list([one.exact(measure, portfolio.rates) for one in slices], total)
    return {one.key: figure for one, figure in zip(slices, rounded, strict=True)}


def breakdown_table(key: str, corner: str, made: Breakdown, portfolio: Portfolio, tag: str) -> Table:
    """Slices by number of projects, budget, granted and spent, with a total in which each project counts once."""
    lang, rates = portfolio.lang, portfolio.rates
    rows = [Row(one.key, (one.label, len(_projects(one)), *_money(one, made, portfolio))) for one in made.slices]
    total = (made.totals[measure] for measure in MEASURES)
    rows.append(Row(TOTAL, (say("money.total", lang), len(portfolio.lines), *total), "total"))

    def parts(row: str, column: str) -> Sequence[Part]:
        one = portfolio.everything() if row == TOTAL else made.slice(row)
        if one is None or column == "label":
            return []
        if column == "projects":
            return [Part(line.fact, "", 1) for line in _projects(one)]
        measure = next(m for m in MEASURES if m == column)
        figure = made.totals[measure] if row == TOTAL else made.whole[measure].get(row, 0)
        return rounded_parts(one.parts(measure, rates), figure)

    return Table(key, _columns(corner, lang, tag), tuple(rows), parts=parts)


def _columns(corner: str, lang: str, tag: str) -> tuple[Column, ...]:
    return (
        Column("label", corner, 48, "text", "label", tag=tag),
        Column("projects", say("project_analysis.projects", lang), 14, tag="#meta+count+projects"),
        *(Column(m, say(f"project_analysis.{m}", lang), 18, tag=_TAGS[m]) for m in MEASURES),
    )


def _projects(one: Slice) -> list[ProjectLine]:
    return list({line.fact.key: line for line, _ in one.pieces}.values())


def _money(one: Slice, made: Breakdown, portfolio: Portfolio) -> list[Value]:
    """Empty where nothing was stated (or nothing has a rate), so that a 0 is always a 0."""
    return [made.whole[m].get(one.key) if one.is_known(m, portfolio.rates) else None for m in MEASURES]


def crossed(portfolio: Portfolio, slices: Sequence[Slice]) -> Rounded:
    """Budgets of slices by region in whole USD, adding up by rows and by columns."""
    cells = {
        (one.key, region): of_region.exact("budget", portfolio.rates)
        for one in slices
        for region, of_region in _by_region(one, portfolio).items()
    }
    return rounded_table(cells)


def crossed_table(
    corner: str, slices: Sequence[Slice], regions: Mapping[str, str], portfolio: Portfolio, whole: Rounded
) -> Table:
    """Budgets of slices by region."""
    total = say("money.total", portfolio.lang)
    columns = (
        Column("label", corner, 48, "text", "label", tag="#sector"),
        *(Column(f"in/{code}", name, 14, tag="#value+budget+usd") for code, name in regions.items()),
        Column(TOTAL, total, 16, role="total", tag="#value+budget+usd+total"),
    )
    rows = [
        Row(one.key, (one.label, *(whole.cells.get((one.key, r)) for r in regions), whole.rows.get(one.key)))
        for one in slices
    ]
    rows.append(Row(TOTAL, (total, *(whole.columns.get(r) for r in regions), whole.total), "total"))
    caption = say("project_analysis.crossed", portfolio.lang)
    return Table("areas-regions", columns, tuple(rows), caption, parts=_crossed_parts(slices, portfolio, whole))


def _crossed_parts(slices: Sequence[Slice], portfolio: Portfolio, whole: Rounded) -> Parts:
    def parts(row: str, column: str) -> Sequence[Part]:
        if column == "label":
            return []
        region = column.removeprefix("in/")
        found = [
            part
            for one in slices
            if row in (one.key, TOTAL)
            for code, of_region in _by_region(one, portfolio).items()
            if region in (code, TOTAL)
            for part in of_region.parts("budget", portfolio.rates)
        ]
        return rounded_parts(found, _crossed_figure(whole, row, region)) if found else []

    return parts


def _crossed_figure(whole: Rounded, row: str, region: str) -> int:
    if row == TOTAL:
        return whole.total if region == TOTAL else whole.columns[region]
    return whole.rows[row] if region == TOTAL else whole.cells[row, region]


def _by_region(one: Slice, portfolio: Portfolio) -> dict[str, Slice]:
    """The part of a slice in each region of which a budget is known."""
    found: dict[str, list[tuple[ProjectLine, Decimal | None]]] = {}
    for line, percent in one.pieces:
        if known(line.amounts["budget"], portfolio.rates):
            found.setdefault(line.region, []).append((line, percent))
    return {region: Slice(one.key, one.label, tuple(pieces)) for region, pieces in found.items()}


def funding_years_table(portfolio: Portfolio) -> Table:
    """What was granted to the year's projects, and spent, by the year in which each grant was signed."""
    lang, rates = portfolio.lang, portfolio.rates
    years = _funding_years(portfolio)
    totals = grand_totals(portfolio)
    figures = {m: _rounded_years(portfolio, years, m, totals[m]) for m in ("granted", "spent")}
    columns = (
        Column("label", say("project_analysis.funding_year", lang), 48, "text", "label", tag="#date+year+funding"),
        Column("grants", say("project_analysis.grants", lang), 14, tag="#meta+count+grants"),
        Column("granted", say("project_analysis.granted", lang), 18, tag=_TAGS["granted"]),
        Column("spent", say("project_analysis.spent", lang), 18, tag=_TAGS["spent"]),
    )
    rows = [
        Row(
            year,
            (
                year or say("project_analysis.no_grant", lang),
                len(of["granted"]),
                *(figures[m][year] if known(of[m], rates) else None for m in figures),
            ),
        )
        for year, of in years.items()
    ]
    number = sum(len(of["granted"]) for of in years.values())
    rows.append(Row(TOTAL, (say("money.total", lang), number, totals["granted"], totals["spent"]), "total"))

    def parts(row: str, column: str) -> Sequence[Part]:
        found = [of for year, of in years.items() if row in (year, TOTAL)]
        if column == "grants":
            return [Part(amount.fact, "", 1) for of in found for amount in of["granted"]]
        if column not in figures:
            return []
        amounts = [amount for of in found for amount in of[column]]
        figure = sum(figure for year, figure in figures[column].items() if row in (year, TOTAL))
        return rounded_parts(list(usd_parts(amounts, rates)), figure)

    return Table("funding-years", columns, tuple(rows), parts=parts)


def _funding_years(portfolio: Portfolio) -> dict[str, dict[str, list[Amount]]]:
    signed = {g.fields["grant_id"]: g.fields["signed"][:4] for line in portfolio.lines for g in line.grants}
    years: dict[str, dict[str, list[Amount]]] = {}
    for line in portfolio.lines:
        for amount in (*line.amounts["granted"], *line.amounts["spent"]):
            year = signed.get(amount.fact.fields.get("grant_id") or "", "")
            years.setdefault(year, {"granted": [], "spent": []})[amount.purpose].append(amount)
    return dict(sorted(years.items(), key=lambda pair: (pair[0] == "", pair[0])))


def _rounded_years(
    portfolio: Portfolio, years: Mapping[str, Mapping[str, Sequence[Amount]]], measure: str, total: int
) -> dict[str, int]:
    values = [usd_total(of[measure], portfolio.rates) for of in years.values()]
    return dict(zip(years, rounded_list(values, total), strict=True)) if years else {}
