"""Initiatives of headquarters that need funding, by the objective they serve."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from muster_report.book import Block, Column, Named, Note, Row, Sheet, Table, Value
from muster_report.facts import Fact
from muster_report.figures import Part, Parts
from muster_report.reports.funding_figures import CURRENCY, Funding, money
from muster_report.tables import TOTAL, alphabetical, in_order, spelt_out, sum_or
from muster_shared.codelists import areas

SHEET: Final = "Initiatives"
_OBJECTIVES: Final = {
    "rights_standards": "Rights and international standards",
    "evidence_whole_of_government": "Evidence and whole-of-government approaches",
    "mobility_dimensions_of_crises": "Mobility dimensions of crises",
    "safe_orderly_dignified": "Safe, orderly and dignified migration",
}
_AMOUNTS: Final = ("required", "overall_budget")
_NO_OBJECTIVE: Final = "No objective stated"


def initiatives_sheet(funding: Funding, title: str) -> Sheet:
    """Initiatives grouped by objective, with a subtotal for each and a total."""
    blocks: tuple[Block, ...]
    if funding.initiatives:
        blocks = (_table(funding.initiatives), *_explanations())
    else:
        blocks = (Note("none", f"No initiative has been submitted for {funding.year}."),)
    freeze = "initiatives" if funding.initiatives else ""
    return Sheet(SHEET, title, f"By objective, {CURRENCY}", blocks, freeze=freeze)


def _explanations() -> tuple[Note, ...]:
    return (
        Note("apart", "The initiatives are not added to the multi-regional line or to any total of the Overview."),
        Note("budget", "Overall budget: of the whole initiative, which may last longer than the year."),
    )


def _table(initiatives: tuple[Fact, ...]) -> Table:
    columns = (
        Column("title", "Initiative", 62, "text", "label"),
        Column("area", "Area", 44, "text"),
        Column("required", "Required", 18),
        Column("overall_budget", "Overall budget", 18),
    )
    total = Row(TOTAL, ("Total", None, *_sums(initiatives)), "total")
    rows = (*_groups(initiatives), total)
    names = (Named("Initiatives_Required", TOTAL, "required"),)
    return Table("initiatives", columns, rows, names=names, parts=_parts(initiatives))


def _parts(initiatives: tuple[Fact, ...]) -> Parts:
    def parts(row: str, column: str) -> list[Part]:
        chosen = [fact for fact in initiatives if row in (TOTAL, _group_key(fact), fact.key)]
        found = [(fact, money(fact.fields.get(column))) for fact in chosen if column in _AMOUNTS]
        return [Part(fact, column, amount) for fact, amount in found if amount is not None]

    return parts


def _group_key(fact: Fact) -> str:
    return f"objective {fact.fields.get('objective') or ''}"


def _groups(initiatives: tuple[Fact, ...]) -> Iterator[Row]:
    groups: dict[str, list[Fact]] = {}
    for fact in sorted(initiatives, key=lambda fact: (*alphabetical(fact.fields["title"]), fact.key)):
        groups.setdefault(fact.fields.get("objective") or "", []).append(fact)
    for code, name in in_order(groups, _OBJECTIVES).items():
        yield Row(f"objective {code}", (name or _NO_OBJECTIVE, None, *_sums(tuple(groups[code]))), "group")
        yield from (_row(fact) for fact in groups[code])


def _row(fact: Fact) -> Row:
    area = areas().get(fact.fields["area"])
    figures = money(fact.fields["required"]), money(fact.fields.get("overall_budget"))
    return Row(fact.key, (fact.fields["title"], area["name"] if area else spelt_out(fact.fields["area"]), *figures))


def _sums(initiatives: tuple[Fact, ...]) -> tuple[Value, Value]:
    required: list[Decimal | None] = [money(fact.fields["required"]) for fact in initiatives]
    budgets = [money(fact.fields.get("overall_budget")) for fact in initiatives]
    return sum_or(required, None), sum_or(budgets, None)
