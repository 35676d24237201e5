"""A person with a browser before notify's pages: a session, its cookies, and forms sent as a browser sends them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from muster_shared.csrf import FIELD
from muster_shared.signing_out import SESSION_COOKIE

_TOKEN = re.compile(rf'name="{FIELD}" value="([0-9a-f]+)"')
_BLANKS = re.compile(r"\s+")
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL)


@dataclass
class Browser:
    """One signed-in person's browser, without JavaScript."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        """A page; whatever the status."""
        answer: TestResponse = self.client.get(path, headers={"Accept": "text/html"})
        return answer

    def read(self, path: str) -> str:
        """The text of a page that there is, without its tags."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:400]}"
        return text_of(answer)

    def send(self, page: str, form: dict[str, Any], *, to: str | None = None) -> TestResponse:
        """Fill in a form of a page and send it, to the page itself or to where the form leads."""
        shown = self.get(page).text
        found = _TOKEN.search(shown)
        assert found, f"{page} has no form"
        if to is not None:
            assert f'action="{html.escape(to)}"' in shown, f"{page} has no form that leads to {to}"
        answer: TestResponse = self.client.post(to or page, data={FIELD: found[1], **form})
        return answer


def browser(muster: Any, role: str = "admin", **caller: Any) -> Browser:
    """The browser of a person who is signed in to a muster's notify."""
    client = muster.client.application.test_client()
    client.set_cookie(SESSION_COOKIE, muster.token(role, **caller))
    return Browser(client)


def text_of(answer: TestResponse) -> str:
    """What a page says, in one line."""
    return _BLANKS.sub(" ", html.unescape(_TAGS.sub(" ", answer.text))).strip()
