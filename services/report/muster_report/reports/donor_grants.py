"""A donor's grants until a day: what was granted and spent, for which projects, at which rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.money import EXACT, Amount, Rates, own_parts, stated
from muster_report.money_expenditure import handed_in, spending
from muster_report.money_rounding import exact_sum

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant with its project and office (None where there is no record) and the amounts spent of it."""

    fact: Fact
    project: Fact | None
    office: Fact | None
    granted: Amount
    spent: tuple[Amount, ...]
    overlapping: tuple[Fact, ...]

    @property
    def currency(self) -> str:
        """The currency of the grant."""
        return self.granted.currency

    @property
    def code(self) -> str:
        """The code of its project."""
        return str(self.fact.fields["project_code"])

    def project_title(self) -> str:
        """The title of its project, else its code."""
        return str(self.project.fields["title"]) if self.project else self.code

    def office_name(self) -> str:
        """The name of the office that runs the project, else its code."""
        code = str(self.project.fields["office"]) if self.project else ""
        return str(self.office.fields["name"]) if self.office else code

    def amounts(self) -> tuple[Amount, ...]:
        """The grant and what was spent of it."""
        return (self.granted, *self.spent)


@dataclass(frozen=True, slots=True)
class DonorGrants:
    """All that a donor's report is made of; ``reports`` and ``extensions`` are those of the projects, until the day."""

    donor_id: str
    donor: Fact | None
    until: date
    lang: str
    copy: str
    lines: tuple[GrantLine, ...]
    rates: Rates
    reports: tuple[Fact, ...]
    extensions: tuple[Fact, ...]

    @property
    def name(self) -> str:
        """The donor's name, else its code."""
        return str(self.donor.fields["name"]) if self.donor else self.donor_id

    def projects(self) -> dict[str, Fact]:
        """The projects that the donor funds, by their code; those without a record are left out."""
        return {line.code: line.project for line in self.lines if line.project}

    def amounts(self) -> list[Amount]:
        """Every amount of money of the report."""
        return [amount for line in self.lines for amount in line.amounts()]

    def reports_of(self, grant: Fact) -> list[Fact]:
        """The progress reports on one grant."""
        return [fact for fact in self.reports if fact.fields.get("grant_id") == grant.fields["grant_id"]]

    def used(self) -> tuple[Fact, ...]:
        """The records that figures or texts come from, each once, by kind and key."""
        found: list[Fact | None] = [self.donor, *self.reports, *self.extensions]
        for line in self.lines:
            found += [line.fact, line.project, line.office]
            codes = {(a.currency, a.month) for a in line.amounts()}
            codes |= {(line.currency, a.month) for a in line.spent if a.currency != line.currency}
            found += [self.rates.fact(*code) for code in sorted(codes)]
        return tuple({(fact.kind, fact.key): fact for fact in found if fact}.values())


def read_grants(facts: Facts, params: Mapping[str, str], lang: str) -> DonorGrants:
    """The donor's grants signed until the day, in the order of projects and grants."""
    until = date.fromisoformat(params["until"])
    grants = [fact for fact in facts.kind("grant").values() if _given(fact, params["donor_id"], until)]
    codes = {fact.fields["project_code"] for fact in grants}
    reports = handed_in((f for f in facts.kind("progress_report").values() if f.fields["project_code"] in codes), until)
    extensions = (f for f in facts.kind("extension").values() if f.fields["project_code"] in codes)
    return DonorGrants(
        donor_id=params["donor_id"],
        donor=facts.kind("donor").get(params["donor_id"]),
        until=until,
        lang=lang,
        copy=params["copy"],
        lines=tuple(_line(facts, grant, reports, until) for grant in sorted(grants, key=_order)),
        rates=Rates(facts),
        reports=tuple(reports),
        extensions=tuple(fact for fact in extensions if decided(fact) and decided(fact) <= until.isoformat()),
    )


def decided(extension: Fact) -> str:
    """The day (ISO) an extension was approved, as the schedules of reports read it; empty where it was not."""
    fields = extension.fields
    approved = fields.get("decision") == "approved"
    return str(fields.get("decided_on") or fields["requested_on"]) if approved else ""


def own_sum(amounts: Iterable[Amount], currency: str, rates: Rates) -> Decimal | None:
    """The sum in one currency, as stated; to the cent where some had to be converted, None where that has no rate."""
    listed = list(amounts)
    values = [rates.converted(amount, currency) for amount in listed]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    total = exact_sum(known)
    as_stated = all(amount.currency == currency for amount in listed)
    return total if as_stated else total.quantize(_CENT, context=EXACT)


def balance(lines: Iterable[GrantLine], currency: str, rates: Rates) -> Decimal | None:
    """What is left of grants of one currency; below 0 where more was spent; None where a rate is missing."""
    listed = list(lines)
    spent = own_sum((amount for line in listed for amount in line.spent), currency, rates)
    granted = exact_sum([line.granted.value for line in listed])
    return None if spent is None else EXACT.subtract(granted, spent)


def balance_parts(lines: Iterable[GrantLine], currency: str, rates: Rates) -> list[Part]:
    """What a balance is made of: what was granted, less each amount spent."""
    listed = list(lines)
    spent = [amount for line in listed for amount in line.spent]
    granted = own_parts((line.granted for line in listed), currency, rates)
    return [*granted, *own_parts(spent, currency, rates, -1)]


def _given(fact: Fact, donor_id: str, until: date) -> bool:
    return fact.fields["donor_id"] == donor_id and date.fromisoformat(fact.fields["signed"]) <= until


def _order(fact: Fact) -> tuple[str, str]:
    return fact.fields["project_code"], fact.key


def _line(facts: Facts, grant: Fact, reports: Iterable[Fact], until: date) -> GrantLine:
    fields = grant.fields
    project = facts.kind("project").get(fields["project_code"])
    spent = spending((fact for fact in reports if fact.fields.get("grant_id") == fields["grant_id"]), until)
    return GrantLine(
        fact=grant,
        project=project,
        office=facts.kind("office").get(project.fields["office"]) if project else None,
        granted=stated("granted", grant, "amount", fields, on=fields["signed"]),
        spent=spent.amounts,
        overlapping=spent.overlapping,
    )
