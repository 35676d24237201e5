"""The one shape of an error: RFC 9457 problem details, with every error of rejected data.

A ``Problem`` is raised anywhere and becomes the answer; clients never see the text of another exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

JSON_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class DataError:
    """One wrong value: what is wrong and what would be right, and where it is.

    Where: ``pointer`` is an RFC 6901 pointer into the JSON document sent, ``record`` the index in its ``records``;
    ``sheet`` and ``cell`` ("D14") lead into a workbook, ``line`` and ``column`` (from 1) into a CSV file.
    """

    code: str
    message: str
    field: str | None = None
    record: int | None = None
    pointer: str | None = None
    value: Any = None
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None
    column: int | None = None

    def document(self) -> dict[str, Any]:
        """The error as the outside sees it, without what is not known."""
        pairs = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "record": self.record,
            "pointer": self.pointer,
            "sheet": self.sheet,
            "cell": self.cell,
            "line": self.line,
            "column": self.column,
            "value": self.value,
        }
        return {name: value for name, value in pairs.items() if value is not None}


class Problem(Exception):
    """An answer that is not the one asked for; ``status`` is its HTTP status."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[DataError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The problem as RFC 9457 writes it."""
        document = {
            "type": f"urn:muster:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            document["errors"] = [error.document() for error in self.errors]
        return document


def unavailable(part: str, *, retry_after: int = 2) -> Problem:
    """503: a part that is needed is down."""
    return Problem(503, "unavailable", f"{part} is down; try again shortly", headers={"Retry-After": str(retry_after)})


def busy(detail: str, *, retry_after: int = 30) -> Problem:
    """503: everything works, and there is too much to do."""
    return Problem(503, "busy", detail, headers={"Retry-After": str(retry_after)})


def not_found(what: str) -> Problem:
    """404: no such thing, or none that the caller may know of."""
    return Problem(404, "not_found", what)


def forbidden(detail: str) -> Problem:
    """403: the caller is known and may not."""
    return Problem(403, "forbidden", detail)
