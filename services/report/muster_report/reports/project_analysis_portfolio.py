"""The projects of a year with their money: which year a project belongs to, and which projects count.

A project belongs to the year in which it starts: each has one start, it does not move when a second donor joins,
and no project is in two years. What was granted is shown by funding year besides: the year each grant was signed.
Projects count from their endorsement on; drafts, proposals under review and cancelled projects are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.money import Amount, Rates, known, stated, usd_parts, usd_values
from muster_report.money_expenditure import Spending, spending
from muster_report.money_rounding import exact_sum

COUNTED: Final = ("endorsed", "active", "completed", "closed")
NOT_COUNTED: Final = ("draft", "submitted", "returned", "cancelled")
DRAFT: Final = "draft"
UNKNOWN: Final = ""

Measure = Literal["budget", "granted", "spent"]
MEASURES: Final[tuple[Measure, ...]] = ("budget", "granted", "spent")


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project, its office, its grants (by the year each was signed) and its amounts of money by measure."""

    fact: Fact
    office: Fact | None
    grants: tuple[Fact, ...]
    reports: tuple[Fact, ...]
    overlapping: tuple[Fact, ...]
    amounts: Mapping[Measure, tuple[Amount, ...]]

    @property
    def region(self) -> str:
        """The region of its office; empty where that is not known."""
        return str(self.office.fields.get("region") or UNKNOWN) if self.office else UNKNOWN

    @property
    def status(self) -> str:
        """Its status; a project that states none is a draft."""
        return str(self.fact.fields.get("status") or DRAFT)

    def everything(self) -> Iterator[Amount]:
        """Its amounts of all measures."""
        for measure in MEASURES:
            yield from self.amounts[measure]

    def shares(self, name: str) -> dict[str, Decimal]:
        """Percent by code of ``areas`` or ``activities``; what is missing to 100 (or is too much) under UNKNOWN."""
        stated_shares: dict[str, Decimal] = {}
        for share in self.fact.fields.get(name) or ():
            stated_shares[share["code"]] = stated_shares.get(share["code"], Decimal(0)) + Decimal(str(share["percent"]))
        rest = 100 - sum(stated_shares.values(), Decimal(0))
        return stated_shares | ({UNKNOWN: rest} if rest else {})


@dataclass(frozen=True, slots=True)
class Slice:
    """Projects under one heading, each with the percent of it that belongs there (None: all of it)."""

    key: str
    label: str
    pieces: tuple[tuple[ProjectLine, Decimal | None], ...]

    def parts(self, measure: Measure, rates: Rates) -> list[Part]:
        """What the slice's sum in USD is made of, not rounded."""
        return [part for line, percent in self.pieces for part in usd_parts(line.amounts[measure], rates, percent)]

    def exact(self, measure: Measure, rates: Rates) -> Decimal:
        """The slice's sum in USD, not rounded."""
        return exact_sum(
            [value for line, percent in self.pieces for _, value in usd_values(line.amounts[measure], rates, percent)]
        )

    def is_known(self, measure: Measure, rates: Rates) -> bool:
        """Whether that sum says anything: at least one amount was stated that has a rate."""
        return any(known(line.amounts[measure], rates) for line, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The projects of a year: those that count, and the others."""

    year: str
    lang: str
    lines: tuple[ProjectLine, ...]
    others: tuple[ProjectLine, ...]
    rates: Rates

    def everything(self) -> Slice:
        """All projects that count."""
        return Slice("*", "", tuple((line, None) for line in self.lines))

    def amounts(self) -> list[Amount]:
        """Every amount in the report: all of the projects that count, the budgets of the others."""
        counted = [amount for line in self.lines for amount in line.everything()]
        return [*counted, *(amount for line in self.others for amount in line.amounts["budget"])]

    def used(self) -> tuple[Fact, ...]:
        """The records that figures and texts come from, each once."""
        found: list[Fact | None] = [line.fact for line in self.others]
        for line in self.lines:
            found += [line.fact, line.office, *line.grants, *line.reports]
        found += self.rates.used(self.amounts()).values()
        return tuple({(fact.kind, fact.key): fact for fact in found if fact}.values())


def read_portfolio(facts: Facts, year: str, lang: str) -> Portfolio:
    """The projects that start in a year."""
    projects = [fact for fact in facts.kind("project").values() if fact.fields["start"][:4] == year]
    codes = {fact.fields["project_code"] for fact in projects}
    grants, reports = (_by_project(facts.kind(kind).values(), codes) for kind in ("grant", "progress_report"))
    lines = [_line(facts, fact, grants.get(fact.key, []), reports.get(fact.key, [])) for fact in projects]
    return Portfolio(
        year=year,
        lang=lang,
        lines=tuple(line for line in lines if line.status in COUNTED),
        others=tuple(line for line in lines if line.status not in COUNTED),
        rates=Rates(facts),
    )


def _by_project(facts: Iterable[Fact], codes: set[str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.fields["project_code"] in codes:
            found.setdefault(fact.fields["project_code"], []).append(fact)
    return found


def _line(facts: Facts, project: Fact, grants: list[Fact], reports: list[Fact]) -> ProjectLine:
    fields = project.fields
    spent: Spending = spending(reports, date.max)
    return ProjectLine(
        fact=project,
        office=facts.kind("office").get(fields["office"]),
        grants=tuple(grants),
        reports=tuple(reports),
        overlapping=spent.overlapping,
        amounts={
            "budget": (stated("budget", project, "budget/amount", fields["budget"], on=fields["start"]),),
            "granted": tuple(stated("granted", g, "amount", g.fields, on=g.fields["signed"]) for g in grants),
            "spent": spent.amounts,
        },
    )
