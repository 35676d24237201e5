"""Statements that take long: each is a line of the log, and a process counts those of its own for its metrics."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from muster_shared import tracing

_log = logging.getLogger(__name__)
_SHOWN: Final = 300  # characters of a statement; what it is given is never shown
_BEGAN: Final = "muster_began"
_watched: WeakKeyDictionary[Engine, Watch] = WeakKeyDictionary()


class Watch:
    """Notes the statements of an engine that take ``seconds`` or longer, those that were cut off among them."""

    def __init__(self, seconds: float) -> None:
        self.noted = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def begun(self, _connection: Connection, _cursor: Any, _statement: str, _given: Any, context: Any, _: Any) -> None:
        """A statement is sent."""
        setattr(context, _BEGAN, time.perf_counter())

    def ended(self, _connection: Connection, _cursor: Any, statement: str, _given: Any, context: Any, _: Any) -> None:
        """It was answered."""
        self._look_at(statement, context)

    def failed(self, failure: ExceptionContext) -> None:
        """It was refused or cut off."""
        if failure.statement is not None:
            self._look_at(failure.statement, failure.execution_context)

    def _look_at(self, statement: str, context: Any) -> None:
        began = getattr(context, _BEGAN, None)
        if began is not None:
            self.took(statement, time.perf_counter() - began)

    def took(self, statement: str, seconds: float) -> None:
        """Note a statement if it took long."""
        if seconds < min(self._seconds, tracing.STATEMENT_SECONDS):
            return
        shown = " ".join(statement.split())[:_SHOWN]
        tracing.statement(shown, seconds)
        if seconds < self._seconds:
            return
        with self._lock:
            self.noted += 1
        _log.warning("slow statement", extra={"seconds": round(seconds, 3), "statement": shown})


def watch(engine: Engine, seconds: float) -> None:
    """Note from now on which statements of an engine take ``seconds`` or longer."""
    watching = _watched[engine] = Watch(seconds)
    event.listen(engine, "before_cursor_execute", watching.begun)
    event.listen(engine, "after_cursor_execute", watching.ended)
    event.listen(engine, "handle_error", watching.failed)


def took(engine: Engine, statement: str, seconds: float) -> None:
    """Tell of a statement of an engine that SQLAlchemy knows nothing of."""
    if engine in _watched:
        _watched[engine].took(statement, seconds)


def noted(engine: Engine) -> int:
    """How many slow statements this process had on an engine so far."""
    return _watched[engine].noted if engine in _watched else 0
