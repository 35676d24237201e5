"""An analyst's day with the keyboard alone, up to the release that a donor waits for; and the donor's day with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import requests
from playwright.sync_api import Locator, Page, expect

from arriving import Mailbox, sign_in
from chaos.running import eventually

DONOR: Final = "example-solidarity-pool"
GRANT: Final = "PAN-2014-01-G1"
OWED: Final = f"/report/reports/donor?donor_id={DONOR}&until=2016-11-30&copy=donor"
PATIENT: Final = 30_000
MOST_TABS: Final = 300

Shot = Callable[[Page, str], None]


@dataclass(frozen=True, slots=True)
class Keys:
    """Somebody who has no mouse: the Tab key leads to what is wanted, and Enter or Space does it."""

    page: Page

    def to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(wanted.first).to_be_visible(timeout=PATIENT)
        for _ in range(MOST_TABS):
            if wanted.first.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not lead to {wanted}")

    def enter(self, wanted: Locator) -> None:
        self.to(wanted)
        self.page.keyboard.press("Enter")

    def write(self, wanted: Locator, text: str) -> None:
        self.to(wanted)
        self.page.keyboard.type(text)


def signs_in(keys: Keys, box: Mailbox) -> None:
    page, before = keys.page, len(box.letters())
    page.goto("/ingest/sign-in/mail")
    keys.write(page.get_by_label("E-mail address"), box.address)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(box.way_in(before))
    keys.enter(page.get_by_role("button", name="Sign in"))
    expect(page.locator("h1")).to_have_text("Home")


def asks_a_figure_where_it_comes_from(keys: Keys, shot: Shot) -> None:
    """From the catalogue to a figure, to the records that make it up, and to what an office sent."""
    page = keys.page
    keys.enter(page.get_by_role("link", name="Reports", exact=True))
    keys.enter(page.locator("#funding-requirements .current a", has_text="Year 2016"))
    keys.enter(page.get_by_role("link", name="Read", exact=True))
    figure = page.locator("td a", has_text=re.compile(r"\d")).first
    keys.enter(figure)
    beside = page.locator("#explanation")
    expect(beside).to_contain_text(re.compile("add up to it|makes it up"), timeout=PATIENT)
    shot(page, "1-explanation")
    page.keyboard.press("Escape")
    expect(figure).to_be_focused()
    keys.enter(figure)
    keys.enter(beside.get_by_role("link", name=re.compile("funding requirement")))
    expect(page.get_by_role("heading", name="Fields")).to_be_visible()
    expect(page.locator("#field-amount code")).to_be_visible()
    shot(page, "2-the-record")


def has_the_report_made(keys: Keys) -> None:
    page = keys.page
    page.goto(OWED)
    keys.enter(page.get_by_role("button", name="Make it"))
    expect(page.get_by_role("link", name="Checklist and release")).to_be_visible(timeout=3 * PATIENT)


def releases(keys: Keys, note: str, shot: Shot, station: str) -> None:
    """Look at the checklist, say so, and release; the browser asks once more."""
    page = keys.page
    keys.enter(page.get_by_role("link", name="Checklist and release"))
    expect(page.get_by_role("heading", name="To be looked at")).to_be_visible()
    shot(page, f"{station}-checklist")
    keys.write(page.get_by_label("Note"), note)
    keys.to(page.get_by_label("I have looked at the points above."))
    page.keyboard.press("Space")
    page.once("dialog", lambda dialog: dialog.accept())
    keys.enter(page.get_by_role("button", name="Release"))
    expect(page.locator(".alert.good")).to_contain_text(note, timeout=PATIENT)
    shot(page, f"{station}-released")


def compares_with_the_issue_before(keys: Keys, shot: Shot) -> None:
    page = keys.page
    eventually(lambda: page.goto(OWED) and page.locator("#a option").count() == 2, "a second issue", 60, pause=0.5)
    keys.enter(page.get_by_role("button", name="Show what differs"))
    expect(page.get_by_text("cells differ")).to_be_visible(timeout=PATIENT)
    expect(page.locator("tbody tr", has_text="777").first).to_be_visible()
    shot(page, "5-compared")
    page.goto(OWED)


def the_office_corrects_a_grant(site: Any) -> None:
    """As a program of the office does."""
    asked = {"Authorization": f"Bearer {site.running.token()}"}
    kept = requests.get(f"{site.address}/ingest/v1/records/grant/{GRANT}", headers=asked, timeout=30).json()
    record = {**kept["fields"], "kind": "grant", "amount": "1777000"}
    envelope = {"office": kept["office"], "records": [record]}
    sent = requests.post(f"{site.address}/ingest/v1/submissions", json=envelope, headers=asked, timeout=30)
    assert sent.status_code == 201, sent.text


def the_donor_reads(page: Page, shot: Shot, station: str) -> int:
    """What one grant was for, in thousands; counts of few people are hidden, and no figure tells where it is from."""
    page.goto("/report/")
    page.get_by_role("link", name="Read", exact=True).first.click()
    expect(page.locator("td a")).to_have_count(0)
    sheets = page.get_by_role("navigation", name="Sheets")
    sheets.get_by_role("link", name="People in detail").click()
    expect(page.locator("td", has_text="<5").first).to_be_visible()
    counts = page.locator("td.n, td.number, td").all_inner_texts()
    assert not {"1", "2", "3", "4"} & set(counts), "a small count of people is told"
    sheets.get_by_role("link", name="Grants").click()
    shot(page, station)
    told = page.locator("tbody tr", has_text=GRANT).inner_text()
    return 1777 if re.search(r"1.777.000", told) else 1156 if re.search(r"1.156.000", told) else 0


def test_day_of_an_analyst(site: Any, arrive: Callable[..., Any], shot: Shot) -> None:
    page, box = arrive("ana.lyst@example.org", "analyst", name="Ana Lyst")
    donor, box_of_donor = arrive("desk@donor.example.org", "donor", name="The desk", donor=DONOR)
    keys = Keys(page)
    signs_in(keys, box)
    asks_a_figure_where_it_comes_from(keys, shot)
    has_the_report_made(keys)
    donor.goto("/report/")
    donor.get_by_role("link", name="Sign in").click()
    sign_in(donor, box_of_donor)
    expect(donor.get_by_text("No report was released to you yet.")).to_be_visible()
    shot(donor, "3-donor-before")
    releases(keys, "Looked at with the offices.", shot, "4")
    assert the_donor_reads(donor, shot, "4-donor") == 1156
    the_office_corrects_a_grant(site)
    compares_with_the_issue_before(keys, shot)
    assert the_donor_reads(donor, shot, "5-donor") == 1156, "what was corrected since is not released"
    releases(keys, "The grant of Panama was corrected.", shot, "6")
    assert the_donor_reads(donor, shot, "6-donor") == 1777
