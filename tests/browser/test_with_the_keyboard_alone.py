"""Without a mouse: Tab reaches everything that can be used and shows where it is; following, comparing, storing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

FUNDING: Final = "/report/reports/funding-requirements?year=2016"
PROJECTS: Final = "/report/reports/projects"
PROJECT: Final = "/ingest/projects/ERI-2014-01"
PAGES: Final = (
    *("/ingest/", "/ingest/upload", "/ingest/submissions", "/ingest/projects", PROJECT, f"{PROJECT}/compare"),
    *("/ingest/records/project/ERI-2014-01", "/ingest/review", "/ingest/admin", "/ingest/admin/users/new"),
    *("/report/", FUNDING, "/report/calendar", "/report/figures/funding", "/report/figures/map"),
    *("/notify/", "/notify/?view=calendar", "/notify/extensions", "/notify/reminders", "/notify/preferences"),
)
MOST_STEPS: Final = 900
PATIENT: Final = 30_000  # milliseconds: the machine may be busy with other tests

# What can be used by hand, marked: of radio buttons with one name one is a stop of Tab, and the countries of a map,
# which stand in its table as well, are none.
_MARK: Final = """() => {
  const fields = "input:not([type=hidden]):not([type=radio]), select, textarea";
  const usable = `a[href], button, summary, [tabindex='0'], ${fields}`;
  const shown = [...document.querySelectorAll(usable)]
    .filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0);
  shown.forEach((each, at) => { each.dataset.at = at; });
  return shown.length;
}"""
_HERE: Final = """() => {
  const here = document.activeElement;
  const outline = getComputedStyle(here);
  return [here.dataset.at ?? "", here.ariaLabel || here.innerText || here.name || here.tagName,
    outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) > 0];
}"""


def go_to(page: Page, text: str) -> None:
    """Press Tab until what is written on the link or button is in hand."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if text in str(page.evaluate(_HERE)[1]):
            return
    raise AssertionError(f"Tab does not reach '{text}'")


@pytest.mark.parametrize("path", PAGES)
def test_tab_reaches_everything_and_shows_where_it_is(path: str, page_as: Callable[..., Page]) -> None:
    page = page_as("admin")
    page.goto(path, wait_until="networkidle")
    wanted = {str(number) for number in range(page.evaluate(_MARK))}
    assert wanted
    unseen = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        at, text, is_seen = page.evaluate(_HERE)
        if at in wanted:
            wanted.remove(at)
            unseen += [] if is_seen else [text]
        if not wanted:
            break
    left = [page.locator(f"[data-at='{at}']").evaluate("each => each.outerHTML.slice(0, 120)") for at in wanted]
    assert left == []
    assert unseen == []


def test_a_report_is_followed_and_two_issues_are_compared(site: Any, page_as: Callable[..., Page]) -> None:
    page = page_as("analyst", name="keyboard@example.org")
    manager = page_as("admin")
    assert manager.request.get("/report/v1/reports/projects/latest.xlsx").ok  # whoever asks first has it made
    corrected(manager)
    site.wait_until_settled()
    page.goto(PROJECTS, wait_until="networkidle")
    go_to(page, "Follow it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You follow it")).to_be_visible(timeout=PATIENT)
    page.goto(PROJECTS, wait_until="networkidle")
    go_to(page, "Show what differs")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/report/compare"))
    expect(page.get_by_role("link", name="The other way round")).to_be_visible()


def corrected(page: Page) -> None:
    """The objectives of a project are written anew, so that its reports are."""
    page.goto("/ingest/records/project/ERI-2014-01")
    go_to(page, "Correct: Objectives")
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Objectives")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Families choose where they live.")
    go_to(page, "Store")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Families choose where they live.")).to_be_visible(timeout=PATIENT)


def test_a_document_is_added_and_read_again(page_as: Callable[..., Page], tmp_path: Path) -> None:
    plan = tmp_path / "work-plan.txt"
    plan.write_text("What we do in spring.", encoding="utf-8")
    page = page_as("admin")
    page.goto(PROJECT, wait_until="networkidle")
    go_to(page, "Add a document or a new version of one")
    page.keyboard.press("Enter")
    page.locator("input[type=file]").set_input_files(plan)  # the system's own window, which no test can use
    go_to(page, "Store the document")
    page.keyboard.press("Enter")
    stored = page.get_by_role("link", name="work-plan.txt")
    expect(stored).to_be_visible(timeout=PATIENT)
    assert page.request.get(str(stored.get_attribute("href"))).text() == "What we do in spring."
