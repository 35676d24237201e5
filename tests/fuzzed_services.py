"""Requests that schemathesis makes from the OpenAPI documents, sent to a service in this process.

Every answer has to be one that the document states, in its shape, or a problem; never a 5xx.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance

_LEFT_OUT: Final = ("/sign-out", "/revoked")  # a session's end, and what services tell one another
_MAKING: Final = (Phase.explicit, Phase.generate)
_NEEDED: Final = frozenset({"type", "title", "status", "detail"})


def operations(app: Flask, service: str, token: str) -> Iterator[tuple[str, Any]]:
    """Each operation of a service by method and path."""
    schema = schemathesis.openapi.from_wsgi(f"/{service}/openapi.json", app, headers=_as(token))
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr] # a document that is none fails here
        if not operation.path.endswith(_LEFT_OUT):
            yield f"{operation.method.upper()} {operation.path}", operation


def wrong_answers(operation: Any, token: str, examples: int) -> list[str]:
    """What is answered otherwise than stated to so many requests: the first wrong answer, with its request."""
    wrong: list[str] = []

    @settings(
        max_examples=examples,
        phases=_MAKING,
        deadline=None,
        database=None,
        derandomize=examples < 100,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def every_request_is_answered_as_stated(case: Any) -> None:
        if not wrong:
            wrong.extend(_wrong(case, token))

    every_request_is_answered_as_stated()
    return wrong


def _wrong(case: Any, token: str) -> Iterator[str]:
    answer = case.call(headers=_as(token))
    asked = f"{case.as_curl_command()[:600]} is answered {answer.status_code}"
    try:
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])
    except FailureGroup as error:
        yield f"{asked}: {str(error)[:1500]}"
        return
    if answer.status_code >= 400 and not _problem(answer).keys() >= _NEEDED:
        yield f"{asked}, and not as a problem: {answer.text[:300]}"
    stated = case.operation.definition.raw["responses"]
    if answer.status_code < 400 and str(answer.status_code) not in stated:
        yield f"{asked}, which the document does not state: {', '.join(stated)}"


def _problem(answer: Any) -> dict[str, Any]:
    is_one = answer.headers.get("content-type", [""])[0] == "application/problem+json"
    return dict(answer.json()) if is_one else {}


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
