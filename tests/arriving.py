"""How people arrive: a mail in their box, a link of it, and signing in by the link of another mail."""

from __future__ import annotations

import email
import email.policy
import html
import re
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Page, expect

_SIGN_IN: Final = "/ingest/sign-in/mail/"
_LINK: Final = re.compile(r'href="(http[^"]+)"')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What was sent to one address, in a folder of mails."""

    folder: Path
    address: str

    def letters(self) -> list[EmailMessage]:
        """Every mail that came, the newest last."""
        found = (self._read(file) for file in sorted(self.folder.glob("*.eml")))
        return [letter for letter in found if self.address in str(letter["To"])]

    def way_in(self, after: int, *, seconds: float = 60) -> str:
        """The link to sign in with, of a mail that comes after so many; others may come in between."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for letter in self.letters()[after:]:
                if ways := [link for link in links_of(letter) if _SIGN_IN in link]:
                    return ways[0]
            time.sleep(0.1)
        raise AssertionError(f"no link to sign in with came to {self.address}")

    @staticmethod
    def _read(file: Path) -> EmailMessage:
        letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        return letter


def links_of(letter: EmailMessage) -> list[str]:
    """Where the links of a mail lead, in their order."""
    return [html.unescape(link) for link in _LINK.findall(page_of(letter))]


def page_of(letter: EmailMessage) -> str:
    """A mail as a mail program shows it."""
    body = letter.get_body(("html",))
    assert body, "the mail has no HTML"
    return str(body.get_content())


def add_person(address: str, token: str, **facts: Any) -> None:
    """An account, as an administrator's program adds it."""
    headers = {"Authorization": f"Bearer {token}"}
    added = requests.post(f"{address}/ingest/v1/users", json=facts, headers=headers, timeout=30)
    assert added.status_code in {201, 409}, added.text


def sign_in(page: Page, box: Mailbox) -> None:
    """From the page that asks for an address to the person's first page, by a link that comes by mail."""
    before = len(box.letters())
    page.get_by_role("textbox").fill(box.address)
    page.locator("main form button").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(box.way_in(before))
    page.locator("main form button").click()
    expect(page.locator("details.me summary")).to_have_text(box.address)
