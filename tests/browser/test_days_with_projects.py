"""A reviewer's morning and a manager's look at a project, in a real browser, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

MOST_BYTES, MOST_REQUESTS = 150_000, 15
PROJECT: Final = "/ingest/projects/ERI-2014-01"
PAGES: Final = (PROJECT, f"{PROJECT}/compare", "/ingest/search?q=mobilty+adaptaton", "/ingest/bookmarks")


@pytest.mark.parametrize("look", [{"width": 360, "dark": True}, {"width": 1440}], ids=["phone", "desk"])
def test_the_pages_of_a_project_are_light_accessible_and_as_wide_as_the_screen(
    look: dict[str, Any],
    page_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    weigh: Callable[..., Any],
    shot: Any,
) -> None:
    page = page_as("admin", **look)
    for path in PAGES:
        weight = weigh(page, path)
        page.evaluate("document.querySelectorAll('details:not(.me)').forEach((each) => { each.open = true; })")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
        assert weight.received <= MOST_BYTES, f"{path}: {weight.received} bytes"
        assert len(weight.addresses) <= MOST_REQUESTS, f"{path}: {weight.addresses}"
        shot(page, f"project{path.partition('?')[0].replace('/', '-')}")


@pytest.mark.parametrize(("scripts", "region"), [("on", "asia_pacific"), ("off", "south_america")])
def test_a_reviewer_compares_and_returns_a_project(scripts: str, region: str, page_as: Callable[..., Page]) -> None:
    page = page_as("reviewer", name="rev@example.org", regions=(region,), javascript=scripts == "on")
    page.goto("/ingest/")
    page.locator(".card a[href$='/compare']").first.click()
    expect(page.locator("h1")).to_contain_text("what changed")
    page.goto("/ingest/review")
    waiting = page.locator(".cards > .card")
    count = waiting.count()
    assert count
    code = str(waiting.first.locator("summary").first.text_content()).partition(": ")[2]
    waiting.first.locator("summary").first.click()
    waiting.first.get_by_label("Return with comments").fill("Say who reaches the last village.")
    waiting.first.get_by_role("button", name="Return with comments").click()
    expect(page).to_have_url(re.compile("/ingest/review$"))
    expect(page.locator(".cards > .card")).to_have_count(count - 1)
    page.goto(f"/ingest/projects/{code}#workflow")
    expect(page.get_by_text("Say who reaches the last village.")).to_be_visible()
