from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from werkzeug.test import TestResponse

from muster_ingest.app import create_app as create_ingest
from muster_notify.app import create_app as create_notify
from muster_report.app import create_app as create_report
from muster_shared.context import Context


class Silent(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing is printed."""


def ending(application: Any) -> Any:
    """Bodies end where they say: wsgiref would wait for more on a connection that stays open."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return application(environ | {"wsgi.input": io.BytesIO(environ["wsgi.input"].read(length))}, start_response)

    return answer


class House:
    """All three services; report and notify reach ingest over a socket, as they do in a running instance."""

    def __init__(self, ingest: Context, report: Context, notify: Context, token: Callable[..., str]) -> None:
        self.ingest, self.token = ingest, token
        self.application = create_ingest(ingest)
        self.server = make_server("127.0.0.1", 0, ending(self.application), handler_class=Silent)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        others = [replace(one, settings=replace(one.settings, ingest_url=self.url)) for one in (report, notify)]
        self.clients = {
            "ingest": self.application.test_client(),
            "report": create_report(others[0]).test_client(),
            "notify": create_notify(others[1]).test_client(),
        }

    def ask(self, method: str, path: str, token: str, body: Any = None) -> TestResponse:
        """Ask the service that the path begins with."""
        client = self.clients[path.split("/")[1]]
        return client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {token}"})

    def admin(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.ask(method, path, self.token("admin"), body)

    def opens(self, token: str) -> dict[str, int]:
        """What each service answers to the bearer of a token."""
        paths = {"ingest": "/ingest/v1/me", "report": "/report/v1/reports", "notify": "/notify/v1/obligations"}
        return {service: self.ask("GET", path, token).status_code for service, path in paths.items()}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.application.extensions["muster_readers"].close()


@pytest.fixture
def house(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[House]:
    ingest, report, notify = (open_context(service) for service in ("ingest", "report", "notify"))
    ingest.settings.data_dir.mkdir(exist_ok=True)
    ingest.clock.begin()
    made = House(ingest, report, notify, token)
    yield made
    made.close()
