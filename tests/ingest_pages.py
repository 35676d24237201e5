"""The pages of ingest as people meet them: browsers of several people before one instance."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import factories
from muster_ingest.app import create_app
from muster_shared.auth import Caller, sign_in_link
from muster_shared.context import Context
from safe_answers import faults

MANAGER = "amina.otieno@example.org"
PEOPLE: dict[str, dict[str, Any]] = {
    "focal_point": {"offices": ("KEN",)},
    "head_of_office": {"offices": ("KEN",)},
    "project_manager": {"name": MANAGER},
    "reviewer": {"regions": ("east_horn_of_africa",)},
    "donor": {"donor": "example-fund"},
}
_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


class Browser:
    """A person's browser, signed in."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert not list(faults(answer)), path
        return answer

    def read(self, path: str) -> str:
        """The text of a page as a person reads it, with entities resolved."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def send(self, page: str, action: str, **fields: Any) -> TestResponse:
        """Send a form of a page; a file is given as ``(name, bytes)``."""
        token = _TOKEN.search(self.get(page).text)
        assert token, f"{page} has no form"
        files = {name: (BytesIO(value[1]), value[0]) for name, value in fields.items() if isinstance(value, tuple)}
        data = {**fields, **files, "csrf_token": token[1]}
        return self.client.post(action, data=data, headers={"Accept": "text/html"})


class House:
    """An instance of ingest with headquarters, Kenya and Uganda, and a project of each of the two."""

    def __init__(self, context: Context, token: Callable[..., str]) -> None:
        self.context, self.token = context, token
        self.app = create_app(context)
        self.admin = self.browser("admin")
        self.accept(*(factories.office(code) for code in ("HQ", "KEN", "UGA")), factories.donor(), code="HQ")

    def close(self) -> None:
        self.app.extensions["muster_readers"].close()

    def browser(self, role: str, **scope: Any) -> Browser:
        known = {"name": f"{role}@example.org", **PEOPLE.get(role, {}), **scope}
        link = sign_in_link(self.context.settings, Caller(role=role, **known), lifetime=timedelta(hours=1))
        client = self.app.test_client()
        client.get(f"/ingest/sign-in?{link.partition('?')[2]}")
        return Browser(client)

    def accept(self, *records: dict[str, Any], code: str = "KEN") -> dict[str, Any]:
        return self._answered(201, factories.envelope(*records, code=code))

    def refuse(self, envelope: dict[str, Any]) -> dict[str, Any]:
        return self._answered(422, envelope)

    def _answered(self, status: int, envelope: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token('admin')}"}
        answer = self.app.test_client().post("/ingest/v1/submissions", json=envelope, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.get_json())
