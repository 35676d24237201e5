"""Structured logs: one JSON object a line, with the request id that follows the work through every task."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from muster_shared.clock import iso_z, real_now

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_LONGEST_ID = 64
_more: list[Callable[[], Mapping[str, str]]] = []
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def is_plain_id(text: str) -> bool:
    """Whether a text can be the id of a request: letters, digits, hyphens and underscores, 64 at most."""
    return 0 < len(text) <= _LONGEST_ID and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON; what was passed as ``extra`` stands beside the message."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One line, without line breaks."""
        line = {
            "at": iso_z(real_now()),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "request_id": request_id.get(),
            **(_more[-1]() if _more else {}),
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OWN},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def stand_in_each_line(told: Callable[[], Mapping[str, str]]) -> None:
    """What stands in every line beside the request id, from now on."""
    _more[:] = [told]


def configure(service: str, level: str) -> None:
    """Send every log line of this process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("amqp").setLevel("WARNING")
