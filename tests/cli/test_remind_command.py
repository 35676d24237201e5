"""``muster remind --dry-run`` shows how many would go to whom, and says what to do where it cannot."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from muster_cli.main import muster

FOUND: dict[str, Any] = {
    "at": "2016-11-30T08:00:00Z",
    "reminders": 3,
    "recorded_today": 1,
    "usual": 2,
    "limit": 1000,
    "held_back": False,
    "people": [{"recipient": "amina@example.org", "reminders": 2}, {"recipient": "paul@example.org", "reminders": 1}],
    "offices": [{"office": "KEN", "reminders": 3}],
    "rungs": [{"rung": -7, "reminders": 1}, {"rung": 1, "reminders": 2}],
}


class Notify(BaseHTTPRequestHandler):
    """Answers as notify does, to who brings a token."""

    found: dict[str, Any] = FOUND

    def do_GET(self) -> None:
        is_it = self.path == "/notify/v1/reminders/dry-run" and self.headers["Authorization"].startswith("Bearer ")
        body = json.dumps(self.found).encode()
        self.send_response(200 if is_it else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Notify]]:
    handler = type("Handler", (Notify,), {})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MUSTER_PUBLIC_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("MUSTER_SECRET_KEY", "a secret that is long enough to sign tokens with")
        yield handler
        server.shutdown()


def told(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(muster, ["remind", *options])
    return result.exit_code, result.output


def test_it_says_how_many_by_rung_by_office_and_by_person(served: type[Notify]) -> None:
    code, output = told("--dry-run")
    assert code == 0
    assert output.splitlines()[0] == (
        "3 reminders would be recorded at 2016-11-30T08:00:00Z (1 today already; usual 2 a day, limit 1000)"
    )
    for line in ("     1  -7", "     2  +1", "     3  KEN", "     2  amina@example.org"):
        assert line in output.splitlines()[1:] or f"  {line}" in output.splitlines()[1:]
    assert "held back" not in output


def test_json_is_all_of_it(served: type[Notify]) -> None:
    code, output = told("--dry-run", "--json")
    assert (code, json.loads(output)) == (0, FOUND)


def test_what_is_held_back_is_said_with_what_releases_it(served: type[Notify]) -> None:
    people = [{"recipient": f"p{number}@example.org", "reminders": 1} for number in range(25)]
    served.found = {**FOUND, "held_back": True, "people": people}
    _, output = told("--dry-run")
    assert "POST /notify/v1/storm/release" in output
    assert "and 5 more: see --json" in output


def test_without_dry_run_it_sends_nothing_and_says_so(served: type[Notify]) -> None:
    code, output = told()
    assert code == 2
    assert "add --dry-run" in output
