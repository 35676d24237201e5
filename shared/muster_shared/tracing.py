"""Traces across HTTP, tasks and rows, where the standard ``OTEL_*`` variables ask for them.

Where they do not, nothing of OpenTelemetry is imported and nothing is done: every function here is then a single look
at a variable. What a span may hold is decided in ``tracing_spans``, which path takes it out of the process in
``tracing_export``, how it gets from one process to another by way of rows in ``tracing_rows``.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from muster_shared import logs

if TYPE_CHECKING:
    from muster_shared.tracing_spans import Spans

_log = logging.getLogger(__name__)
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NEEDED: Final = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_QUIET: Final = ("/healthz", "/readyz", "/metrics")  # asked every few seconds by machines
STATEMENT_SECONDS: Final = 0.01  # shorter statements are no spans: there are dozens in a request
Told = Mapping[str, str | int]
_on: Spans | None = None


def begin(process: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Trace from now on what this process does, if an address to send traces to is set; returns whether it is.

    Where the libraries for it are not installed, one line in the log says how to install them: such variables are
    often set for a whole cluster, and no submission is to be refused for the lack of a trace.
    """
    global _on  # noqa: PLW0603 - a process traces, or does not
    if not _is_wanted(environ):
        return False
    if not all(map(_is_there, _NEEDED)):
        _log.warning("no traces are sent: install what the extra 'traces' names, pip install 'muster[traces]'")
        return False
    from muster_shared import tracing_export, tracing_spans  # noqa: PLC0415 - only here is OpenTelemetry needed

    _on = tracing_spans.Spans(tracing_export.begin(process))
    logs.stand_in_each_line(_on.ids)
    return True


def end() -> None:
    """Send what is left, within bounds, and trace no more; a process that ends does so by itself."""
    global _on  # noqa: PLW0603
    if _on is not None:
        from muster_shared import tracing_export  # noqa: PLC0415

        _on = None
        logs.stand_in_each_line(dict)
        tracing_export.end()


def _is_wanted(environ: Mapping[str, str]) -> bool:
    is_off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    is_none = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return any(environ.get(name) for name in _ENDPOINTS) and not (is_off or is_none)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is a part of
        return False


def is_on() -> bool:
    """Whether this process traces."""
    return _on is not None


def serving(application: Callable[..., Any]) -> Callable[..., Any]:
    """A WSGI application, each of whose requests is a span; the application itself where nothing is traced."""
    spans = _on
    if spans is None:
        return application

    def traced(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if str(environ.get("PATH_INFO", "")).endswith(_QUIET):
            return application(environ, start_response)
        with spans.request(str(environ.get("HTTP_TRACEPARENT", ""))):
            return application(environ, start_response)

    return traced


def answered(method: str, route: str, status: int) -> None:
    """What the request of this thread was, by its route and never by its path, and how it was answered."""
    if _on is not None:
        _on.answered(method, route, status)


def asking(method: str, route: str) -> AbstractContextManager[object]:
    """A request to another service; ``route`` without anything that names a person or opens something."""
    return nullcontext() if _on is None else _on.asking(method, route)


def waking(task: str) -> AbstractContextManager[object]:
    """The sending of a task."""
    return nullcontext() if _on is None else _on.waking(task)


def headers() -> dict[str, str]:
    """``{"traceparent": ...}`` for a request or a task that is sent now; empty where nothing is traced."""
    return {} if _on is None else _on.headers()


def origin() -> str:
    """The same as a text to keep with a row that is written now; empty where it comes from no request."""
    return "" if _on is None else _on.origin()


def task_begins(task: str, task_id: str, traceparent: str) -> None:
    """A task begins in this thread; one that nobody's request sent, a tick, becomes a span only by ``come_from``."""
    if _on is not None:
        _on.task_begins(task, task_id, traceparent)


def task_ends(error: BaseException | None) -> None:
    """It is over."""
    if _on is not None:
        _on.task_ends(error)


def come_from(origins: Sequence[str]) -> None:
    """What the task of this thread does now comes from these; a tick joins the newest of them, else they are links."""
    if _on is not None:
        _on.come_from(origins)


def work(name: str, origins: Iterable[str], told: Told) -> AbstractContextManager[object]:
    """Work that stands as a row: part of the trace that the row comes from, whichever task claimed it.

    ``told`` are names of rows and counts, never people, addresses or anything that opens something.
    """
    return nullcontext() if _on is None else _on.work(name, origins, told)


def statement(shown: str, seconds: float) -> None:
    """A statement that just ended; its text without what it was given."""
    if _on is not None:
        _on.statement(shown, seconds)
