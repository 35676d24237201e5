from __future__ import annotations

import hashlib
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from muster_shared.embedded.caddy import Caddy
from muster_shared.embedded.ports import free_port


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("X-Path", self.path)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        """Refuse, and close without having said so."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    def do_GET(self) -> None:
        """Break off in the middle of the answer."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def late_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def origin(awkward_folder: Path, late_port: int) -> Iterator[Caddy]:
    with _serving(free_port()) as port:
        upstreams = {"ingest": port, "report": free_port(), "notify": late_port}
        at = {name: f"127.0.0.1:{number}" for name, number in upstreams.items()}
        with Caddy(awkward_folder / "caddy", upstreams=at) as server:
            yield server


def test_each_prefix_goes_to_its_service_unchanged(origin: Caddy) -> None:
    answer = requests.post(f"{origin.address}/ingest/v1/submissions?dry_run=true", data=b"records", timeout=10)
    assert (answer.status_code, answer.content) == (201, b"records")
    assert answer.headers["X-Path"] == "/ingest/v1/submissions?dry_run=true"


def test_a_service_that_is_down_is_a_503_problem_while_the_others_work(origin: Caddy) -> None:
    answer = requests.get(f"{origin.address}/report/v1/reports", headers={"X-Request-ID": "mine"}, timeout=10)
    problem = answer.json()
    assert answer.status_code == problem["status"] == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Request-ID"] == "mine"
    assert set(problem) == {"type", "title", "status", "detail"}
    assert "report" in problem["detail"]


def test_a_request_waits_for_a_service_that_is_being_restarted(origin: Caddy, late_port: int) -> None:
    def start_late() -> None:
        time.sleep(0.5)
        with _serving(late_port):
            done.wait(10)

    done = threading.Event()
    thread = threading.Thread(target=start_late)
    thread.start()
    try:
        assert requests.post(f"{origin.address}/notify/v1/x", data=b"sent once", timeout=10).content == b"sent once"
    finally:
        done.set()
        thread.join()


def test_a_service_that_closes_its_connections_never_turns_a_request_into_a_503(origin: Caddy) -> None:
    def put(_: int) -> set[int]:
        with requests.Session() as session:
            return {
                session.put(f"{origin.address}/ingest/x", data=b"x" * 5000, timeout=10).status_code for _ in range(50)
            }

    with ThreadPoolExecutor(4) as pool:
        assert set().union(*pool.map(put, range(4))) == {401}


def test_the_root_leads_to_the_first_page_and_any_other_path_is_a_404_problem(origin: Caddy) -> None:
    root = requests.get(origin.address, allow_redirects=False, timeout=10)
    assert (root.status_code, root.headers["Location"]) == (302, "/ingest/")
    lost = requests.get(f"{origin.address}/wp-admin", timeout=10)
    assert (lost.status_code, lost.json()["status"]) == (404, 404)
    assert lost.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/wp-admin", 404), ("/report/", 503)])
def test_a_browser_is_told_of_it_by_a_page_of_its_own_that_keeps_it_safe(origin: Caddy, path: str, status: int) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = requests.get(f"{origin.address}{path}", headers=browser, timeout=10)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.content.decode()
    assert re.findall(r'<section lang="(\w+)"', page) == ["en", "fr", "es"]
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["/ingest/"], "nothing else is loaded"
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert ("report" in page) == (status == 503)
    assert "http.vars" not in page


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
@pytest.mark.parametrize("path", ["/wp-admin", "/report/"])
def test_its_own_answers_have_the_headers_of_every_other(origin: Caddy, path: str, kind: str) -> None:
    answer = requests.get(f"{origin.address}{path}", headers={"Accept": kind}, timeout=10)
    wanted = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Server" not in answer.headers


def test_it_answers_to_any_name_of_this_machine(origin: Caddy) -> None:
    answer = requests.get(f"http://localhost:{origin.port}/", allow_redirects=False, timeout=10)
    assert answer.status_code == 302


def test_an_error_gets_into_its_log_without_the_address(origin: Caddy, eventually: Callable[..., None]) -> None:
    with pytest.raises(requests.RequestException):
        requests.get(f"{origin.address}/ingest/calendars/secret-of-a-feed.ics", timeout=10)
    log = origin.folder.with_name("caddy.log")
    eventually(lambda: "incomplete response" in log.read_text())
    assert "secret-of-a-feed" not in log.read_text()


def test_it_writes_only_inside_its_folder(origin: Caddy) -> None:
    written = {path.name for path in origin.folder.iterdir()}
    assert written == {"Caddyfile", "caddy"}


class _serving:  # noqa: N801 - reads as a word in a with statement
    def __init__(self, port: int) -> None:
        self._port = port
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Echo)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> int:
        self._thread.start()
        return self._port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
