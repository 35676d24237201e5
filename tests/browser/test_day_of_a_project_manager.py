"""A project manager's day in French, on a phone and without scripts: what is due, for whom, not now, more time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect

from arriving import Mailbox, links_of, sign_in
from chaos.running import eventually
from muster_shared.language import language_of

WHO: Final = "ekow.issoufou@example.org"
STAND_IN: Final = "fatou.diallo@example.org"
PROJECT: Final = "COG-2015-01"
FRENCH: Final[dict[str, Any]] = {"language": "fr", "width": 360, "javascript": False}

Shot = Callable[[Page, str], None]


def said(text: str, service: str = "notify", **values: object) -> str:
    """How the pages of a service say an English text in French."""
    told = language_of("fr", f"muster_{service}").say(text, **values)
    assert told != text, f"{text} is not said in French"
    return told


def looked_at_until(page: Page, text: str) -> None:
    """Without a script the reader loads the page again until it says so."""
    eventually(lambda: page.reload() and text in page.locator("#story").inner_text(), text, 60, pause=0.5)


def acknowledges_from_the_mail(page: Page, box: Mailbox, shot: Shot) -> None:
    """The link of the reminder does one thing, and needs no signing in."""
    reminder = next(letter for letter in box.letters() if PROJECT in str(letter["Subject"]))
    page.goto(next(link for link in links_of(reminder) if "/notify/act/" in link))
    expect(page.locator("h1")).to_have_text(said("A report is owed"))
    shot(page, "1-from-the-mail")
    page.locator("#acknowledge-reason").fill("le comptable ferme les livres")
    page.get_by_role("button", name=said("Acknowledge")).click()
    expect(page.locator("h1")).to_have_text(said("Done"))


def sees_what_is_due(page: Page, shot: Shot) -> None:
    expect(page.locator("h1")).to_have_text(said("Home", "ingest"))
    shot(page, "2-home")
    page.get_by_role("link", name=said("All deadlines", "ingest")).click()
    expect(page.locator("tbody").first).to_contain_text(PROJECT)
    shot(page, "3-deadlines")
    page.get_by_role("link", name=said("Calendar")).click()
    shot(page, "4-calendar")


def looks_at_the_project(page: Page, folder: Path, shot: Shot) -> None:
    """The page of the project, and a document stored with it."""
    page.goto(f"/ingest/projects/{PROJECT}")
    expect(page.locator("#timeline")).to_be_visible()
    letter = folder / "accord.pdf"
    letter.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    page.get_by_text(said("Add a document or a new version of one", "ingest")).click()
    page.set_input_files("#file", letter)
    page.locator("#type").select_option("agreement")
    page.get_by_role("button", name=said("Store the document", "ingest")).click()
    expect(page.get_by_role("link", name="accord.pdf")).to_be_visible()
    shot(page, "5-project")


def puts_it_off(page: Page, shot: Shot) -> None:
    page.goto(f"/notify/?project={PROJECT}&status=due_soon")
    page.locator("tbody th a").first.click()
    expect(page.locator("#story")).to_contain_text("le comptable ferme les livres")
    page.get_by_label(said("No reminders until the end of this day")).fill("2016-12-03")
    page.locator("#snooze-reason").fill("les reçus arrivent vendredi")
    page.get_by_role("button", name=said("Put it off")).click()
    looked_at_until(page, "3 décembre 2016")
    expect(page.locator(".history q", has_text="les reçus arrivent vendredi")).to_have_count(1)
    shot(page, "6-put-off")


def asks_for_more_time(page: Page, shot: Shot) -> None:
    page.get_by_label(said("New end")).fill("2018-12-31")
    page.locator("#extension-reason").fill("la route est coupée")
    page.get_by_role("button", name=said("Ask for more time")).click()
    looked_at_until(page, "la route est coupée")
    shot(page, "7-more-time")


def names_a_stand_in(page: Page, shot: Shot) -> None:
    page.goto("/notify/preferences")
    page.locator("#stand_in_name").fill("Fatou Diallo")
    page.locator("#stand_in_email").fill(STAND_IN)
    page.locator("#stand_in_from").fill("2016-12-19")
    page.locator("#stand_in_until").fill("2016-12-31")
    page.get_by_role("button", name=said("Keep")).first.click()
    expect(page.get_by_role("status")).to_have_text(said("Your preferences are kept."))
    shot(page, "8-preferences")


def test_day_of_a_project_manager(arrive: Callable[..., Any], shot: Shot, tmp_path: Path) -> None:
    page, box = arrive(WHO, "project_manager", name="Ekow Issoufou", **FRENCH)
    acknowledges_from_the_mail(page, box, shot)
    page.goto("/ingest/")
    page.get_by_role("link", name=said("Sign in", "ingest")).click()
    sign_in(page, box)
    assert "Muster" in str(box.letters()[-1]["Subject"])
    sees_what_is_due(page, shot)
    looks_at_the_project(page, tmp_path, shot)
    puts_it_off(page, shot)
    asks_for_more_time(page, shot)
    names_a_stand_in(page, shot)
