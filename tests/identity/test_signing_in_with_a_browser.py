"""A real browser: in by a real OpenID provider or a mail link, refused another office's submission, and out again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import NOT_FOUND, OK, UNAUTHORIZED
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import factories
from chromium import CHROMIUM
from loopback_wsgi import ending
from muster_ingest.app import create_app as create_ingest
from muster_report.app import create_app as create_report
from muster_shared.context import Context
from muster_shared.embedded.ports import free_port
from openid_provider import provider

ANN = {"email": "ann@example.org", "name": "Ann", "role": "focal_point", "offices": ["KEN"], "language": "en"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing is printed."""


@dataclass
class Sent:
    """Keeps the links that would go to notify."""

    links: list[str] = field(default_factory=list)

    def __call__(self, _task: str, **_options: object) -> bool:
        return True

    def send(self, _task: str, *arguments: Any) -> bool:
        self.links.append(arguments[-1])
        return True


@dataclass
class Site:
    """Ingest and report behind one address, with a person, and a submission of hers and of another office."""

    address: str
    sent: Sent
    of_hers: str
    of_another: str


Opening = Callable[..., Site]


@pytest.fixture
def opening(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[Opening]:
    ended: list[Callable[[], None]] = []

    def open_site(**told: str) -> Site:
        port, sent = free_port(), Sent()
        address = f"http://127.0.0.1:{port}"
        held = [open_context(service) for service in ("ingest", "report")]
        held = [replace(one, settings=replace(one.settings, public_url=address, ingest_url=address)) for one in held]
        held[0] = replace(held[0], settings=replace(held[0].settings, **told), wake=sent)  # type: ignore[arg-type]
        held[0].settings.data_dir.mkdir(exist_ok=True)
        held[0].clock.begin()
        apps = {"ingest": create_ingest(held[0]), "report": create_report(held[1])}

        def whole(environ: dict[str, Any], start_response: Any) -> Any:
            return apps["report" if environ["PATH_INFO"].startswith("/report") else "ingest"](environ, start_response)

        server = make_server("127.0.0.1", port, ending(whole), server_class=Threads, handler_class=Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended.extend((server.shutdown, server.server_close, apps["ingest"].extensions["muster_readers"].close))
        client, admin = apps["ingest"].test_client(), {"Authorization": f"Bearer {token('admin')}"}
        assert client.post("/ingest/v1/users", json=ANN, headers=admin).status_code == 201
        ids = []
        for code in ("KEN", "COL"):
            sending = factories.envelope({"kind": "partner"}, code=code)  # rejected and kept: a submission all the same
            ids.append(client.post("/ingest/v1/submissions", json=sending, headers=admin).get_json()["submission_id"])
        return Site(address, sent, *ids)

    yield open_site
    for end in ended:
        end()


@pytest.fixture
def profile(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Browsers that know nothing of each other."""
    made: list[BrowserContext] = []

    def open_one() -> BrowserContext:
        made.append(browser.new_context(locale="en-GB"))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


def status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer
    return answer.status


def sees_her_own_and_no_other_and_signs_out(page: Page, site: Site) -> None:
    assert status(page, f"{site.address}/ingest/submissions/{site.of_hers}") == OK
    assert status(page, f"{site.address}/ingest/submissions/{site.of_another}") == NOT_FOUND
    page.goto(f"{site.address}/ingest/")
    page.locator("details.me summary").click()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    assert status(page, f"{site.address}/ingest/") == UNAUTHORIZED


def test_in_by_the_provider_and_out_again(opening: Opening, profile: Callable[[], BrowserContext]) -> None:
    with provider([{"sub": "ann", "email": ANN["email"], "email_verified": True}]) as issuer:
        site = opening(oidc_issuer=issuer, oidc_client_id="muster", oidc_client_secret="s")
        page = profile().new_page()
        page.goto(f"{site.address}/ingest/sign-in/mail")
        assert page.url.startswith(issuer)
        page.get_by_placeholder("sub").fill("ann")
        page.get_by_role("button", name="Authorize", exact=True).click()
        expect(page).to_have_url(f"{site.address}/ingest/")
        sees_her_own_and_no_other_and_signs_out(page, site)


def test_in_by_a_mail_link_once_and_a_thief_not_at_all(opening: Opening, profile: Callable[[], BrowserContext]) -> None:
    site, own, thief = opening(), profile(), profile().new_page()
    page = own.new_page()
    page.goto(f"{site.address}/ingest/sign-in/mail")
    page.get_by_label("E-mail address").fill(str(ANN["email"]))
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("status")).to_have_text("If this address is known, a mail is on its way.")
    (link,) = site.sent.links
    thief.goto(link)
    expect(thief.get_by_role("alert")).to_contain_text("only in the browser that asked")
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.address}/ingest/")
    for one in (thief, page):
        one.goto(link)
        expect(one.get_by_role("alert")).to_contain_text("used already")
    assert status(thief, f"{site.address}/ingest/") == UNAUTHORIZED
    sees_her_own_and_no_other_and_signs_out(page, site)
