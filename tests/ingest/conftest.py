from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from muster_ingest.app import create_app
from muster_shared.context import Context


class Ingest:
    """Ingest as its clients meet it."""

    def __init__(self, context: Context, token: Callable[..., str]) -> None:
        self.context = context
        self.client = create_app(context).test_client()
        self.admin = token("admin")
        self.token = token

    def close(self) -> None:
        self.client.application.extensions["muster_readers"].close()

    def post(self, document: Any, *, token: str | None = None, key: str | None = None, **options: Any) -> TestResponse:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {token or self.admin}"}
        if key:
            headers["Idempotency-Key"] = key
        options.setdefault("content_type", "application/json")
        return self.client.post("/ingest/v1/submissions", data=body, headers=headers, **options)

    def accept(self, *records: dict[str, Any], code: str = "KEN", token: str | None = None) -> dict[str, Any]:
        answer = self.post(factories.envelope(*records, code=code), token=token)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def refuse(self, *records: dict[str, Any], code: str = "KEN", token: str | None = None) -> list[dict[str, Any]]:
        answer = self.post(factories.envelope(*records, code=code), token=token)
        assert answer.status_code == 422, answer.text
        assert answer.content_type == "application/problem+json"
        return list(answer.get_json()["errors"])

    def upload(
        self, content: bytes, *, name: str = "book.xlsx", token: str | None = None, key: str | None = None, **said: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {token or self.admin}"} | ({"Idempotency-Key": key} if key else {})
        form = {**said, "file": (BytesIO(content), name)}
        return self.client.post("/ingest/v1/workbooks", data=form, headers=headers)

    def take(self, content: bytes, **said: Any) -> dict[str, Any]:
        said.setdefault("office", "KEN")
        answer = self.upload(content, **said)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def errors_in(self, content: bytes, **said: Any) -> list[dict[str, Any]]:
        said.setdefault("office", "KEN")
        answer = self.upload(content, **said)
        assert answer.status_code == 422, answer.text
        return list(answer.get_json()["errors"])

    def template(self, kind: str, *, office: str = "KEN", lang: str = "en") -> bytes:
        answer = self.get(f"/templates/{kind}.xlsx?office={office}&lang={lang}")
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def get(self, path: str, *, token: str | None = None) -> TestResponse:
        return self.client.get(f"/ingest/v1{path}", headers={"Authorization": f"Bearer {token or self.admin}"})

    def items(self, path: str) -> list[dict[str, Any]]:
        return list(self.get(path).get_json()["items"])


@pytest.fixture
def ingest(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[Ingest]:
    made = Ingest(open_context("ingest"), token)
    yield made
    made.close()


@pytest.fixture
def at_home(ingest: Ingest) -> Ingest:
    """Ingest that knows headquarters, Kenya, Uganda and a donor."""
    ingest.accept(*(factories.office(code) for code in ("HQ", "KEN", "UGA")), factories.donor(), code="HQ")
    return ingest
