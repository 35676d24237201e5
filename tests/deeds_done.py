"""Notify that really writes through ingest, without a socket in between; ingest can be made to be away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from werkzeug.test import TestResponse

from muster_notify.records import Answer, Records


@dataclass
class Line:
    """The line from notify to ingest: keeps what went over it. ``away``: nothing arrives; ``cut``: no answer does."""

    muster: Any
    away: bool = False
    cut: bool = False
    sent: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        if self.away:
            raise requests.ConnectionError("nobody listens")
        self.sent.append(headers)
        answer = self.muster.ingest_client.open(path, method=method, data=body, headers=dict(headers))
        if self.cut:
            raise requests.ReadTimeout("no answer")
        return Answer(answer.status_code, answer.get_json())


def lined(muster: Any) -> Line:
    """Lay the line between a muster's notify and its ingest."""
    line = Line(muster)
    muster.client.application.extensions["muster_records"] = Records(muster.context.settings, line)
    return line


def send(muster: Any, method: str, path: str, body: Any = None, role: str = "admin", **caller: Any) -> TestResponse:
    """One request to notify's interface."""
    headers = {"Authorization": f"Bearer {muster.token(role, **caller)}"}
    answer: TestResponse = muster.client.open(f"/notify/v1{path}", method=method, json=body, headers=headers)
    return answer


def pointers(answer: TestResponse) -> list[str]:
    """Where the errors of a problem are."""
    assert answer.content_type == "application/problem+json", answer.text
    return [error["pointer"] for error in answer.get_json()["errors"]]
