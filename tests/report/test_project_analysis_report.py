"""The projects of a year add up to the same money by every heading, and each figure knows its projects."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from muster_report import xlsx
from muster_report.about import complete
from muster_report.book import Book
from muster_report.facts import Facts
from muster_report.reports import donor, project_analysis_tables
from muster_report.reports.project_analysis import REPORT
from muster_report.reports.report import ParameterError
from report.money_facts import (
    a_grant,
    a_project,
    a_rate,
    a_report,
    alerts,
    cell,
    explained_numbers,
    facts_of,
    sample_records,
    tables,
)

KENYA = {"kind": "office", "office": "KEN", "name": "Kenya", "region": "east_horn_of_africa", "type": "country"}
PERU = {"kind": "office", "office": "PER", "name": "Peru", "region": "south_america", "type": "country"}
HEADINGS = ("areas", "activities", "markers", "regions")
SOFFICE = shutil.which("soffice")


def built(*records: dict[str, Any], year: str = "2016", copy: str = "internal", lang: str = "en") -> Book:
    return REPORT.build(facts_of([KENYA, PERU, *records]), {"year": year, "copy": copy, "lang": lang})


@pytest.fixture(scope="module")
def portfolio() -> Facts:
    return facts_of(sample_records())


def shares(**percents: int) -> list[dict[str, Any]]:
    return [{"code": code, "percent": percent} for code, percent in percents.items()]


def column(book: Book, table: str, key: str) -> list[Any]:
    found = next(block for _, block in tables(book) if block.key == table)
    at = [c.key for c in found.columns].index(key)
    return [row.cells[at] for row in found.rows if row.role == "body"]


def test_a_projects_money_is_divided_by_the_percent_of_its_areas() -> None:
    project = a_project(areas=shares(migration_health=70, migrant_assistance=30))
    book = built(project, a_grant(amount="500"), a_report(amount="200"))
    health = [cell(book, "areas", "migration_health", c) for c in ("projects", "budget", "granted", "spent")]
    assert health == [1, 700, 350, 140]
    assert [cell(book, "areas", "*", c) for c in ("projects", "budget", "granted", "spent")] == [1, 1000, 500, 200]


def test_thirds_of_a_dollar_add_up_by_areas_and_by_regions() -> None:
    thirds = {
        "budget": {"amount": "100", "currency": "EUR"},
        "areas": shares(migration_health=50, migrant_assistance=50),
    }
    records = [a_project(f"KEN-2016-0{n}", **thirds) for n in (1, 2, 3)] + [a_project("PER-2016-01", **thirds)]
    book = built(*records, a_rate("EUR", "2016-01", "3"))
    assert cell(book, "headline", "Budget_USD", "figure") == 133  # four times 33.33
    assert sum(column(book, "areas", "budget")) == sum(column(book, "regions", "budget")) == 133
    assert sum(column(book, "projects", "usd_budget")) == 133
    assert column(book, "areas-regions", "*") == column(book, "areas", "budget")
    by_area = [column(book, "areas-regions", f"in/{region}") for region in ("east_horn_of_africa", "south_america")]
    assert [sum(of) for of in by_area] == column(book, "regions", "budget")[:2]


def test_a_project_is_in_the_year_of_its_start_and_its_grants_in_the_year_they_were_signed() -> None:
    early = a_grant(signed="2015-12-20", amount="300")
    late = a_grant("KEN-2016-01-G2", signed="2017-02-01", amount="200")
    book = built(
        a_project(), a_project("KEN-2017-01", start="2017-01-01"), early, late, a_report("KEN-2016-01-G2", "50")
    )
    assert cell(book, "headline", "Projects", "figure") == 1
    assert [cell(book, "funding-years", "2015", c) for c in ("grants", "granted", "spent")] == [1, 300, None]
    assert [cell(book, "funding-years", "2017", c) for c in ("grants", "granted", "spent")] == [1, 200, 50]


def test_projects_not_endorsed_yet_are_told_by_status_and_are_in_no_total() -> None:
    book = built(a_project(), a_project("KEN-2016-02", status="draft"), a_project("KEN-2016-03", status="cancelled"))
    assert cell(book, "headline", "Budget_USD", "figure") == 1000
    assert [cell(book, "statuses", status, "projects") for status in ("active", "draft", "cancelled")] == [1, 1, 1]
    assert column(book, "statuses", "counted") == ["counted", "", ""]
    waiting = built(a_project(status="submitted"))
    assert "No project counts yet: 1 project of this year is in preparation" in alerts(waiting)


def test_money_is_tracked_by_gender_marker_and_a_project_without_one_is_told_apart() -> None:
    book = built(a_project(gender_marker=4), a_project("KEN-2016-02", gender_marker=None), a_report(amount="40"))
    assert [cell(book, "markers", "4", c) for c in ("projects", "budget", "spent")] == [1, 1000, 40]
    assert [cell(book, "markers", "", c) for c in ("label", "projects", "spent")] == ["Not stated", 1, None]


def test_shares_that_do_not_sum_to_100_are_told_on_the_first_sheet_and_the_totals_still_hold() -> None:
    book = built(a_project(areas=shares(migration_health=60, migrant_assistance=30)))
    assert "The areas of these projects do not sum to 100 percent" in alerts(book)
    assert cell(book, "areas", "", "budget") == 100
    assert sum(column(book, "areas", "budget")) == cell(book, "areas", "*", "budget") == 1000


def test_a_missing_rate_is_told_on_the_first_sheet_with_what_stays_out() -> None:
    book = built(a_project(), a_project("KEN-2016-02", budget={"amount": "77.70", "currency": "XOF"}))
    assert "No exchange rate for XOF in 2016-01: 1 amount, 77.70 XOF" in alerts(book)
    assert cell(book, "headline", "Budget_USD", "figure") == 1000
    assert cell(book, "projects", "KEN-2016-02", "usd_budget") is None


def test_an_office_without_a_record_leaves_its_region_not_stated_and_says_so() -> None:
    book = built(a_project("UGA-2016-01"))
    assert "The region of these projects is not known" in alerts(book)
    assert cell(book, "regions", "", "budget") == 1000


@pytest.mark.parametrize("year", ["2014", "2015", "2016", "2017"])
def test_every_heading_of_the_sample_sums_to_the_grand_total(portfolio: Facts, year: str) -> None:
    book = REPORT.build(portfolio, {"year": year, "copy": "internal"})
    assert alerts(book) == ""
    counted = [
        project.fields
        for project in portfolio.kind("project").values()
        if project.fields["start"][:4] == year
        and project.fields["status"] in {"endorsed", "active", "completed", "closed"}
    ]
    budget = sum(Decimal(project["budget"]["amount"]) for project in counted)
    codes = {project["project_code"] for project in counted}
    rate = {key: Decimal(fact.fields["usd_rate"]) for key, fact in portfolio.kind("exchange_rate").items()}
    granted = sum(
        Decimal(grant.fields["amount"])
        / rate.get(f"{grant.fields['currency']}/{grant.fields['signed'][:7]}", Decimal(1))
        for grant in portfolio.kind("grant").values()
        if grant.fields["project_code"] in codes
    )
    assert abs(cell(book, "headline", "Budget_USD", "figure") - budget) <= Decimal("0.5")  # type: ignore[operator]
    assert abs(cell(book, "headline", "Granted_USD", "figure") - granted) <= Decimal("0.5")  # type: ignore[operator]
    assert cell(book, "headline", "Projects", "figure") == len(counted)
    for measure, name in (("budget", "Budget_USD"), ("granted", "Granted_USD"), ("spent", "Spent_USD")):
        total = cell(book, "headline", name, "figure")
        for heading in HEADINGS:
            assert sum(value or 0 for value in column(book, heading, measure)) == total
        assert sum(value or 0 for value in column(book, "projects", f"usd_{measure}")) == total


@pytest.mark.parametrize("year", ["2015", "2016"])
def test_every_number_of_the_sample_is_the_sum_of_its_parts(portfolio: Facts, year: str) -> None:
    book = REPORT.build(portfolio, {"year": year, "copy": "internal"})
    numbers = list(explained_numbers(book))
    assert len(numbers) > 300
    assert [place for place, value, explained in numbers if value != explained] == []
    explained_by = {
        (part.fact.kind, part.fact.key)
        for _, table in tables(book)
        for row in table.rows
        for of in table.columns
        for part in (table.parts(row.key, of.key) if table.parts else ())
    }
    assert explained_by <= {(fact.kind, fact.key) for fact in book.used}


def test_a_difference_between_sheets_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_analysis_tables, "rounded_list", lambda values, _: [int(value) for value in values])
    thirds = [
        a_project(f"KEN-2016-0{n}", budget={"amount": "0.90", "currency": "USD"}, gender_marker=n) for n in (1, 2)
    ]
    book = built(*thirds)
    assert "Sheets do not add up to the same total" in alerts(book)
    assert cell(book, "reconciliation", "-markers", "budget") == -2


def test_a_project_marks_the_year_of_its_start_and_its_money_the_years_asked_for() -> None:
    known = [{"year": year, "copy": "internal"} for year in ("2015", "2016")]
    assert list(REPORT.affected("project", a_project(), known)) == [{"year": "2016"}]
    assert list(REPORT.affected("grant", a_grant(), known)) == [{"year": "2015"}, {"year": "2016"}]


def test_a_year_without_projects_gets_a_workbook_that_says_so() -> None:
    book = built(a_project(), year="1999")
    assert "No project starts in 1999" in alerts(book)
    assert book.used == ()
    with pytest.raises(ParameterError, match="is not a year"):
        REPORT.read({"year": "99"})


@pytest.fixture(scope="module")
def workbooks(portfolio: Facts, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder, made = tmp_path_factory.mktemp("workbooks"), []
    asked = [
        (REPORT, {"year": "2017", "copy": "donor", "lang": "fr"}),
        (
            donor.REPORT,
            {"donor_id": "example-alpine-directorate", "until": "2016-11-30", "copy": "donor", "lang": "es"},
        ),
    ]
    for number, (report, params) in enumerate(asked):
        once, again = (
            xlsx.render(complete(report.build(portfolio, params), params=params, base=None)) for _ in range(2)
        )
        assert once == again
        made.append(folder / f"book-{number}.xlsx")
        made[-1].write_bytes(once)
    return made


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed here")
def test_libreoffice_opens_the_workbooks(workbooks: list[Path], tmp_path: Path) -> None:
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    printed = [str(SOFFICE), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*printed, *map(str, workbooks)], check=True, capture_output=True, timeout=110)
    assert all((tmp_path / f"{path.stem}.pdf").stat().st_size > 5000 for path in workbooks)
