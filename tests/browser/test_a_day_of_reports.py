"""A day of reports in a real browser: an analyst asks where a figure comes from and releases; a donor reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

FUNDING: Final = "/report/reports/funding-requirements?year=2016"
DONOR: Final = "example-development-fund"
OWED: Final = f"/report/reports/donor?donor_id={DONOR}&until=2016-11-30&copy=donor"
MOST_BYTES, MOST_REQUESTS = 150_000, 15
AS_READ: Final = ("/report/calendar", "/report/calendar/schedules/donor", FUNDING, "/report/reports/donor")

Weigh = Callable[[Page, str], Any]
Check = Callable[[Page], list[str]]


def is_light_and_accessible(page: Page, path: str, weigh: Weigh, axe: Check) -> None:
    weight = weigh(page, path)
    assert weight.received <= MOST_BYTES, f"{path}: {weight.received} bytes"
    assert len(weight.addresses) <= MOST_REQUESTS, f"{path}: {weight.addresses}"
    assert axe(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"


def test_an_analyst_asks_a_figure_where_it_comes_from(
    page_as: Callable[..., Page], weigh: Weigh, axe: Check, shot: Any
) -> None:
    page = page_as("analyst")
    page.goto("/report/")
    page.get_by_role("link", name="Year 2016 · for the house", exact=True).first.click()
    page.get_by_role("link", name="Read", exact=True).first.click()
    reading = page.url
    figure = page.locator("td a", has_text="1,946,969,000").first
    figure.focus()
    page.keyboard.press("Enter")
    beside = page.locator("#explanation")
    expect(beside).to_contain_text("records add up to it, the biggest first", timeout=30_000)
    assert page.url == reading, "it is told beside the table"
    assert axe(page) == []
    shot(page, "beside")
    page.keyboard.press("Escape")
    expect(beside).to_be_hidden()
    assert figure.evaluate("link => link === document.activeElement")
    for path in AS_READ:
        is_light_and_accessible(page, path, weigh, axe)
    narrow = page_as("analyst", width=360, dark=True, language="fr", javascript=False)
    narrow.goto(reading)
    narrow.locator("td a", has_text="28").first.click()
    expect(narrow.locator("h1")).to_contain_text("vient un chiffre")


def test_an_analyst_releases_without_javascript_and_the_donor_reads(
    page_as: Callable[..., Page], weigh: Weigh, axe: Check, shot: Any
) -> None:
    page = page_as("analyst", javascript=False)
    page.goto(OWED)
    page.get_by_role("button", name="Make it now").click()
    for _ in range(60):
        if page.get_by_role("link", name="To the report").count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Look again").click()
    page.get_by_role("link", name="To the report").click()
    page.get_by_role("link", name="Checklist and release").click()
    page.get_by_label("Note").fill("Looked at with the office.")
    page.get_by_label("I have looked at the points above.").check()
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".alert.good")).to_contain_text("Looked at with the office.")
    donor = page_as("donor", donor=DONOR, width=360, dark=True)
    donor.goto("/report/")
    donor.get_by_role("link", name="Read", exact=True).first.click()
    expect(donor.locator("td a")).to_have_count(0)
    is_light_and_accessible(donor, donor.url, weigh, axe)
    shot(donor, "donor")
    is_light_and_accessible(donor, "/report/", weigh, axe)


def test_every_sheet_of_the_longest_report_is_light(page_as: Callable[..., Page], weigh: Weigh, axe: Check) -> None:
    page = page_as("admin", width=768)
    assert page.request.get("/report/v1/reports/projects/latest.xlsx").ok  # whoever asks first has it made
    page.goto("/report/reports/projects")
    page.get_by_role("link", name="Read", exact=True).first.click()
    sheets = [str(link.get_attribute("href")) for link in page.locator(".tabs a").all()]
    assert len(sheets) > 5
    for sheet in sheets:
        weight = weigh(page, sheet)
        assert weight.received <= MOST_BYTES, f"{sheet}: {weight.received} bytes"
    is_light_and_accessible(page, sheets[1], weigh, axe)
    is_light_and_accessible(page, "/report/admin", weigh, axe)
