"""A focal point's day: from the reminder in the mailbox to the figure in the statistics, and what else is owed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from arriving import Mailbox, links_of, sign_in
from chaos.running import eventually

WHO: Final = "abena.diallo@example.org"
OFFICE: Final = "MOZ"
OWED: Final = "MOZ-2016-01"
PATIENT: Final = 30_000  # milliseconds: the machine may be busy with other tests
REPORT: Final[dict[str, Any]] = {
    "project_code": OWED,
    "grant_id": f"{OWED}-G1",
    "type": "interim",
    "period_start": date(2016, 8, 1),
    "period_end": date(2016, 10, 31),
    "submitted_on": date(2016, 11, 30),
    "expenditure.amount": 152000,
    "expenditure.currency": "USD",
    "reached.group": "returnees",
    "reached.sex": "female",
    "reached.age_min": 18,
    "reached.age_max": 59,
    "reached.count": 137,
    "summary": "Two cooperatives began to sell.",
}
MISTAKES: Final = {"period_end": "31.10.2O16", "expenditure.currency": "US$", "reached.count": -137}

Shot = Callable[[Page, str], None]


def filled_in(book: Path, row: int | None = None, **values: Any) -> int:
    """Write values into a row of the sheet of progress reports, found by their field names; its number."""
    workbook = load_workbook(book)
    sheet = workbook["progress_report"]
    at = {cell.value: number for number, cell in enumerate(sheet[2], start=1)}
    row = row or next(n for n in range(3, sheet.max_row + 2) if sheet.cell(n, 1).value is None)
    for field, value in values.items():
        sheet.cell(row, at[field]).value = value
    workbook.save(book)
    return row


def saved(page: Page, link: Any, folder: Path) -> Path:
    """What a link of a page leads to, as the browser saves it."""
    with page.expect_download() as download:
        link.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def asks_for_the_statistics(page: Page) -> None:
    """The first who asks for a year has its report made, and watches it being made."""
    page.goto("/report/")
    card = page.locator("#beneficiaries")
    card.get_by_text("Open with other parameters").click()
    card.get_by_label("Year").fill("2016")
    card.get_by_role("button", name="Open").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("link", name="Read", exact=True).first).to_be_visible(timeout=2 * PATIENT)


def reached_in_the_statistics(page: Page) -> int:
    """The people of Mozambique in the newest issue, read by somebody who clicks from Reports to its sheet."""
    page.goto("/report/")
    page.locator("#beneficiaries .current a", has_text="Year 2016").first.click()
    page.get_by_role("link", name="Read", exact=True).first.click()
    page.get_by_role("navigation", name="Sheets").get_by_role("link", name="By office").click()
    figures = page.locator("tbody tr", has_text="Mozambique").locator("td")
    told: list[str] = figures.all_inner_texts()
    return int(re.sub(r"\D", "", told[-2]))


def asks_where_it_comes_from(page: Page, row: int, shot: Shot) -> None:
    """The figure leads to the very cell of the workbook that was sent a minute ago."""
    page.locator("tbody tr", has_text="Mozambique").locator("td a").nth(-2).click()
    expect(page.locator("#explanation")).to_contain_text(f"progress_report!M{row}", timeout=PATIENT)
    shot(page, "7-statistics")


def comes_from_the_mail(page: Page, box: Mailbox, shot: Shot) -> None:
    """The button of the mail leads, through signing in, to the page to hand the report in at."""
    reminder = next(letter for letter in box.letters() if "3 reports owed" in str(letter["Subject"]))
    page.goto(next(link for link in links_of(reminder) if "/ingest/upload" in link))
    expect(page.locator("h1")).to_have_text("Sign in first")
    shot(page, "1-not-signed-in")
    page.get_by_role("link", name="Sign in", exact=True).click()
    shot(page, "2-sign-in")
    sign_in(page, box)
    expect(page.locator("h1")).to_have_text("Upload a workbook")
    expect(page.get_by_label("Office", exact=True).first).to_have_value(OFFICE)


def sees_what_is_owed(page: Page, shot: Shot) -> None:
    page.get_by_role("link", name="Home", exact=True).click()
    deadlines = page.get_by_role("region", name="My deadlines")
    expect(deadlines.get_by_text(OWED).first).to_be_visible(timeout=PATIENT)
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=PATIENT)
    shot(page, "3-home")


def sends_a_workbook_with_mistakes(page: Page, folder: Path, shot: Shot) -> tuple[Path, int]:
    """The annotated workbook, and the row that is wrong in it."""
    page.goto(f"/ingest/upload?office={OFFICE}")
    template = saved(page, page.get_by_role("link", name="Progress reports", exact=True), folder)
    row = filled_in(template, **REPORT | MISTAKES)
    page.set_input_files("#file", template)
    page.get_by_role("button", name="Check what would change").click()
    expect(page.locator("td.marked")).to_have_count(len(MISTAKES), timeout=PATIENT)
    expect(page.locator("td.marked", has_text="31.10.2O16")).to_be_visible()
    shot(page, "4-wrong-cells")
    annotated = saved(page, page.get_by_role("link", name="Your workbook with every error in its cell"), folder)
    pinned = [cell for cell in load_workbook(annotated)["progress_report"][row] if cell.comment]
    assert len(pinned) == len(MISTAKES)
    return annotated, row


def corrects_the_same_file_and_accepts(page: Page, annotated: Path, row: int, shot: Shot) -> None:
    filled_in(annotated, row, **{field: REPORT[field] for field in MISTAKES})
    page.get_by_role("link", name="Upload the corrected one").click()
    page.set_input_files("#file", annotated)
    page.get_by_role("button", name="Check what would change").click()
    expect(page.get_by_text("Nothing is stored yet.")).to_be_visible(timeout=PATIENT)
    expect(page.locator(".tile", has_text="New").locator("b")).to_have_text("1")
    expect(page.locator(".tile", has_text="Withdrawn").locator("b")).to_have_text("0")
    shot(page, "5-what-would-change")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Accepted. This is the receipt.")).to_be_visible(timeout=PATIENT)
    expect(page.locator("h1")).to_have_text(re.compile(rf"^Submission {OFFICE}-\d{{6}}$"))
    shot(page, "6-receipt")


def opens_of_the_project(page: Page, project: str, due: str) -> None:
    """From Deadlines to one report of a project."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Deadlines").click()
    page.get_by_role("textbox", name="Project").fill(project)
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator("tbody tr", has_text=due).get_by_role("link").first.click()


def acknowledges_and_snoozes_another(page: Page, shot: Shot) -> None:
    opens_of_the_project(page, OWED, "2 Dec 2016")
    page.get_by_label("A word to the others").fill("the accountant closes the books today")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("status").first).to_contain_text("Receipt")
    expect(page.locator("#story")).to_contain_text("the accountant closes the books today", timeout=PATIENT)
    page.get_by_label("No reminders until the end of this day").fill("2016-12-01")
    page.locator("#snooze-reason").fill("the bank statement comes on Thursday")
    page.get_by_role("button", name="Put it off").click()
    expect(page.locator("#story")).to_contain_text("Put off until 1 December 2016", timeout=PATIENT)
    shot(page, "8-deadline")


def asks_for_more_time(page: Page, shot: Shot) -> None:
    page.get_by_label("New end").fill("2017-12-31")
    page.locator("#extension-reason").fill("the cyclone closed the roads for two months")
    page.get_by_role("button", name="Ask for more time").click()
    expect(page.locator("#story")).to_contain_text("Waiting for a decision", timeout=PATIENT)
    page.get_by_role("link", name="Requests for more time").first.click()
    expect(page.locator(".card", has_text=OWED)).to_contain_text("the cyclone closed the roads")
    shot(page, "9-more-time")


def the_report_is_in(page: Page) -> bool:
    page.goto(f"/notify/?project={OWED}&status=submitted")
    return page.locator("tbody tr", has_text="30 Nov 2016").count() > 0


def test_day_of_a_focal_point(site: Any, arrive: Callable[..., Any], shot: Shot, tmp_path: Path) -> None:
    page, box = arrive(WHO, "focal_point", name="Abena Diallo", offices=[OFFICE])
    comes_from_the_mail(page, box, shot)
    asks_for_the_statistics(page)
    before = reached_in_the_statistics(page)
    sees_what_is_owed(page, shot)
    annotated, row = sends_a_workbook_with_mistakes(page, tmp_path, shot)
    corrects_the_same_file_and_accepts(page, annotated, row, shot)
    eventually(
        lambda: reached_in_the_statistics(page) == before + REPORT["reached.count"], "the new figure", 60, pause=1
    )
    asks_where_it_comes_from(page, row, shot)
    eventually(lambda: the_report_is_in(page), "the report counts as handed in", 30, pause=0.5)
    acknowledges_and_snoozes_another(page, shot)
    asks_for_more_time(page, shot)
