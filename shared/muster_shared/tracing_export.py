"""How spans leave the process: a bounded queue, a thread of its own, OTLP over HTTP, and an end within bounds.

Who sends to whom, how often and which part of all traces is told by the standard ``OTEL_*`` variables, which
OpenTelemetry reads itself.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from multiprocessing.util import Finalize
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Tracer

_log = logging.getLogger(__name__)
_END_SECONDS: Final = 2.0  # a process that is asked to stop has six in all
_FIRST: Final = 10  # of what multiprocessing does at the end of a process
_PATIENCE: Final = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")
_SECONDS: Final = 5.0  # for one batch, unless these say otherwise


class Told(SpanExporter):
    """Says once that traces are not taken, and once that they are again; they are lost meanwhile, and nothing waits."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_taken = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; called by one thread only."""
        result = self._exporter.export(spans)
        is_taken = result is SpanExportResult.SUCCESS
        if self._is_taken and not is_taken:
            _log.warning("traces are not taken and are lost until they are", extra={"spans": len(spans)})
        if is_taken and not self._is_taken:
            _log.info("traces are taken again")
        self._is_taken = is_taken
        return result

    def shutdown(self) -> None:
        """Try nothing again."""
        self._exporter.shutdown()


def begin(process: str) -> Tracer:
    """A tracer whose spans are sent from this process, which is ``ingest`` or ``ingest-worker``."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it would say so with each batch; see Told
    provider = TracerProvider(resource=_resource(process), shutdown_on_exit=False)
    own = None if any(os.environ.get(name) for name in _PATIENCE) else _SECONDS
    provider.add_span_processor(BatchSpanProcessor(Told(OTLPSpanExporter(timeout=own))))
    _endings.append(Ending(provider))
    # web processes are children of their server's, which end without atexit
    Finalize(None, end, exitpriority=_FIRST)
    return provider.get_tracer("muster")


class Ending:
    """A thread that waits for the end, as a process that is ending starts none any more (Python 3.12)."""

    def __init__(self, provider: TracerProvider) -> None:
        self._asked, self._done, self._provider = threading.Event(), threading.Event(), provider
        threading.Thread(target=self._wait, name="traces-ending", daemon=True).start()

    def end(self, seconds: float) -> None:
        """Send what is left; what is not taken within the time is lost."""
        self._asked.set()
        self._done.wait(seconds)

    def _wait(self) -> None:
        self._asked.wait()
        self._provider.shutdown()
        self._done.set()


_endings: list[Ending] = []


def end(seconds: float = _END_SECONDS) -> None:
    """Send what this process has left, within so many seconds."""
    while _endings:
        _endings.pop().end(seconds)


def _resource(process: str) -> Resource:
    told = {"service.namespace": "muster", "muster.process": process}
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"muster-{process}"}
    return Resource.create({**told, **named})
