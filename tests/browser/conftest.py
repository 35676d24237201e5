"""A real browser before a real instance with the sample data: started once for all tests of the pages."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page

from arriving import Mailbox, add_person
from chaos.running import Running
from chromium import CHROMIUM
from muster_cli import sample
from muster_cli.demo import settled
from muster_cli.submit import submit_files
from muster_shared.auth import Caller, issue, sign_in_link
from muster_shared.settings import Settings

HOME: Final = datetime(2016, 11, 30, 8, tzinfo=UTC)
WIDTHS: Final = {"phone": 360, "tablet": 768, "desk": 1440}
WCAG: Final = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
_ALWAYS: Final = ("test_every_page.py", "test_day_of_a_focal_point.py")  # the others take minutes
_PEOPLE: Final = ("focal_point", "admin")  # between them they have every place of the navigation
_SETTLED_IN: Final = 180.0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    is_bounded = config.getoption("length") != "all"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            if is_bounded and not _is_always(item):
                item.add_marker(pytest.mark.skip(reason="make pages"))
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"))
            item.add_marker(pytest.mark.timeout(300, func_only=True))  # who comes first waits for the instance


def _is_always(item: pytest.Item) -> bool:
    with_values = getattr(item, "callspec", None)
    role = with_values.params.get("role") if with_values else None
    return item.path.name in _ALWAYS and role in {None, *_PEOPLE}


@dataclass(slots=True)
class Site:
    """The running instance as its people meet it."""

    running: Running

    @property
    def address(self) -> str:
        return self.running.address

    def link(self, role: str, *, name: str, **scope: Any) -> str:
        """A sign-in address for a person, e.g. ``link("focal_point", name="ann@example.org", offices=("KEN",))``."""
        signed = sign_in_link(self.running.known, Caller(name=name, role=role, **scope), lifetime=timedelta(hours=1))
        parts = urlsplit(signed)
        return f"{self.address}{parts.path}?{parts.query}"

    def wait_until_settled(self) -> None:
        """Until all that was submitted is in the reports and nothing waits to be sent."""
        until = time.monotonic() + _SETTLED_IN
        while not settled({name: self._standing(name) for name in ("ingest", "report", "notify")}):
            assert time.monotonic() < until, "the services did not come to rest"
            time.sleep(0.2)

    def _standing(self, service: str) -> dict[str, Any]:
        answer = self.running.ask(f"/{service}/readyz")
        return dict(answer.json().get("standing", {})) if answer.ok else {}


@dataclass(slots=True)
class Weight:
    """What a browser with nothing kept loaded for a page: requests, and their bytes as they came over the line."""

    addresses: list[str] = field(default_factory=list)
    received: int = 0


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    told = Settings(data_dir=tmp_path_factory.mktemp("site") / "data", port=0, clock=HOME, quiet_seconds=0.2)
    running = Running(told)
    running.start()
    try:
        token = issue(running.known, Caller("demo@example.org", "admin"), lifetime=timedelta(hours=1))
        sent = submit_files(sample.files(), base_url=running.address, token=token)
        assert {outcome.status for outcome in sent} == {"accepted"}
        begun = Site(running)
        begun.wait_until_settled()
        yield begun
    finally:
        running.stop()


@pytest.fixture
def page_as(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own, signed in: ``page_as("focal_point", offices=("KEN",), width=360)``.

    ``javascript=False`` turns scripts off; ``dark=True`` asks for the dark look; ``language`` is the browser's.
    """
    contexts: list[BrowserContext] = []

    def open_one(
        role: str,
        *,
        name: str = "ann@example.org",
        width: int = WIDTHS["desk"],
        javascript: bool = True,
        dark: bool = False,
        language: str = "en",
        **scope: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            locale=language,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(site.link(role, name=name, **scope))
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def arrive(site: Site, browser: Browser) -> Iterator[Callable[..., tuple[Page, Mailbox]]]:
    """A page of a browser that nobody signed in to yet, and the mails of a person who may.

    ``arrive("ann@example.org", "focal_point", name="Ann", offices=["KEN"], language="fr")``: what is named so is of
    the account. ``width`` is that of the screen, ``javascript=False`` turns scripts off.
    """
    contexts: list[BrowserContext] = []

    def arriving(
        address: str, role: str, *, width: int = WIDTHS["desk"], javascript: bool = True, **facts: Any
    ) -> tuple[Page, Mailbox]:
        add_person(site.address, site.running.token(), email=address, role=role, **facts)
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale=facts.get("language", "en"),
        )
        contexts.append(context)
        return context.new_page(), Mailbox(site.running.mail_folder, address)

    yield arriving
    for context in contexts:
        context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong on a page by WCAG 2.1 AA: rule, and where."""

    def violations(page: Page) -> list[str]:
        found = Axe().run(page, options=WCAG).response["violations"]
        return [f"{each['id']}: {node['target']} {node['html'][:120]}" for each in found for node in each["nodes"]]

    return violations


@pytest.fixture
def weigh() -> Callable[[Page, str], Weight]:
    """Load a page with an empty cache, until its parts are filled in."""

    def loaded(page: Page, path: str) -> Weight:
        session, weight = page.context.new_cdp_session(page), Weight()
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", lambda told: weight.addresses.append(told["request"]["url"]))
        session.on("Network.loadingFinished", lambda told: _add(weight, told["encodedDataLength"]))
        page.goto(path, wait_until="networkidle")
        session.detach()
        return weight

    return loaded


def _add(weight: Weight, received: float) -> None:
    weight.received += int(received)


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of a whole page at the three widths in the folder ``$SHOTS``, where that is set."""
    folder = os.environ.get("SHOTS", "")

    def take(page: Page, name: str) -> None:
        if not folder:
            return
        before, file = page.viewport_size, f"{request.node.name[:40]}-{name}".replace("/", "-")
        for width, pixels in WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": 900})
            page.screenshot(path=Path(folder) / f"{file}-{width}.png", full_page=True)
        if before:
            page.set_viewport_size(before)

    return take
