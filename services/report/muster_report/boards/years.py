"""Tables that reach over years: what the yearly reports tell, year beside year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from muster_report.blocks import Column, Row, Table, Value
from muster_report.boards.sources import Sources
from muster_report.facts import Facts
from muster_report.figures import TOTAL
from muster_report.money import Amount, known, usd_total
from muster_report.money_rounding import nearest
from muster_report.reports.funding_figures import read_funding
from muster_report.reports.project_analysis_portfolio import DRAFT, Portfolio, read_portfolio
from muster_report.reports.projects_columns import status_name
from muster_report.reports.projects_overview import STATUSES
from muster_report.words import say
from muster_shared.language import Language

MOST_YEARS: Final = 12
_RECEIVED: Final = "received"


def funding_years(sources: Sources, language: Language) -> Table:
    """What was required for each year, and what was granted and received by grants signed in it, in whole USD.

    Who does not see all offices is told what was required alone: grants are those of single projects.
    """
    required = _required(sources)
    granted = _granted(sources) if sources.sees is None else {}
    years = sorted(required.keys() | granted.keys())[-MOST_YEARS:]
    columns = [Column("label", language.say("Year"), 12, "text", "label"), Column("required", language.say("Required"))]
    if sources.sees is None:
        columns += [Column("granted", language.say("Granted")), Column("received", language.say("Of it received"))]
    rows = [Row(year, (year, required.get(year), *granted.get(year, (None, None)))[: len(columns)]) for year in years]
    return Table("funding-by-year", tuple(columns), tuple(rows))


def _required(sources: Sources) -> dict[str, Decimal]:
    facts = sources.facts_for("funding-requirements")
    years = {str(fact.fields["year"]) for fact in facts.kind("funding_requirement").values()}
    read = {year: read_funding(facts, year, sources.lang).requirements for year in years}
    return {year: sum((each.amount or Decimal(0) for each in stated), Decimal(0)) for year, stated in read.items()}


def _granted(sources: Sources) -> dict[str, tuple[Value, Value]]:
    found: dict[str, list[Amount]] = {}
    portfolios = list(_portfolios(sources.facts_for("project-analysis"), sources.lang))
    for line in (line for portfolio in portfolios for line in portfolio.lines):
        for amount in line.amounts["granted"]:
            found.setdefault(amount.fact.fields["signed"][:4], []).append(amount)
    return {year: _sums(amounts, portfolios[0]) for year, amounts in found.items()}


def _portfolios(facts: Facts, lang: str) -> Iterator[Portfolio]:
    for year in _years_of_projects(facts):
        yield read_portfolio(facts, year, lang)


def _years_of_projects(facts: Facts) -> list[str]:
    return sorted({str(fact.fields["start"])[:4] for fact in facts.kind("project").values()})


def _sums(amounts: list[Amount], portfolio: Portfolio) -> tuple[Value, Value]:
    received = [amount for amount in amounts if amount.fact.fields.get("status") == _RECEIVED]
    return _dollars(amounts, portfolio), _dollars(received, portfolio)


def _dollars(amounts: list[Amount], portfolio: Portfolio) -> Value:
    """Whole USD; None where no amount has a rate."""
    return nearest(usd_total(amounts, portfolio.rates)) if known(amounts, portfolio.rates) else None


def projects_by_year(sources: Sources, language: Language) -> Table:
    """How many projects begin in each year, by status: all of them, drafts too."""
    counted: Counter[tuple[str, str]] = Counter()
    for fact in sources.facts_for("projects").kind("project").values():
        counted[str(fact.fields["start"])[:4], str(fact.fields.get("status") or DRAFT)] += 1
    statuses = [status for status in STATUSES if any(status == stated for _, stated in counted)]
    years = sorted({year for year, _ in counted})
    columns = (
        Column("label", language.say("Year of the start"), 12, "text", "label"),
        *(Column(f"status {status}", status_name(status, sources.lang)) for status in statuses),
        Column(TOTAL, say("projects.projects", sources.lang), role="total"),
    )
    cells = {year: [counted[year, status] for status in statuses] for year in years}
    rows = [Row(year, (year, *figures, sum(figures))) for year, figures in cells.items()]
    totals = [sum(counted[year, status] for year in years) for status in statuses]
    total = Row(TOTAL, (say("tables.total", sources.lang), *totals, counted.total()), "total")
    return Table("projects-by-year", columns, (*rows, total) if rows else ())


def people_by_sex(sources: Sources, language: Language) -> Table | None:
    """Target and reached by sex: the last row of the report's table of ages, turned."""
    ages = sources.table("beneficiaries", "ages")
    if ages is None:
        return None
    total = next(row for row in ages.rows if row.key == TOTAL)
    cells = {column.key: value for column, value in zip(ages.columns, total.cells, strict=True)}
    sexes = [key.partition("/")[2] for key in cells if key.startswith("target/")]
    columns = (
        Column("label", language.say("Sex"), 20, "text", "label"),
        *(Column(name, say(f"beneficiaries.column.{name}", sources.lang)) for name in ("target", "reached")),
    )
    rows = [_sex(sex, cells.get(f"target/{sex}"), cells.get(f"reached/{sex}"), sources.lang) for sex in sexes]
    return Table("people-by-sex", columns, tuple(rows))


def _sex(sex: str, target: Value, reached: Value, lang: str) -> Row:
    name = say("beneficiaries.total" if sex == TOTAL else f"beneficiaries.{sex}", lang)
    return Row(sex, (name, target, reached), "total" if sex == TOTAL else "body")
