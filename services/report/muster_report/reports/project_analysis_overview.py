"""The first sheet of the project analysis: what does not add up, the totals, and their reconciliation; and the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from muster_report.book import Block, Column, Note, Row, Table, Value
from muster_report.figures import TOTAL, Part
from muster_report.money import known, usd_parts, usd_total
from muster_report.money_rates import missing_notes
from muster_report.money_rounding import nearest, rounded_list, rounded_parts
from muster_report.reports.project_analysis_portfolio import (
    COUNTED,
    MEASURES,
    NOT_COUNTED,
    Measure,
    Portfolio,
    ProjectLine,
)
from muster_report.reports.project_analysis_slices import not_summing, region_names
from muster_report.reports.project_analysis_tables import grand_totals
from muster_report.tables import key_figures
from muster_report.words import say, say_number

RECONCILED: Final = ("projects", "funding_years", "areas", "activities", "markers", "regions")
_IN_LIST: Final = {"budget": "usd_budget", "granted": "usd_granted", "spent": "usd_spent"}


@dataclass(frozen=True, slots=True)
class _Status:
    """Projects of one status and their budget in whole USD; None where none of it has a rate."""

    key: str
    lines: tuple[ProjectLine, ...]
    budget: int | None


def overview_blocks(portfolio: Portfolio, tables: Mapping[str, Table]) -> tuple[Block, ...]:
    """Alerts, key figures, projects by status, and the sums of every sheet beside the grand total."""
    lang = portfolio.lang
    reconciliation = _reconciliation(portfolio, tables)
    return (
        *_alerts(portfolio, reconciliation),
        _headline(portfolio),
        _statuses(portfolio),
        Note("year", say("project_analysis.year_rule", lang)),
        Note("counted", say("project_analysis.counted_rule", lang)),
        reconciliation,
        Note("spent", say("project_analysis.spent_rule", lang)),
    )


def _alerts(portfolio: Portfolio, reconciliation: Table) -> list[Note]:
    lang = portfolio.lang
    notes = missing_notes(portfolio.amounts(), portfolio.rates, lang)
    if any(row.key.startswith("-") and any(row.cells[1:]) for row in reconciliation.rows):
        notes.append(Note("difference", say("project_analysis.alert_difference", lang), "alert"))
    for name, lines in not_summing(portfolio).items():
        codes = ", ".join(line.fact.key for line in lines)
        notes.append(Note(f"shares-{name}", say(f"project_analysis.alert_{name}", lang, projects=codes), "alert"))
    regionless = [line.fact.key for line in portfolio.lines if not line.region]
    if regionless:
        told = say("project_analysis.alert_region", lang, projects=", ".join(regionless))
        notes.append(Note("region", told, "alert"))
    if not portfolio.lines:
        notes.append(
            Note("none-counted", say_number("project_analysis.none_counted", len(portfolio.others), lang), "alert")
        )
    return notes


def _headline(portfolio: Portfolio) -> Table:
    totals, everything, lang = grand_totals(portfolio), portfolio.everything(), portfolio.lang
    named: dict[str, tuple[Measure, str]] = {
        "Budget_USD": ("budget", "budget"),
        "Granted_USD": ("granted", "granted"),
        "Spent_USD": ("spent", "spent"),
    }

    def parts(row: str, column: str) -> Sequence[Part]:
        if column != "figure":
            return []
        if row == "Projects":
            return [Part(line.fact, "", 1) for line in portfolio.lines]
        measure = named[row][0]
        return rounded_parts(everything.parts(measure, portfolio.rates), totals[measure])

    table = key_figures(
        "headline",
        [
            ("Projects", say("project_analysis.projects", lang), len(portfolio.lines)),
            *((key, say(f"project_analysis.{word}", lang), totals[m]) for key, (m, word) in named.items()),
        ],
        caption=say("project_analysis.headline", lang, year=portfolio.year),
        heading=say("project_analysis.figure", lang),
    )
    return replace(table, parts=parts)


def _statuses(portfolio: Portfolio) -> Table:
    lang, rates = portfolio.lang, portfolio.rates
    statuses = {s.key: s for s in (*_of(portfolio.lines, portfolio), *_of(portfolio.others, portfolio))}
    counted = say("project_analysis.is_counted", lang)
    columns = (
        Column("label", say("project_analysis.by_status", lang), 48, "text", "label", tag="#status"),
        Column("projects", say("project_analysis.projects", lang), 18, tag="#meta+count+projects"),
        Column("budget", say("project_analysis.budget", lang), 18, tag="#value+budget+usd"),
        Column("counted", say("project_analysis.in_totals", lang), 18, "text"),
    )
    rows = [
        Row(s.key, (_status_name(s.key, lang), len(s.lines), s.budget, counted if s.key in COUNTED else ""))
        for s in statuses.values()
    ]

    def parts(row: str, column: str) -> Sequence[Part]:
        lines = statuses[row].lines if row in statuses else ()
        if column == "projects":
            return [Part(line.fact, "", 1) for line in lines]
        amounts = [amount for line in lines for amount in line.amounts["budget"]]
        budget = statuses[row].budget if row in statuses else None
        return (
            rounded_parts(list(usd_parts(amounts, rates)), budget) if column == "budget" and budget is not None else []
        )

    return Table("statuses", columns, tuple(rows), parts=parts)


def _of(lines: Sequence[ProjectLine], portfolio: Portfolio) -> list[_Status]:
    """Statuses in their order, budgets rounded so that they add up."""
    stated = {line.status for line in lines}
    keys: list[str] = [key for key in (*COUNTED, *NOT_COUNTED) if key in stated]
    keys += sorted(stated - set(keys))
    grouped = [tuple(line for line in lines if line.status == key) for key in keys]
    budgets = [[amount for line in of for amount in line.amounts["budget"]] for of in grouped]
    whole = rounded_list([usd_total(amounts, portfolio.rates) for amounts in budgets])
    shown = [figure if known(of, portfolio.rates) else None for of, figure in zip(budgets, whole, strict=True)]
    return [_Status(*made) for made in zip(keys, grouped, shown, strict=True)]


def _reconciliation(portfolio: Portfolio, tables: Mapping[str, Table]) -> Table:
    """The sum of the rows of every sheet, the grand total from the amounts themselves, and each difference."""
    lang, totals = portfolio.lang, grand_totals(portfolio)
    sums = {key: {m: _column_sum(tables[key], key, m) for m in MEASURES} for key in RECONCILED}
    grand: tuple[Value, ...] = tuple(totals[m] for m in MEASURES)
    rows = [Row(TOTAL, (say("project_analysis.grand_total", lang), *grand), "total")]
    for key, of in sums.items():
        label = say(f"project_analysis.sum_{key}", lang)
        differences = [None if of[m] is None else (of[m] or 0) - totals[m] for m in MEASURES]
        rows.append(Row(key, (label, *(of[m] for m in MEASURES))))
        if any(differences):
            rows.append(Row(f"-{key}", (say("project_analysis.difference", lang), *differences), "subtotal"))
    columns = (
        Column("label", say("project_analysis.reconciliation", lang), 48, "text", "label"),
        *(Column(m, say(f"project_analysis.{m}", lang), 18, tag=f"#value+{m}+usd") for m in MEASURES),
    )

    def parts(row: str, column: str) -> Sequence[Part]:
        measure = next((m for m in MEASURES if m == column), None)
        if measure is None or row.startswith("-"):
            return []
        figure = totals[measure] if row == TOTAL else sums[row][measure]
        return [] if figure is None else rounded_parts(portfolio.everything().parts(measure, portfolio.rates), figure)

    return Table("reconciliation", columns, tuple(rows), parts=parts)


def _column_sum(table: Table, key: str, measure: Measure) -> int | None:
    wanted = _IN_LIST[measure] if key == "projects" else measure
    at = next((number for number, column in enumerate(table.columns) if column.key == wanted), None)
    if at is None:
        return None
    cells = (row.cells[at] for row in table.rows if row.role == "body")
    return sum(cell for cell in cells if isinstance(cell, int))


def projects_table(portfolio: Portfolio) -> Table:
    """Every project that counts, with its money; the figures in USD add up to the totals of the other sheets."""
    lang, rates = portfolio.lang, portfolio.rates
    figures = {m: _figures(portfolio, m) for m in MEASURES}
    by_key = {line.fact.key: line for line in portfolio.lines}
    regions = region_names(portfolio)
    rows = tuple(_project_row(line, regions, figures, lang) for line in portfolio.lines)

    def parts(row: str, column: str) -> Sequence[Part]:
        line = by_key[row]
        if column == "marker":
            return [Part(line.fact, "gender_marker", line.fact.fields["gender_marker"])]
        if column == "budget":
            return [Part(line.fact, "budget/amount", line.amounts["budget"][0].value)]
        measure = next((m for m, name in _IN_LIST.items() if name == column), None)
        if measure is None:
            return []
        found = list(usd_parts(line.amounts[measure], rates))  # type: ignore[index]  # a name of MEASURES
        return rounded_parts(found, figures[measure][row]) if found else []  # type: ignore[index]

    return Table("projects", _project_columns(lang), rows, filtered=True, parts=parts)


def _figures(portfolio: Portfolio, measure: Measure) -> dict[str, int]:
    exact = [usd_total(line.amounts[measure], portfolio.rates) for line in portfolio.lines]
    total = nearest(portfolio.everything().exact(measure, portfolio.rates))
    rounded = zip(portfolio.lines, rounded_list(exact, total), strict=True)
    return {line.fact.key: figure for line, figure in rounded if known(line.amounts[measure], portfolio.rates)}


def _project_columns(lang: str) -> tuple[Column, ...]:
    def heading(key: str) -> str:
        return say(f"project_analysis.{key}", lang)

    return (
        Column("code", heading("code"), 15, "code", "label", tag="#activity+code"),
        Column("title", heading("project"), 50, "text", tag="#activity+name"),
        Column("office", heading("office"), 22, "text", tag="#org+office"),
        Column("region", heading("corner_regions"), 30, "text", tag="#region+name"),
        Column("status", heading("by_status"), 14, "text", tag="#status"),
        Column("start", heading("start"), 12, "code", tag="#date+start"),
        Column("marker", heading("corner_markers"), 10, tag="#indicator+gender_marker"),
        Column("currency", say("money.currency", lang), 10, "code", tag="#currency"),
        Column("budget", heading("own_budget"), 16, tag="#value+budget"),
        Column("usd_budget", heading("budget"), 16, tag="#value+budget+usd"),
        Column("usd_granted", heading("granted"), 16, tag="#value+granted+usd"),
        Column("usd_spent", heading("spent"), 16, tag="#value+spent+usd"),
    )


def _project_row(
    line: ProjectLine, regions: Mapping[str, str], figures: Mapping[Measure, Mapping[str, int]], lang: str
) -> Row:
    fields, budget = line.fact.fields, line.amounts["budget"][0]
    office = line.office.fields["name"] if line.office else fields["office"]
    named = (line.fact.key, fields["title"], office, regions[line.region], _status_name(line.status, lang))
    usd = (figures[m].get(line.fact.key) for m in MEASURES)
    start = date.fromisoformat(fields["start"])
    return Row(line.fact.key, (*named, start, fields.get("gender_marker"), budget.currency, budget.value, *usd))


def _status_name(status: str, lang: str) -> str:
    known = status in (*COUNTED, *NOT_COUNTED)
    return say(f"project_analysis.status_{status}", lang) if known else status
