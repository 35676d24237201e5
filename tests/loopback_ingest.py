"""A real HTTP server on loopback in ingest's place: answers as scripted and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request as the server saw it."""

    headers: dict[str, str]
    body: Any
    connection: int


@dataclass
class Ingest:
    """A loopback server that answers as scripted and keeps what it was asked; accepts when the script has run out."""

    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self) -> tuple[int, dict[str, str], Any]:
        if self.answers:
            return self.answers.pop(0)
        body = self.asked[-1].body
        count = len(body["records"])
        counts = {"new": count, "changed": 0, "unchanged": 0, "withdrawn": 0}
        receipt = {"receipt": f"{body['office']}-{len(self.asked):06}", "office": body["office"], "submission_id": "s"}
        return 201, {}, {**receipt, "status": "accepted", **counts}


def _handler(ingest: Ingest) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            path_and_headers = {":path": self.path, **dict(self.headers.items())}
            ingest.asked.append(Asked(path_and_headers, json.loads(body), self.client_address[1]))
            status, headers, document = ingest.answer()
            if status == 0:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            payload = json.dumps(document).encode() if not isinstance(document, bytes) else document
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Say nothing."""

    return Handler


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
