"""A regional reviewer's day in Spanish: what waits, what changed, back with a reason, endorsed; who is late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

from arriving import sign_in
from muster_shared.language import language_of

REGION: Final = "central_north_america_caribbean"
OFFICE: Final = "SLV"
PROJECT: Final = "SLV-2017-01"
REASON: Final = "Falta decir quién protege a quienes no declaran."
MENDED: Final = "Las víctimas son identificadas pronto y protegidas también por la policía local."
PATIENT: Final = 30_000

Shot = Callable[[Page, str], None]


def said(text: str, service: str = "ingest", **values: object) -> str:
    """How the pages of a service say an English text in Spanish."""
    told = language_of("es", f"muster_{service}").say(text, **values)
    assert told != text, f"{text} is not said in Spanish"
    return told


def begins_a_day(page: Page, box: Any) -> None:
    page.goto("/ingest/sign-in/mail")
    sign_in(page, box)
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=PATIENT)


def compares_and_returns(page: Page, shot: Shot) -> None:
    shot(page, "1-home")
    page.locator(f".card a[href$='{PROJECT}/compare']").click()
    shot(page, "2-compare")
    page.get_by_label(said("Return with comments")).fill(REASON)
    page.get_by_role("button", name=said("Return with comments")).click()
    expect(page.get_by_text(REASON).first).to_be_visible(timeout=PATIENT)


def the_office_corrects_and_submits_again(page: Page, shot: Shot) -> None:
    """The focal point finds the reason on the first page, mends one value on the page and hands it in again."""
    card = page.locator(".card", has_text=said("Projects returned with comments"))
    expect(card.locator("q")).to_have_text(REASON)
    shot(page, "3-returned")
    card.get_by_role("link").first.click()
    page.get_by_role("link", name=said("Correct a value")).click()
    page.locator("#field-objectives a", has_text=said("Correct")).click()
    page.locator("#correct textarea").fill(MENDED)
    page.get_by_role("button", name=said("Store")).click()
    expect(page.locator("#field-objectives")).to_contain_text(MENDED, timeout=PATIENT)
    shot(page, "4-corrected")
    page.get_by_role("link", name=said("The page of the project")).click()
    page.get_by_role("button", name=said("Submit again")).click()
    expect(page.get_by_role("status").first).to_be_visible(timeout=PATIENT)


def endorses(page: Page, shot: Shot) -> None:
    page.locator("header.top").get_by_role("link", name=said("Review")).click()
    waiting = page.locator(".card", has_text=PROJECT)
    shot(page, "5-queue")
    waiting.get_by_role("link", name=said("Compare with what was endorsed or seen last")).click()
    expect(page.locator("ins").first).to_contain_text("policía local")
    shot(page, "6-compare-again")
    page.get_by_role("button", name=said("Endorse"), exact=True).click()
    page.goto(f"/ingest/projects/{PROJECT}#workflow")
    expect(page.locator(".row .badge")).to_have_class("badge good")
    expect(page.get_by_role("region", name=said("Steps taken")).locator("tbody tr")).to_have_count(3)
    shot(page, "7-endorsed")
    page.locator("header.top").get_by_role("link", name=said("Review")).click()
    expect(page.locator(".card", has_text=PROJECT)).to_have_count(0)
    shot(page, "8-nothing-waits")


def sees_who_is_late(page: Page, shot: Shot) -> None:
    """The reports overdue in the region by days, and the figures of lateness."""
    page.locator("header.top").get_by_role("link", name=said("Deadlines", "notify")).click()
    page.locator("#status").select_option("overdue")
    page.get_by_role("button", name=said("Show", "notify"), exact=True).click()
    late = page.locator("tbody tr")
    expect(late.first).to_be_visible()
    shot(page, "9-late")
    page.goto(f"/report/figures/overdue?region={REGION}")
    expect(page.locator("main h1")).to_be_visible()
    shot(page, "10-figures")


def test_day_of_a_reviewer(arrive: Callable[..., Any], shot: Shot) -> None:
    page, box = arrive("rosa.reyes@example.org", "reviewer", name="Rosa Reyes", regions=[REGION], language="es")
    office = arrive("fernanda@example.org", "focal_point", name="Fernanda Ruiz", offices=[OFFICE], language="es")
    begins_a_day(page, box)
    compares_and_returns(page, shot)
    begins_a_day(*office)
    the_office_corrects_and_submits_again(office[0], shot)
    endorses(page, shot)
    sees_who_is_late(page, shot)
