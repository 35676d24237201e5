from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import Client

from muster_ingest.app import create_app
from muster_shared.auth import Caller, issue, sign_in_link
from muster_shared.context import Context
from muster_shared.settings import Settings


@pytest.fixture
def client(open_context: Callable[[str], Context]) -> Client:
    return create_app(open_context("ingest")).test_client()


def _link(settings: Settings, *, hours: int = 1) -> str:
    caller = Caller("focal.point@example.org", "focal_point", offices=("KEN",))
    address = sign_in_link(settings, caller, lifetime=timedelta(hours=hours))
    return "/ingest/sign-in?" + address.partition("?")[2]


def test_a_link_opens_the_pages_and_only_what_changes_nothing(client: Client, settings: Settings) -> None:
    answer = client.get(_link(settings))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ingest/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "focal.point@example.org" in client.get("/ingest/").text
    assert client.get("/ingest/v1/submissions").status_code == 200
    assert client.post("/ingest/v1/submissions", json={"office": "KEN", "records": []}).status_code == 401


def test_a_link_is_no_token_and_a_token_is_no_link(client: Client, settings: Settings) -> None:
    signed = _link(settings).partition("link=")[2]
    assert client.get("/ingest/v1/submissions", headers={"Authorization": f"Bearer {signed}"}).status_code == 401
    token = issue(settings, Caller("a@example.org", "admin"), lifetime=timedelta(hours=1))
    assert client.get(f"/ingest/sign-in?link={token}").status_code == 401


def test_an_old_or_forged_link_opens_nothing(client: Client, settings: Settings) -> None:
    assert client.get(_link(settings, hours=-1)).status_code == 401
    assert client.get(_link(settings) + "x").status_code == 401
    assert client.get("/ingest/sign-in").status_code == 401


def test_a_browser_gets_the_problem_as_a_page(client: Client) -> None:
    answer = client.get("/ingest/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 401
    assert answer.content_type.startswith("text/html")
    assert client.get("/ingest/v1/submissions", headers={"Accept": "*/*"}).is_json
