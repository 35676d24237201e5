"""What becomes a span, and all it may say: routes, names of tasks, ids of rows and requests, counts, kinds of errors.

Paths, queries, headers, addresses, names, arguments of tasks and texts of exceptions are never put into one: a link
that signs somebody in, a token or somebody's mail address may stand in each of them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from muster_shared.logs import request_id
from muster_shared.names import queue_of

_FORMAT: Final = TraceContextTextMapPropagator()
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NOWHERE: Final = Context()


@dataclass(slots=True)
class _Task:
    """The task of a thread; ``span`` is None in a tick that has found nothing to do yet."""

    name: str
    told: Mapping[str, str]
    began: int = field(default_factory=time.time_ns)
    span: Span | None = None
    attached: Token[Context] | None = None


_task: ContextVar[_Task | None] = ContextVar("traced_task", default=None)


class Spans:
    """Begins and ends the spans of a process."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def ids(self) -> dict[str, str]:
        """``{trace_id, span_id}`` of what this thread does, for its lines in the log; empty where it is not traced."""
        here = _here()
        if not here.trace_flags.sampled:
            return {}
        return {"trace_id": trace.format_trace_id(here.trace_id), "span_id": trace.format_span_id(here.span_id)}

    def headers(self) -> dict[str, str]:
        """The header by which another process goes on with the trace, or is told not to begin one."""
        given: dict[str, str] = {}
        around = contexts.get_current() if _here().is_valid else _aside()
        _FORMAT.inject(given, context=around)
        return {"traceparent": given["traceparent"]}

    def origin(self) -> str:
        """The same for a row; empty in a tick: what comes of it is a trace of its own."""
        task = _task.get()
        is_tick = task is not None and task.span is None
        return "" if is_tick or not _here().is_valid else self.headers()["traceparent"]

    def request(self, traceparent: str) -> AbstractContextManager[Span]:
        """A request that came in, of the trace that it names."""
        return _current(self._tracer.start_span("request", _context(traceparent), SpanKind.SERVER))

    def answered(self, method: str, route: str, status: int) -> None:
        """The request of this thread is answered."""
        span, method = trace.get_current_span(), _known(method)
        if not span.is_recording():
            return
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status, **_request()}
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))

    def asking(self, method: str, route: str) -> AbstractContextManager[Span]:
        """A request to another service."""
        return self._inner(
            f"{_known(method)} {route}", SpanKind.CLIENT, {"http.request.method": _known(method), "url.template": route}
        )

    def waking(self, task: str) -> AbstractContextManager[Span]:
        """The sending of a task."""
        return self._inner(f"send {task}", SpanKind.PRODUCER, {"messaging.operation.name": "send", **_of_queue(task)})

    def work(self, name: str, origins: Iterable[str], told: Mapping[str, str | int]) -> AbstractContextManager[Span]:
        """Work that stands as a row: in the trace it comes from; with a link to the one that did it, if another."""
        came = [one for one in map(_span_context, origins) if one.is_valid]
        here = _here()
        links = [Link(one) for one in (*came[1:], here) if one.trace_flags.sampled]
        if here.trace_flags.sampled and (not came or came[0].trace_id == here.trace_id):
            around, links = contexts.get_current(), [Link(one) for one in came[1:] if one.trace_flags.sampled]
        else:
            around = _around(came[0]) if came else _NOWHERE
        return _current(self._tracer.start_span(name, around, attributes={**_request(), **told}, links=links))

    def task_begins(self, name: str, task_id: str, traceparent: str) -> None:
        """A task begins; it was sent by whoever ``traceparent`` names, or by the scheduler."""
        told = {"messaging.operation.name": "process", "messaging.message.id": task_id, **_of_queue(name)}
        task = _Task(name, told)
        _task.set(task)
        sent_by = _span_context(traceparent)
        if sent_by.trace_flags.sampled:
            self._begin(task, _around(sent_by), ())

    def come_from(self, origins: Sequence[str]) -> None:
        """What the task of this thread does comes from these."""
        came = [one for one in map(_span_context, origins) if one.trace_flags.sampled]
        task = _task.get()
        if came and task is not None and task.span is None:
            self._begin(task, _around(came[-1]), came[:-1])
            return
        for one in came:
            if one.trace_id != _here().trace_id:
                trace.get_current_span().add_link(one)

    def task_ends(self, error: BaseException | None) -> None:
        """The task of this thread is over."""
        task = _task.get()
        if task is None:
            return
        if task.span is not None:
            _note(task.span, error)
            task.span.end()
        if task.attached is not None:
            contexts.detach(task.attached)
        _task.set(None)

    def statement(self, shown: str, seconds: float) -> None:
        """A statement that just ended."""
        if not trace.get_current_span().is_recording():
            return
        ended = time.time_ns()
        told = {"db.system.name": "postgresql", "db.query.text": shown}
        name = shown.partition(" ")[0].upper()
        span = self._tracer.start_span(name, None, SpanKind.CLIENT, told, start_time=ended - int(seconds * 1e9))
        span.end(ended)

    def _begin(self, task: _Task, around: Context, links: Sequence[SpanContext]) -> None:
        told = {**task.told, **_request()}
        linked = [Link(one) for one in links]
        task.span = self._tracer.start_span(task.name, around, SpanKind.CONSUMER, told, linked, task.began)
        task.attached = contexts.attach(trace.set_span_in_context(task.span))

    def _inner(self, name: str, kind: SpanKind, told: Mapping[str, str]) -> AbstractContextManager[Span]:
        """A part of what this thread does; not traced where that is not."""
        around = contexts.get_current() if _here().is_valid else _aside()
        return _current(self._tracer.start_span(name, around, kind, told))


@contextmanager
def _current(span: Span) -> Iterator[Span]:
    """A span as that of the thread; of an exception that goes through, its kind is noted and not what it says."""
    attached = contexts.attach(trace.set_span_in_context(span))
    try:
        yield span
    except Exception as error:
        _note(span, error)
        raise
    finally:
        contexts.detach(attached)
        span.end()


def _note(span: Span, error: BaseException | None) -> None:
    if error is not None:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR))


def _here() -> SpanContext:
    return trace.get_current_span().get_span_context()


def _context(traceparent: str) -> Context:
    return _FORMAT.extract({"traceparent": traceparent}, context=Context())


def _span_context(traceparent: str) -> SpanContext:
    return trace.get_current_span(_context(traceparent)).get_span_context()


def _around(one: SpanContext) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(one), Context())


def _aside() -> Context:
    """Within a trace that nobody records: whoever goes on with it does not begin one of its own."""
    ids = secrets.randbits(128) or 1, secrets.randbits(64) or 1
    return _around(SpanContext(*ids, is_remote=False, trace_flags=TraceFlags(TraceFlags.DEFAULT)))


def _request() -> dict[str, str]:
    known = request_id.get()
    return {} if known == "-" else {"muster.request_id": known}


def _of_queue(task: str) -> dict[str, Any]:
    return {"messaging.system": "celery", "messaging.destination.name": queue_of(task), "muster.task": task}


def _known(method: str) -> str:
    return method if method in _METHODS else "_OTHER"
