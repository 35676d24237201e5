"""With a worker, Redis or the report service stopped, the pages say what is not there, and the rest goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from chaos.running import eventually

PATIENT = 30_000


@contextmanager
def gone(site: Any, service: str) -> Iterator[None]:
    """A service whose web process is killed, and that nobody starts again for a time."""
    name = f"{service}-web"
    supervisor = site.running._up.pid
    site.running.hold_supervisor()
    killed = site.running.kill_with_children(name)
    try:
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)
        site.running.wait_for_new(name, killed)
        eventually(lambda: site.running.ask(f"/{service}/readyz").ok, f"{service} is back", 60)


def status(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None, path
    return answer.status


def test_without_the_report_service_home_says_so_and_the_rest_works(site: Any, page_as: Callable[..., Page]) -> None:
    page = page_as("analyst")
    with gone(site, "report"):
        page.goto("/ingest/")
        expect(page.get_by_text("The map is not available at the moment.")).to_be_visible(timeout=PATIENT)
        expect(page.get_by_role("heading", name="What waits for me")).to_be_visible()
        assert status(page, "/report/") == 503
        expect(page.locator("h1")).to_be_visible()
        assert status(page, "/notify/") == 200
        assert status(page, "/ingest/projects") == 200
    assert status(page, "/report/") == 200


def test_without_redis_and_without_workers_every_page_is_there(site: Any, page_as: Callable[..., Page]) -> None:
    page = page_as("admin")
    with site.running.held("valkey", "report-worker", "notify-worker"):
        for path in ("/ingest/", "/ingest/upload", "/report/", "/report/figures", "/notify/"):
            assert status(page, path) == 200, path
        page.goto("/ingest/health")
        expect(page.get_by_text("not ready").first).to_be_visible(timeout=PATIENT)
    eventually(lambda: site.running.ask("/ingest/readyz").ok, "ingest is ready again", 60)
