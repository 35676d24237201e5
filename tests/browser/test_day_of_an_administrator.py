"""An administrator's day: a report that failed, somebody new, tokens, projects handed over, storage, the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Browser, Page, expect

from arriving import Mailbox, sign_in
from chaos.running import eventually

GIVER: Final = "rehema.wekesa@example.org"
TAKER: Final = "nadia.new@example.org"
REPORT: Final = "reporting-compliance"
PATIENT: Final = 30_000

Shot = Callable[[Page, str], None]


@contextmanager
def nowhere_to_keep_issues(data: Path) -> Iterator[None]:
    """The folder that report keeps its workbooks in is gone, and something else is in its place."""
    room, aside = data / "objects" / "report", data / "objects-of-report"
    room.rename(aside)
    room.write_text("not a folder")
    try:
        yield
    finally:
        room.unlink()
        aside.rename(room)


def finds_what_failed_and_tries_again(page: Page, data: Path, shot: Shot) -> None:
    with nowhere_to_keep_issues(data):
        page.goto(f"/report/reports/{REPORT}?until=2016-10-31")
        page.get_by_role("button", name="Make it now").click()
        page.get_by_role("link", name="Administration", exact=True).click()
        page.get_by_role("link", name="Jobs", exact=True).click()
        failed = page.get_by_role("region", name="Reports that failed")
        eventually(lambda: page.reload() and is_shown(failed.get_by_role("row")), "the failed report is shown")
        shot(page, "1-failed")
    failed.get_by_role("button", name="Try again now").first.click()
    eventually(lambda: page.goto("/report/admin") and not failed.count(), "nothing has failed", pause=0.5)
    page.goto(f"/report/reports/{REPORT}?until=2016-10-31")
    expect(page.get_by_role("link", name="Read", exact=True).first).to_be_visible()


def is_shown(rows: Any) -> bool:
    """Whether the part that another service makes has come, with a row besides its head."""
    try:
        expect(rows.nth(1)).to_be_visible(timeout=2_000)
    except AssertionError:
        return False
    return True


def adds_somebody(page: Page, shot: Shot) -> None:
    page.goto("/ingest/admin/users/new")
    page.get_by_label("E-mail address").fill(TAKER)
    page.get_by_label("Name", exact=True).fill("Nadia New")
    page.get_by_label("Role").select_option("project_manager")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("status")).to_contain_text("The person was added")
    shot(page, "2-somebody-new")


def gives_a_program_a_token_and_takes_it_back(page: Page, site: Any, shot: Shot) -> None:
    page.goto("/ingest/admin/tokens")
    page.get_by_label("Title: what it is for").fill("nightly import")
    page.get_by_label("E-mail address or name of who uses it").fill(TAKER)
    page.get_by_label("Role").select_option("focal_point")
    page.get_by_label("Offices").select_option("ETH")
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_label("nightly import").input_value()
    shot(page, "3-token")
    assert answer_to(site, token) == 200
    page.get_by_role("link", name="I have copied it").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take back: nightly import").click()
    expect(page.get_by_role("status").first).to_contain_text("opens nothing any more")
    eventually(lambda: answer_to(site, token) == 401, "the token opens nothing")


def answer_to(site: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{site.address}/report/v1/reports", headers=headers, timeout=30).status_code


def hands_projects_over(page: Page, shot: Shot) -> int:
    """Three projects go from one person to another, seen before it is done; how many."""
    page.goto("/ingest/admin/handover")
    page.get_by_label("E-mail address of who gives").fill(GIVER)
    page.get_by_label("Name of who takes").fill("Nadia New")
    page.get_by_label("E-mail address of who takes").fill(TAKER)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("#preview")).to_be_visible()
    count = page.locator(".changed > li").count()
    shot(page, "4-handover")
    page.get_by_role("button", name="Hand over for good").click()
    expect(page.get_by_text("Accepted. This is the receipt.")).to_be_visible(timeout=PATIENT)
    return count


def the_taker_finds_them(page: Page, box: Mailbox, count: int) -> None:
    page.goto("/notify/?mine=1")
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, box)
    page.goto("/ingest/projects")
    expect(page.locator("main tbody tr")).to_have_count(count)


def looks_after_the_house(page: Page, shot: Shot) -> None:
    """Every part is healthy, storage is told, and the trail of who did what has no gap."""
    page.goto("/ingest/admin")
    expect(page.locator("section.card")).to_have_count(3, timeout=PATIENT)
    expect(page.locator("section.card .badge.bad")).to_have_count(0)
    expect(page.locator(".tile", has_text="submissions,")).to_be_visible()
    shot(page, "5-health-and-storage")
    page.goto("/ingest/admin/audit?verify=1")
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=PATIENT)
    expect(page.locator("main .alert.bad")).to_have_count(0)
    shot(page, "6-audit")


def test_day_of_an_administrator(site: Any, arrive: Callable[..., Any], browser: Browser, shot: Shot) -> None:
    page, box = arrive("root@example.org", "admin", name="Ada Root")
    page.goto("/ingest/admin")
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, box)
    expect(page.locator("h1")).to_have_text("Administration")
    finds_what_failed_and_tries_again(page, site.running.folder, shot)
    adds_somebody(page, shot)
    gives_a_program_a_token_and_takes_it_back(page, site, shot)
    count = hands_projects_over(page, shot)
    assert count == 3
    taker = browser.new_page(base_url=site.address)
    the_taker_finds_them(taker, Mailbox(box.folder, TAKER), count)
    taker.close()
    looks_after_the_house(page, shot)
