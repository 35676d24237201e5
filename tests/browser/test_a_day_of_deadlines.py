"""A day of deadlines in a real browser: an office puts a report off, asks for more time, and the reviewer decides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

OFFICE: Final = {"name": "focal.kaz@example.org", "offices": ("KAZ",)}
REGION: Final = "see_ee_central_asia"
PROJECT: Final = "KAZ-2016-02"
PLACES: Final = (
    "/notify/",
    "/notify/?view=calendar&month=2016-12",
    "/notify/extensions?status=",
    "/notify/reminders",
    "/notify/preferences",
    "/notify/admin?preview=1",
)
LOOKS: Final[dict[int, dict[str, Any]]] = {1440: {}, 360: {"dark": True, "language": "fr"}}
MOST_BYTES, MOST_REQUESTS = 150_000, 15


def open_report(page: Page) -> None:
    """From the list to the report that is due next."""
    page.goto(f"/notify/?project={PROJECT}&status=due_soon")
    page.locator("tbody th a").first.click()


def test_an_office_puts_a_report_off_without_javascript(page_as: Callable[..., Page]) -> None:
    page = page_as("focal_point", javascript=False, width=360, **OFFICE)
    open_report(page)
    page.get_by_label("No reminders until the end of this day").fill("2016-12-05")
    page.locator("#snooze-reason").fill("the partner's figures are late")
    page.get_by_role("button", name="Put it off").click()
    expect(page.get_by_role("status")).to_contain_text("The report is put off.")
    until = time.monotonic() + 60
    while "Put off until" not in page.locator(".history").inner_text() and time.monotonic() < until:
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".history")).to_contain_text("Put off until 5 December 2016 by focal.kaz@example.org.")


def test_more_time_is_asked_for_and_decided_and_the_page_follows_by_itself(page_as: Callable[..., Page]) -> None:
    page = page_as("focal_point", **OFFICE)
    open_report(page)
    page.get_by_label("New end").fill("2019-12-31")
    page.locator("#extension-reason").fill("floods closed the roads")
    page.get_by_role("button", name="Ask for more time").click()
    expect(page.locator("#story")).to_contain_text("Waiting for a decision", timeout=30_000)
    reviewer = page_as("reviewer", name="reviewer@example.org", regions=(REGION,))
    reviewer.goto(f"/notify/extensions?project={PROJECT}")
    reviewer.get_by_label("A word to whoever asked").fill("agreed")
    reviewer.get_by_label("A word to whoever asked").press("Tab")
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_role("status")).to_contain_text("The extension is approved.")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_of_deadlines_is_light_accessible_and_fits(
    look: int, page_as: Any, axe: Any, weigh: Any, shot: Any
) -> None:
    page = page_as("admin", width=look, **LOOKS[look])
    open_report(page)
    for place in (urlsplit(page.url).path, *PLACES):
        weight = weigh(page, place)
        assert weight.received <= MOST_BYTES, f"{place}: {weight.received} bytes"
        assert len(weight.addresses) <= MOST_REQUESTS, f"{place}: {weight.addresses}"
        assert page.evaluate("document.documentElement.scrollWidth") <= look, place
        assert axe(page) == [], place
        shot(page, place.strip("/").replace("/", "-").partition("?")[0])
