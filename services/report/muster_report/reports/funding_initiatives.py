"""Initiatives of headquarters that need funding, by the objective they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from muster_report.book import Block, Column, Named, Note, Row, Sheet, Table, Value
from muster_report.facts import Fact
from muster_report.figures import Part, Parts
from muster_report.reports.funding_figures import CURRENCY, Funding, area_names, money, named
from muster_report.tables import TOTAL, alphabetical, in_order, sum_or
from muster_report.words import code_names, say

_AMOUNTS: Final = ("required", "overall_budget")


def initiatives_sheet(funding: Funding, title: str) -> Sheet:
    """Initiatives grouped by objective, with a subtotal for each and a total."""
    blocks: tuple[Block, ...]
    if funding.initiatives:
        blocks = (_table(funding), *_explanations(funding))
    else:
        blocks = (Note("none", funding.say("no_initiative", year=funding.year)),)
    freeze = "initiatives" if funding.initiatives else ""
    subtitle = funding.say("by_objective", currency=CURRENCY)
    return Sheet(funding.say("sheet_initiatives"), title, subtitle, blocks, freeze=freeze)


def _explanations(funding: Funding) -> tuple[Note, ...]:
    return Note("apart", funding.say("initiatives_apart")), Note("budget", funding.say("overall_budget_means"))


def _table(funding: Funding) -> Table:
    columns = (
        Column("title", funding.say("initiative"), 62, "text", "label"),
        Column("area", funding.say("area"), 44, "text"),
        Column("required", funding.say("required"), 18),
        Column("overall_budget", funding.say("overall_budget"), 18),
    )
    total = Row(TOTAL, (say("tables.total", funding.lang), None, *_sums(funding.initiatives)), "total")
    rows = (*_groups(funding), total)
    names = (Named("Initiatives_Required", TOTAL, "required"),)
    return Table("initiatives", columns, rows, names=names, parts=_parts(funding.initiatives))


def _parts(initiatives: tuple[Fact, ...]) -> Parts:
    def parts(row: str, column: str) -> list[Part]:
        chosen = [fact for fact in initiatives if row in (TOTAL, _group_key(fact), fact.key)]
        found = [(fact, money(fact.fields.get(column))) for fact in chosen if column in _AMOUNTS]
        return [Part(fact, column, amount) for fact, amount in found if amount is not None]

    return parts


def _group_key(fact: Fact) -> str:
    return f"objective {fact.fields.get('objective') or ''}"


def _groups(funding: Funding) -> Iterator[Row]:
    groups: dict[str, list[Fact]] = {}
    for fact in sorted(funding.initiatives, key=lambda fact: (*alphabetical(fact.fields["title"]), fact.key)):
        groups.setdefault(fact.fields.get("objective") or "", []).append(fact)
    areas = area_names(funding.lang)
    for code, name in in_order(groups, code_names("initiative_objective", funding.lang)).items():
        label = name or funding.say("no_objective")
        yield Row(f"objective {code}", (label, None, *_sums(tuple(groups[code]))), "group")
        yield from (_row(fact, areas) for fact in groups[code])


def _row(fact: Fact, areas: Mapping[str, str]) -> Row:
    figures = money(fact.fields["required"]), money(fact.fields.get("overall_budget"))
    return Row(fact.key, (fact.fields["title"], named(areas, fact.fields["area"]), *figures))


def _sums(initiatives: tuple[Fact, ...]) -> tuple[Value, Value]:
    required: list[Decimal | None] = [money(fact.fields["required"]) for fact in initiatives]
    budgets = [money(fact.fields.get("overall_budget")) for fact in initiatives]
    return sum_or(required, None), sum_or(budgets, None)
