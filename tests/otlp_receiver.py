"""A collector of traces on loopback: takes OTLP over HTTP, keeps every span, or is as slow or broken as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One span as it came in; ids are hexadecimal, ``parent`` is empty at the root, ``links`` are traces."""

    process: str
    name: str
    trace: str
    span: str
    parent: str
    links: tuple[str, ...]
    told: dict[str, Any]


@dataclass
class Receiver:
    """What came in, and how it answers."""

    url: str = ""
    seconds: float = 0.0  # that it takes to answer
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        return [span for body in list(self.bodies) for span in _read(body)]

    def named(self, process: str, name: str) -> list[Span]:
        return [one for one in self.spans() if (one.process, one.name) == (process, name)]

    def everything(self) -> str:
        """All that came in as text: whatever stands in it anywhere is found in it."""
        return "\n".join(str(_parsed(body)) for body in self.bodies)


@contextmanager
def receiving(**told: Any) -> Iterator[Receiver]:
    """A collector until the block is over."""
    receiver = Receiver(**told)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(receiver.seconds)
            if receiver.status == 200:
                receiver.bodies.append(body)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def _parsed(body: bytes) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return request


def _read(body: bytes) -> Iterator[Span]:
    for one in _parsed(body).resource_spans:
        process = _values(one.resource.attributes)["muster.process"]
        for scope in one.scope_spans:
            for span in scope.spans:
                links = tuple(link.trace_id.hex() for link in span.links)
                ids = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
                yield Span(process, span.name, *ids, links, _values(span.attributes))


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
