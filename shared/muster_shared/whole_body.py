"""Reads a request's body to its end, whatever the application made of it.

An answer given while a body still arrives makes a proxy take the service for broken (503 instead of 413 or
401). And a body without a stated length has to be read until it ends, which servers of Muster can tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CHUNK = 256 * 1024
_MOST_BYTES = 256 * 1024 * 1024
_MOST_SECONDS = 20.0


class WholeBody:
    """WSGI middleware: what the application left of the body is read and dropped before the answer goes out."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does, once nothing of the body is left."""
        environ["wsgi.input_terminated"] = True
        answer = self._app(environ, start_response)
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            _drain(environ["wsgi.input"])
        return answer


def _drain(stream: Any) -> None:
    deadline, left = time.monotonic() + _MOST_SECONDS, _MOST_BYTES
    while left > 0 and time.monotonic() < deadline:
        chunk = stream.read(_CHUNK)
        if not chunk:
            return
        left -= len(chunk)
