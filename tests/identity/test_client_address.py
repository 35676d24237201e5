"""The client's address, through the real Caddy: what is limited and noted is who asked, and nobody makes it up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import select

from loopback_wsgi import ending
from muster_report.app import create_app
from muster_shared.audit import ENTRY
from muster_shared.context import Context
from muster_shared.embedded.caddy import Caddy
from muster_shared.embedded.ports import free_port
from muster_shared.settings import Settings

SPOOFED = {"X-Forwarded-For": "203.0.113.66", "Forwarded": "for=203.0.113.66", "X-Real-IP": "203.0.113.66"}
PATH = "/report/v1/reports"


class _Silent(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing is printed."""


class _From(HTTPAdapter):
    """Asks from an address of this machine: all of 127.0.0.0/8 is."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self._address, 0))


def ask(url: str, *, at: str) -> int:
    with requests.Session() as session:
        session.mount("http://", _From(at))
        return session.get(url + PATH, headers=SPOOFED, timeout=10).status_code


@contextmanager
def serving(context: Context, proxies: int) -> Iterator[str]:
    application = create_app(replace(context, settings=replace(context.settings, proxies=proxies)))
    server = make_server("127.0.0.1", 0, ending(application), handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_unknown_per_minute=2)


@pytest.fixture
def context(open_context: Callable[[str], Context]) -> Context:
    return open_context("report")


def noted(context: Context) -> list[str]:
    with context.sessions() as session:
        return list(session.scalars(select(ENTRY.c.address).order_by(ENTRY.c.entry_id)))


def test_behind_caddy_it_is_the_address_that_asked_caddy(context: Context, tmp_path: Path) -> None:
    with serving(context, proxies=1) as service:
        upstreams = dict.fromkeys(("ingest", "report", "notify"), service)
        with Caddy(tmp_path / "caddy", free_port(), upstreams=upstreams) as origin:
            answers = [ask(origin.address, at="127.0.0.7") for _ in range(3)]
            assert answers == [401, 401, 429]
            assert ask(origin.address, at="127.0.0.8") == 401
    assert noted(context) == ["127.0.0.7", "127.0.0.7", "127.0.0.8"]


def test_without_a_proxy_in_the_settings_no_header_counts(context: Context) -> None:
    with serving(context, proxies=0) as service:
        assert ask(f"http://{service}", at="127.0.0.9") == 401
    assert noted(context) == ["127.0.0.9"]
