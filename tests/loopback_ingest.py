"""A real HTTP server on loopback in ingest's place: answers as scripted and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

CUT: Final = 0  # as a status: the line is cut instead of an answer


@dataclass
class Asked:
    """One request as the server saw it; the body of a form is its fields, a file among them (name, bytes)."""

    headers: dict[str, str]
    body: Any
    connection: int


@dataclass
class Ingest:
    """A loopback server that answers as scripted and keeps what it was asked; accepts when the script has run out.

    ``cut_after``: for each of the next requests, after how many bytes of its body the line is cut.
    """

    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self) -> tuple[int, dict[str, str], Any]:
        if self.answers:
            return self.answers.pop(0)
        body = self.asked[-1].body
        if body is None:
            return 404, {}, {"detail": "there is no such thing"}
        count = len(body.get("records", "1"))
        office = body.get("office")
        counts = {"new": count, "changed": 0, "unchanged": 0, "withdrawn": 0}
        receipt = {"receipt": f"{office}-{len(self.asked):06}", "office": office, "submission_id": "s"}
        return 201, {}, {**receipt, "status": "accepted", **counts}


def _handler(ingest: Ingest) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            if ingest.cut_after:
                self.rfile.read(ingest.cut_after.pop(0))
                self._cut()
                return
            self._answer(self.rfile.read(length))

        def _cut(self) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

        def _answer(self, body: bytes) -> None:
            path_and_headers = {":method": self.command, ":path": self.path, **dict(self.headers.items())}
            ingest.asked.append(
                Asked(path_and_headers, _read(self.headers["Content-Type"], body), self.client_address[1])
            )
            status, headers, document = ingest.answer()
            if status == CUT:
                self._cut()
                return
            self._say(status, headers, document if isinstance(document, bytes) else json.dumps(document).encode())

        def _say(self, status: int, headers: dict[str, str], payload: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Say nothing."""

    return Handler


def _read(content_type: str | None, body: bytes) -> Any:
    if not body or content_type is None:
        return None
    return _form(content_type, body) if content_type.startswith("multipart/") else json.loads(body)


def _form(content_type: str, body: bytes) -> dict[str, Any]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, Any] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            file = part.get_filename()
            found[name] = (file, content) if file else content.decode()
    return found


@contextmanager
def serving() -> Iterator[Ingest]:
    scripted = Ingest()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(scripted))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    yield scripted
    server.shutdown()
    thread.join()
    server.server_close()
