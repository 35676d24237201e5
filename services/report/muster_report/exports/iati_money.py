"""Budgets and transactions of an IATI activity: each amount in its own currency, with the day of its rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from muster_report.exports.apportioned import apportioned
from muster_report.exports.iati_codes import AGREED_GRANTS, EXPENDITURE, GRANT_TRANSACTIONS
from muster_report.exports.iati_elements import add, add_narrated, add_value
from muster_report.exports.projects import ProjectFacts
from muster_report.facts import Fact
from muster_shared.counted import Counted, counted
from muster_shared.months import ONE_DAY

ORIGINAL, REVISED = "1", "2"
INDICATIVE, COMMITTED = "1", "2"


@dataclass(frozen=True, slots=True)
class Budget:
    """What is budgeted for the days from ``start`` to ``end``, both within one calendar year."""

    start: date
    end: date
    amount: Decimal


def budgets(whole: Decimal, start: date, end: date) -> list[Budget]:
    """The budget of a project by calendar years, by days, in cents that sum to ``whole`` exactly."""
    years = list(_years(start, end))
    days = [(last - first).days + 1 for first, last in years]
    cents = apportioned(int(whole * 100), days)
    return [Budget(*year, Decimal(part) / 100) for year, part in zip(years, cents, strict=True) if part]


def add_budgets(activity: Element, of: ProjectFacts, today: date) -> None:
    """The budget; revised where an approved extension moved the end, committed where a grant is."""
    fields = of.project.fields
    kind = REVISED if of.approved_end(today) else ORIGINAL
    status = COMMITTED if any(grant.fields["status"] in AGREED_GRANTS for grant in of.grants) else INDICATIVE
    money = fields["budget"]
    for budget in budgets(Decimal(money["amount"]), date.fromisoformat(fields["start"]), of.end(today)):
        element = add(activity, "budget", type=kind, status=status)
        add(element, "period-start", iso_date=budget.start.isoformat())
        add(element, "period-end", iso_date=budget.end.isoformat())
        add_value(element, budget.amount, money["currency"], budget.start)


def add_transactions(
    activity: Element, of: ProjectFacts, donors: Mapping[str, Mapping[str, str | None]], receiver: str, today: date
) -> None:
    """What came in by grants and what progress reports say was spent, nothing dated after ``today``.

    ``donors`` gives the attributes and, under ``name``, the name of each donor; ``receiver`` is who publishes.
    """
    for grant in of.grants:
        if date.fromisoformat(grant.fields["signed"]) <= today:
            _add_incoming(activity, grant.fields, donors.get(grant.fields["donor_id"], {}), receiver)
    for report, amount in expenditures(of.progress_reports, today):
        _add_expenditure(activity, report, amount)


def expenditures(progress_reports: tuple[Fact, ...], today: date) -> Iterator[tuple[Counted, Decimal]]:
    """Each report that counts with what it adds to the money told before of the same days; never 0."""
    ordered = sorted((fact.fields for fact in progress_reports), key=_purse)
    for _, reports in groupby(ordered, key=_purse):
        for report in counted(reports, today):
            before = sum((_spent(other) for other in report.replaces), Decimal(0))
            if _spent(report) != before:
                yield report, _spent(report) - before


def _add_incoming(activity: Element, grant: Mapping[str, Any], donor: Mapping[str, str | None], receiver: str) -> None:
    for code in GRANT_TRANSACTIONS[grant["status"]]:
        element = add(activity, "transaction", ref=f"{grant['grant_id']}-{code}")
        add(element, "transaction-type", code=code)
        add(element, "transaction-date", iso_date=grant["signed"])
        add_value(element, Decimal(grant["amount"]), grant["currency"], date.fromisoformat(grant["signed"]))
        who = {name: value for name, value in donor.items() if name != "name"}
        add_narrated(element, "provider-org", donor.get("name") or grant["donor_id"], **who)
        add(element, "receiver-org", ref=receiver)


def _add_expenditure(activity: Element, report: Counted, amount: Decimal) -> None:
    fields = report.fields
    on = min(report.end, date.fromisoformat(fields["submitted_on"]))
    element = add(activity, "transaction", ref=_name(fields))
    add(element, "transaction-type", code=EXPENDITURE)
    add(element, "transaction-date", iso_date=on.isoformat())
    add_value(element, amount, fields["expenditure"]["currency"], on)
    told = f"Expenditure from {report.start} to {report.end}, as the {fields['type']} report tells it"
    add_narrated(element, "description", f"{told}, less what earlier reports told" if report.replaces else told)


def _name(report: Mapping[str, Any]) -> str:
    parts = (report.get("grant_id") or report["project_code"], report["type"], report["period_start"], "to")
    return "-".join((*parts, report["period_end"]))


def _purse(report: Mapping[str, Any]) -> tuple[str, str]:
    """Reports of one purse are held against each other: one grant in one currency."""
    return report.get("grant_id") or "", report["expenditure"]["currency"]


def _spent(report: Counted) -> Decimal:
    return Decimal(report.fields["expenditure"]["amount"])


def _years(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start <= end:
        last = min(end, date(start.year, 12, 31))
        yield start, last
        if last == end:
            return
        start = last + ONE_DAY
