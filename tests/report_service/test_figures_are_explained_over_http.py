"""A figure leads to the records, the submissions and the cells it came from, and its parts add up to it."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

import factories
from reporting import FUNDING, Reporting
from workbook_making import cells_of_record, workbook
from workbook_reading import cell

PATH = f"/reports/{FUNDING}/explain"
TOTAL = {"year": "2016", "sheet": "Overview"}


@pytest.fixture
def uploaded(muster: Reporting) -> Reporting:
    """Kenya sent its figure as a workbook, Uganda as JSON."""
    book = workbook({"funding_requirement": cells_of_record(factories.requirement("KEN", amount="760000.5"))})
    answer = muster.ingest.client.post(
        "/ingest/v1/workbooks?office=KEN",
        data={"file": (BytesIO(book), "Kenya 2016.xlsx")},
        headers=muster.ingest.headers,
    )
    assert answer.status_code == 201, answer.text
    muster.settle()
    return muster


def explained(muster: Reporting, **asked: str) -> dict[str, Any]:
    answer = muster.report.get(PATH, **{**TOTAL, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def the_total(muster: Reporting) -> str:
    """The cell of the grand total, found in the workbook itself."""
    for row in range(4, 30):
        for letter in "BCDEFGHIJKLMNO":
            found = cell(muster.report.latest(FUNDING, year="2016"), "Overview", f"{letter}{row}")
            if found == Decimal("1010000.5") or found == 1010000.5:
                return f"{letter}{row}"
    raise AssertionError("the total is not on the overview")


def test_a_total_leads_to_every_record_and_the_cell_it_stood_in(uploaded: Reporting) -> None:
    told = explained(uploaded, cell=the_total(uploaded))
    assert (told["value"], told["sum"]) == ("1010000.5", "1010000.5")
    kenya, uganda = sorted(told["parts"], key=lambda part: part["key"])
    assert (kenya["key"], kenya["value"], kenya["revision"]) == ("2016/KEN/migration_health", "760000.5", 2)
    assert (kenya["receipt"], kenya["sheet"], kenya["cell"]) == ("KEN-000001", "funding_requirement", "D2")
    assert (uganda["value"], uganda["cell"], uganda["pointer"]) == ("250000", None, "/records/5/amount")


def test_an_earlier_issue_is_explained_by_what_held_then(uploaded: Reporting) -> None:
    place = the_total(uploaded)
    issue = uploaded.report.issues(FUNDING, year="2016")[0]
    uploaded.submit(factories.requirement("KEN", amount="1"), code="KEN")
    uploaded.settle()
    assert explained(uploaded, cell=place)["sum"] == "250001"
    assert explained(uploaded, cell=place, issue=issue["issue_id"])["sum"] == "1010000.5"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"cell": "A1"}, 404),
        ({"cell": "ZZ99"}, 404),
        ({"cell": "D14; DROP"}, 422),
        ({}, 422),
        ({"cell": "D9", "sheet": "Nowhere"}, 404),
        ({"cell": "D9", "issue": "x"}, 404),
        ({"cell": "D9", "issue": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_what_is_no_figure_is_refused(uploaded: Reporting, asked: dict[str, str], status: int) -> None:
    assert uploaded.report.get(PATH, **{**TOTAL, **asked}).status_code == status


def test_a_donor_is_not_told_what_figures_are_made_of(uploaded: Reporting) -> None:
    assert uploaded.report.get(PATH, "donor", **TOTAL, cell="D9").status_code == 403
