"""Figures in a browser: from the map to an office, and back by an address that shows the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

PAGES: Final = ("map?of=reached", "funding", "overdue")


def test_pages_of_figures_are_light_and_accessible_with_everything_opened(
    page_as: Callable[..., Page], axe: Callable[[Page], list[str]], weigh: Callable[..., Any], shot: Any
) -> None:
    page = page_as("analyst")
    for path in PAGES:
        weight = weigh(page, f"/report/figures/{path}")
        assert weight.received <= 150_000, f"{path}: {weight.received} bytes"
        assert len(weight.addresses) <= 15, weight.addresses
        page.evaluate("document.querySelectorAll('section details').forEach((part) => { part.open = true })")
        assert axe(page) == [], path
        shot(page, f"figures-{path.partition('?')[0]}")


def test_a_country_of_the_map_leads_to_the_figures_of_its_office(page_as: Callable[..., Page], site: Any) -> None:
    page = page_as("analyst")
    page.goto(f"{site.address}/report/figures/map?of=required&year=2016")
    page.locator("table a", has_text="Kenya").click()
    assert page.locator("main h1").inner_text() == "Funding"
    assert page.locator("#filter-office").input_value() == "KEN"
    drawn = page.locator("#areas svg[role]").text_content()
    page.get_by_role("link", name="Address of exactly these figures").click()
    assert "at=" in page.url
    assert page.locator("#areas svg[role]").text_content() == drawn
