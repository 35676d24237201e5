"""A donor reads what it gave, what became of it, and what it is still owed: every figure explained, none given away."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from muster_report import xlsx
from muster_report.about import complete
from muster_report.facts import Facts
from muster_report.reports import donor_money
from muster_report.reports.donor import REPORT
from muster_report.reports.report import ParameterError
from muster_shared.counted import standing
from report.money_facts import (
    DONOR,
    DONORS,
    a_grant,
    a_project,
    a_rate,
    a_report,
    alerts,
    cell,
    explained_numbers,
    facts_of,
    people,
    sample_records,
    tables,
)
from report.money_facts import (
    donor_book as built,
)


@pytest.fixture(scope="module")
def portfolio() -> Facts:
    return facts_of(sample_records())


def test_granted_spent_and_balance_stand_in_the_currency_of_the_grant_and_in_usd() -> None:
    report = a_report(expenditure={"amount": "500", "currency": "EUR"})
    rates = (a_rate("EUR", "2016-01", "0.8"), a_rate("EUR", "2016-06", "0.9"))
    book = built(a_project(), a_grant(currency="EUR"), report, *rates)
    row = [cell(book, "expenditure", "KEN-2016-01-G1", c) for c in ("granted", "spent", "left", "percent")]
    assert row == [1000, 500, 500, 50]
    in_usd = [cell(book, "expenditure", "KEN-2016-01-G1", f"usd_{c}") for c in ("granted", "spent", "left")]
    assert in_usd == [1250, 556, 694]  # 555.56 and 694.44


def test_expenditure_belongs_to_the_grant_that_it_names_and_to_its_donor_only() -> None:
    second = a_grant("KEN-2016-01-G2", donor_id="other", amount="9000")
    book = built(a_project(), a_grant(), second, a_report(), a_report("KEN-2016-01-G2", amount="77"))
    assert cell(book, "expenditure", "*", "usd_granted") == 1000
    assert cell(book, "expenditure", "*", "usd_spent") == 400


def test_a_final_report_replaces_what_interim_reports_told() -> None:
    final = a_report(amount="950", type="final", period_end="2016-12-31", submitted_on="2017-02-01")
    book = built(a_project(), a_grant(), a_report(), final, until="2017-03-01")
    assert cell(book, "expenditure", "KEN-2016-01-G1", "spent") == 950


def test_a_missing_rate_is_told_on_the_first_sheet_and_leaves_the_figure_empty() -> None:
    book = built(a_project(), a_grant(currency="EUR", amount="1000.50"), a_grant("KEN-2016-01-G2"))
    assert "No exchange rate for EUR in 2016-01: 1 amount, 1,000.50 EUR" in alerts(book)
    assert cell(book, "expenditure", "KEN-2016-01-G1", "usd_granted") is None
    assert cell(book, "expenditure", "KEN-2016-01-G1", "usd_left") is None
    assert cell(book, "expenditure", "*", "usd_granted") == 1000
    assert cell(book, "expenditure", "*", "usd_left") is None
    assert cell(book, "in_money", "Spent_percent", "figure") is None


def test_money_spent_in_another_currency_without_a_rate_for_the_grants_own_is_told() -> None:
    book = built(a_project(), a_grant(currency="EUR"), a_report(), a_rate("EUR", "2016-01", "0.8"))
    assert "KEN-2016-01-G1: spent in another currency in 2016-06" in alerts(book)
    assert cell(book, "expenditure", "KEN-2016-01-G1", "spent") is None
    assert cell(book, "expenditure", "KEN-2016-01-G1", "usd_spent") == 400


def test_nothing_later_than_the_day_is_in_the_report() -> None:
    later = a_grant("KEN-2016-01-G2", signed="2016-07-01")
    milestone = {"name": "Review", "due": "2016-05-31", "completed": "2016-07-02"}
    book = built(a_project(milestones=[milestone]), a_grant(), later, a_report(), until="2016-06-30")
    assert cell(book, "in_money", "Grants", "figure") == 1
    assert cell(book, "expenditure", "*", "usd_spent") == 0
    assert cell(book, "milestones", "KEN-2016-01/0", "days_late") == 30


def test_milestones_are_on_time_late_overdue_or_ahead() -> None:
    milestones = [
        {"name": "a", "due": "2016-03-31", "completed": "2016-03-31"},
        {"name": "b", "due": "2016-03-31", "completed": "2016-04-10"},
        {"name": "c", "due": "2016-11-20"},
        {"name": "d", "due": "2016-12-31"},
        {"name": "told", "due": "2016-06-30"},
    ]
    book = built(a_project(milestones=milestones), a_grant(), a_report(milestones_completed=["told"]))
    states = [cell(book, "milestone-states", "*", state) for state in ("on_time", "late", "overdue", "ahead")]
    assert states == [2, 1, 1, 1]
    assert [cell(book, "milestones", f"KEN-2016-01/{n}", "days_late") for n in range(5)] == [None, 10, 10, None, None]
    assert cell(book, "milestones", "KEN-2016-01/4", "completed") == date(2016, 6, 30)


def test_a_report_past_its_due_date_is_overdue_until_it_comes_in_and_again_when_it_is_returned() -> None:
    def states(*reports: dict[str, Any]) -> list[Any]:
        book = built(a_project(), a_grant(), *reports)
        return [cell(book, "report-states", "*", state) for state in ("on_time", "late", "overdue", "ahead")]

    assert states() == [0, 0, 1, 1]
    assert states(a_report()) == [1, 0, 0, 1]
    assert states(a_report(submitted_on="2016-08-02")) == [0, 1, 0, 1]
    assert states(a_report(donor_status="returned")) == [0, 0, 1, 1]
    assert "1 report to the donor is overdue" in alerts(built(a_project(), a_grant()))


def test_an_approved_extension_moves_what_is_due_once_it_is_decided() -> None:
    grant = a_grant(reporting_rules={"rules": "un-default"})
    extension = {
        "kind": "extension", "project_code": "KEN-2016-01", "requested_on": "2016-10-01", "new_end": "2017-06-30",
        "reason": "rains", "decision": "approved", "decided_by": "A", "decided_on": "2016-10-15",
    }  # fmt: skip

    def final_due(until: str) -> Any:
        book = built(a_project(), grant, extension, until=until)
        owed = next(table for _, table in tables(book) if table.key == "owed")
        return next(row.cells[4] for row in owed.rows if row.cells[1] == "Final")

    assert final_due("2016-10-14") == date(2017, 3, 31)
    assert final_due("2016-10-15") == date(2017, 9, 28)


def test_reporting_rules_that_nobody_knows_are_told_and_stop_nothing() -> None:
    book = built(a_project(), a_grant(reporting_rules={"rules": "of-the-moon"}))
    assert "What is owed cannot be told" in alerts(book)
    assert cell(book, "expenditure", "*", "usd_granted") == 1000


@pytest.mark.parametrize("copy", ["internal", "donor"])
@pytest.mark.parametrize("donor", DONORS)
def test_every_number_of_the_sample_is_the_sum_of_its_parts(portfolio: Facts, donor: str, copy: str) -> None:
    book = REPORT.build(portfolio, {"donor_id": donor, "until": "2016-11-30", "copy": copy})
    numbers = list(explained_numbers(book))
    assert len(numbers) > 300
    assert [place for place, value, explained in numbers if value != explained] == []


@pytest.mark.parametrize("donor", DONORS)
def test_the_figures_of_the_sample_agree_with_a_count_of_their_own(portfolio: Facts, donor: str) -> None:
    book = REPORT.build(portfolio, {"donor_id": donor, "until": "2016-11-30", "copy": "internal"})
    rate = {
        (r.fields["currency"], r.fields["month"]): Decimal(r.fields["usd_rate"])
        for r in portfolio.kind("exchange_rate").values()
    }
    grants = [
        g.fields
        for g in portfolio.kind("grant").values()
        if g.fields["donor_id"] == donor and g.fields["signed"] <= "2016-11-30"
    ]
    dollars = sum(Decimal(g["amount"]) / rate.get((g["currency"], g["signed"][:7]), Decimal(1)) for g in grants)
    assert abs(Decimal(str(cell(book, "in_money", "Total_usd_granted", "figure"))) - dollars) <= Decimal("0.5")
    by_currency: dict[str, Decimal] = defaultdict(Decimal)
    for grant in grants:
        reports = [
            r.fields for r in portfolio.kind("progress_report").values() if r.fields["grant_id"] == grant["grant_id"]
        ]
        told = standing(reports, date(2016, 11, 30))
        assert all(report.fields["expenditure"]["currency"] == grant["currency"] for report in told)
        by_currency[grant["currency"]] += sum(Decimal(r.fields["expenditure"]["amount"]) for r in told)
    for currency, spent in by_currency.items():
        assert cell(book, "currencies", currency, "spent") == spent
    targets = [
        t["count"]
        for code in {g["project_code"] for g in grants}
        for t in portfolio.kind("project")[code].fields["targets"]
    ]
    assert cell(book, "projects", "*", "target") == sum(targets)


def test_very_many_grants_add_up_and_are_explained_as_well(portfolio: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(donor_money, "MOST_TOGETHER", 0)
    book = REPORT.build(portfolio, {"donor_id": DONORS[0], "until": "2016-11-30", "copy": "internal"})
    numbers = list(explained_numbers(book))
    assert [place for place, value, explained in numbers if value != explained] == []


def test_used_are_the_records_that_figures_come_from_and_no_others(portfolio: Facts) -> None:
    other = a_grant("KEN-2016-02-G1", donor_id="other")
    book = built(a_project(), a_project("KEN-2016-02"), a_grant(), other, a_report(), a_rate("EUR", "2016-01", "0.9"))
    used = {(fact.kind, fact.key) for fact in book.used}
    assert {("project", "KEN-2016-01"), ("grant", "KEN-2016-01-G1"), ("office", "KEN"), ("donor", "fund")} <= used
    assert not used & {("project", "KEN-2016-02"), ("grant", "KEN-2016-02-G1"), ("exchange_rate", "EUR/2016-01")}
    whole = REPORT.build(portfolio, {"donor_id": DONORS[0], "until": "2016-11-30", "copy": "internal"})
    explained = {
        (part.fact.kind, part.fact.key)
        for _, table in tables(whole)
        for row in table.rows
        for column in table.columns
        for part in (table.parts(row.key, column.key) if table.parts else ())
    }
    assert explained <= {(fact.kind, fact.key) for fact in whole.used}


def test_a_record_marks_the_issues_it_can_change_and_no_others() -> None:
    known = [
        {"donor_id": d, "until": u, "copy": "donor"} for d in ("fund", "other") for u in ("2016-06-30", "2016-12-31")
    ]

    def marked(kind: str, fields: dict[str, Any]) -> list[tuple[str, str]]:
        return [(p["donor_id"], p["until"]) for p in REPORT.affected(kind, fields, known)]

    assert marked("grant", a_grant(signed="2016-07-01")) == [("fund", "2016-12-31")]
    assert marked("progress_report", a_report()) == [("fund", "2016-12-31"), ("other", "2016-12-31")]
    assert marked("exchange_rate", {"currency": "EUR", "month": "2016-07"}) == [
        ("fund", "2016-12-31"),
        ("other", "2016-12-31"),
    ]
    assert len(marked("project", a_project())) == 4
    assert marked("donor", DONOR) == [("fund", "2016-06-30"), ("fund", "2016-12-31")]


def test_a_donor_without_a_grant_gets_a_workbook_that_says_so() -> None:
    book = built()
    assert "No grant of Example Fund was signed until 2016-11-30" in alerts(book)
    assert xlsx.render(complete(book, params={"donor_id": "fund", "until": "2016-11-30"}, base=None))


@pytest.mark.parametrize("lang", ["en", "fr", "es"])
def test_the_same_records_give_the_same_bytes_in_each_language(lang: str) -> None:
    params = {"donor_id": "fund", "until": "2016-11-30", "copy": "public", "lang": lang}
    records = (a_project(targets=[people(9)]), a_grant(), a_report(reached=[people(3)]))
    once, again = (
        xlsx.render(complete(built(*records, copy="public", lang=lang), params=params, base=None)) for _ in "12"
    )
    assert once == again


def test_a_day_is_given_as_year_month_and_day() -> None:
    assert REPORT.read({"donor_id": "fund", "until": "2016-11-30"})["until"] == "2016-11-30"
    with pytest.raises(ParameterError, match="give year, month and day"):
        REPORT.read({"donor_id": "fund", "until": "30.11.2016"})
