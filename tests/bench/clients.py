"""Clients that send requests one after the other on a connection of their own, and time each answer.

Written on bare sockets in one thread: on a machine with two cores the clients' own work would be measured otherwise.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_AT_ONCE = 1 << 20
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a run took (seconds from the first request to the last answer), and each of its answers."""

    seconds: float
    latencies: tuple[float, ...]
    bodies: tuple[bytes, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests did not exceed, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post(path: str, body: bytes, token: str) -> bytes:
    """A POST of JSON as it goes over the line."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(port: int, requests: Sequence[Sequence[bytes]], *, status: int = 201) -> Answered:
    """Each sequence of requests by a client of its own, all clients at once.

    Raises:
        AssertionError: an answer has another status.
    """
    with selectors.DefaultSelector() as selector:
        clients = [_Client(port, iter(each)) for each in requests]
        began = time.perf_counter()
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask()
        _until_all_are_done(selector, len(clients))
        seconds = time.perf_counter() - began
    told = [answer for client in clients for answer in client.answers]
    wrong = next((body for _, code, body in told if code != status), None)
    if wrong is not None:
        raise AssertionError(wrong[:2000].decode(errors="replace"))
    return Answered(seconds, tuple(one[0] for one in told), tuple(one[2] for one in told))


@dataclass(slots=True)
class _Client:
    port: int
    requests: Iterator[bytes]
    socket: socket.socket = field(init=False)
    answers: list[tuple[float, int, bytes]] = field(default_factory=list)
    asked_at: float = 0.0
    received: bytes = b""

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> bool:
        """Send the next request; False where there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.received, self.asked_at = b"", time.perf_counter()
        self.socket.sendall(request)
        return True

    def hear(self) -> bool:
        """Take in what came; whether the answer is complete."""
        came = self.socket.recv(_AT_ONCE)
        if not came:
            raise AssertionError("the line was cut")
        self.received += came
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return False
        self.answers.append((time.perf_counter() - self.asked_at, int(head[9:12]), body))
        return True


def _until_all_are_done(selector: selectors.BaseSelector, left: int) -> None:
    while left:
        for key, _ in selector.select(_PATIENCE):
            client: _Client = key.data
            if client.hear() and not client.ask():
                selector.unregister(client.socket)
                client.socket.close()
                left -= 1


def _length(head: bytes) -> int:
    lower = head.lower()
    return int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0])
