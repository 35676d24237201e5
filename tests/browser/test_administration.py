"""Administration in a real browser: parts of every service on one page, and accounts, without a fault for axe-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

MOST_BYTES, MOST_REQUESTS = 150_000, 15
PAGES: Final = ("", "/jobs", "/audit?verify=1", "/users/new", "/tokens", "/handover")


def test_every_page_of_administration_is_whole_light_and_accessible(
    page_as: Callable[..., Page], axe: Callable[[Page], list[str]], weigh: Callable[..., Any], shot: Any
) -> None:
    page = page_as("admin", name="root@example.org")
    for path in PAGES:
        weight = weigh(page, f"/ingest/admin{path}")
        assert page.locator("[aria-busy]").count() == 0, f"{path}: a part was not filled in"
        assert page.locator("main .alert:not(.good)").count() == 0, (
            f"{path}: {page.locator('main .alert').all_inner_texts()}"
        )
        assert weight.received <= MOST_BYTES, f"{path}: {weight.received} bytes"
        assert len(weight.addresses) <= MOST_REQUESTS, weight.addresses
        assert axe(page) == [], path
        shot(page, path.strip("/").partition("?")[0] or "overview")
    page.goto("/ingest/admin")
    expect(page.locator("section.card")).to_have_count(3)
    expect(page.locator("section.card .badge.bad")).to_have_count(0)


def test_an_account_is_made_and_closed_and_a_token_is_shown_once(
    page_as: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Any
) -> None:
    page = page_as("admin", name="root@example.org", javascript=False)
    page.goto("/ingest/admin/users/new")
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_label("Name", exact=True).fill("New Person")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Role")).to_have_attribute("aria-invalid", "true")
    shot(page, "wrong")
    page.get_by_label("Offices").select_option("KEN")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("status")).to_contain_text("The person was added")
    page.get_by_role("button", name="Close the account").click()
    expect(page.locator("dl .badge.idle")).to_have_text("closed")
    page.goto("/ingest/me")
    page.get_by_label("Title").fill("a script")
    page.get_by_role("button", name="Make the token").click()
    assert page.get_by_label("a script").input_value().count(".") == 2
    shot(page, "token")
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("button", name="Take back: a script").click()
    expect(page.get_by_role("status")).to_contain_text("opens nothing any more")


def test_errors_are_pages_also_where_no_service_answers(
    page_as: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = page_as("analyst", language="fr", dark=True)
    for path, heading in (("/ingest/admin", "Ceci ne vous est pas ouvert"), ("/nowhere", "There is nothing here")):
        page.goto(path)
        expect(page.locator("h1")).to_have_text(heading)
        assert axe(page) == [], path
