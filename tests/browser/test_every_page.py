"""Every page that a person's navigation leads to: found, light, reachable by keyboard, and nothing axe-core minds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from muster_shared.auth import Caller
from muster_shared.pages.navigation import open_to

PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "focal_point": {"offices": ("KEN",)},
    "project_manager": {"offices": ("KEN",)},
    "reviewer": {"regions": ("RO-east_horn_of_africa",)},
    "analyst": {},
    "donor": {"donor": "D-0001"},
    "admin": {},
}
MOST_BYTES, MOST_REQUESTS = 150_000, 15


@pytest.mark.parametrize("role", PEOPLE)
def test_every_place_of_the_navigation_is_there_light_and_accessible(
    role: str, page_as: Callable[..., Page], axe: Callable[[Page], list[str]], weigh: Callable[..., Any], shot: Any
) -> None:
    page = page_as(role, **PEOPLE[role])
    for place in open_to(Caller("", role)):
        weight = weigh(page, place.href)
        assert page.locator("main h1").count() == 1, place.href
        assert weight.received <= MOST_BYTES, f"{place.href}: {weight.received} bytes"
        assert len(weight.addresses) <= MOST_REQUESTS, f"{place.href}: {weight.addresses}"
        hosts = {urlsplit(address).netloc for address in weight.addresses if address.startswith("http")}
        assert len(hosts) == 1, hosts
        assert axe(page) == [], place.href
        shot(page, place.name.lower())
        page.emulate_media(media="print")
        assert page.locator(".top, main button, main .button").filter(visible=True).count() == 0, place.href
        page.emulate_media(media="screen")


def test_the_first_tab_leads_past_the_navigation(page_as: Callable[..., Page]) -> None:
    page = page_as("analyst", dark=True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")
