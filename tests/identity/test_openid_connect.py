"""Signing in by an OpenID provider: a real one, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import text

from muster_ingest.app import create_app
from muster_shared import audit
from muster_shared.context import Context
from muster_shared.embedded.ports import free_port
from openid_provider import provider

BASE = "http://127.0.0.1:8000"
PERSON = "INSERT INTO person VALUES (:email, 'x', 'en', 'UTC', 'focal_point', '{KEN}', '{}', null, :active, now(), 'x')"
PEOPLE: list[dict[str, Any]] = [
    {"sub": "ann", "email": "Ann@example.org", "email_verified": True},
    {"sub": "eve", "email": "ann@example.org", "email_verified": False},
    {"sub": "tim", "email": "ann@example.org", "email_verified": "true"},
    {"sub": "nil"},
    {"sub": "bob", "email": "bob@example.org", "email_verified": True},
    {"sub": "cas", "email": "cas@example.org", "email_verified": True},
]
Opening = Callable[..., Flask]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(PEOPLE) as address:
        yield address


@pytest.fixture
def opening(open_context: Callable[[str], Context], issuer: str) -> Iterator[Opening]:
    """Make ingest's application with a provider."""
    context = open_context("ingest")
    context.settings.data_dir.mkdir(exist_ok=True)
    context.clock.begin()
    with context.sessions.begin() as session:
        session.execute(text(PERSON), {"email": "ann@example.org", "active": True})
        session.execute(text(PERSON), {"email": "cas@example.org", "active": False})
    made: list[Flask] = []

    def open_one(**told: str) -> Flask:
        given = {"oidc_issuer": issuer, "oidc_client_id": "muster", "oidc_client_secret": "s", **told}
        made.append(create_app(replace(context, settings=replace(context.settings, **given))))  # type: ignore[arg-type]
        return made[-1]

    yield open_one
    for app in made:
        app.extensions["muster_readers"].close()


@pytest.fixture
def app(opening: Opening) -> Flask:
    return opening()


def authorized(browser: FlaskClient, subject: str, **form: str) -> str:
    """Where the provider sends the browser back to, after somebody authorized there."""
    to = browser.get("/ingest/sign-in/oidc").headers["Location"]
    answer = requests.post(to, data={"sub": subject, **form}, allow_redirects=False, timeout=10)
    back: str = answer.headers["Location"]
    assert back.startswith(f"{BASE}/ingest/sign-in/oidc/back?")
    return back.removeprefix(BASE)


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/ingest/v1/me").status_code == 200


def trail(app: Flask) -> list[tuple[str, str, str | None]]:
    held: Context = app.extensions["muster"]
    audit.seal(held.sessions)
    query = "SELECT outcome, actor, subject ->> 'reason' FROM audit_entry WHERE action = 'sign_in' ORDER BY number"
    with held.sessions() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(text(query))]


def test_whom_the_provider_names_is_signed_in_for_what_they_are_here(app: Flask) -> None:
    browser = app.test_client()
    answer = browser.get(authorized(browser, "ann"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ingest/")
    me = browser.get("/ingest/v1/me").get_json()
    assert (me["name"], me["role"], me["offices"]) == ("ann@example.org", "focal_point", ["KEN"])
    assert browser.get("/ingest/v1/users").status_code == 403
    assert trail(app) == [("done", "ann@example.org", None)]


def test_the_request_carries_state_nonce_and_the_challenge_of_a_secret(app: Flask, issuer: str) -> None:
    answer = app.test_client().get("/ingest/sign-in/oidc")
    assert answer.headers["Location"].startswith(f"{issuer}/")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{BASE}/ingest/sign-in/oidc/back"]
    assert set(asked["scope"][0].split()) == {"openid", "email"}
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("muster_oidc=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("subject", "reason", "said"),
    [
        ("bob", "nobody", "Nobody with this address"),
        ("cas", "nobody", "Nobody with this address"),
        ("eve", "unverified", "did not confirm"),
        ("tim", "unverified", "did not confirm"),
        ("nil", "unverified", "did not confirm"),
    ],
)
def test_who_is_not_known_here_or_not_verified_there_is_refused(
    app: Flask, subject: str, reason: str, said: str
) -> None:
    browser = app.test_client()
    answer = browser.get(authorized(browser, subject))
    assert answer.status_code == 403
    assert said in answer.text
    assert "muster_session" not in str(answer.headers)
    assert not signed_in(browser)
    assert [(outcome, why) for outcome, _, why in trail(app)] == [("refused", reason)]


def test_an_answer_for_another_browser_or_used_before_opens_nothing(app: Flask) -> None:
    browser, thief = app.test_client(), app.test_client()
    back = authorized(browser, "ann")
    for stranger in (thief, app.test_client()):
        assert stranger.get(back).status_code == 403
    authorized(thief, "bob")
    assert thief.get(back).status_code == 403
    assert browser.get(back).status_code == 303
    again = app.test_client()
    assert again.get(back).status_code == 403
    assert browser.get(back).status_code == 403
    assert not signed_in(thief)


@pytest.mark.parametrize("query", ["", "?code=x&state=y", "?error=access_denied", "?state=%00"])
def test_what_is_no_answer_of_the_provider_gets_a_page_that_says_so(app: Flask, query: str) -> None:
    answer = app.test_client().get(f"/ingest/sign-in/oidc/back{query}")
    assert answer.status_code == 403
    assert "did not work" in answer.text


def test_who_denies_is_not_signed_in(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get(authorized(browser, "ann", action="deny")).status_code == 403
    assert not signed_in(browser)


def test_a_token_that_says_what_the_provider_did_not_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's keys are replaced by another's: no signature holds any more."""
    browser = app.test_client()
    back = authorized(browser, "ann")
    client: Any = app.extensions["muster_oidc"]
    names = [key.get("kid") for key in client.fetch_jwk_set()["keys"]]
    forged = [{**RSAKey.generate_key(2048).as_dict(private=False), "kid": name} for name in names]
    monkeypatch.setattr(client, "fetch_jwk_set", lambda **_options: {"keys": forged})
    assert browser.get(back).status_code == 403
    assert trail(app) == [("refused", "", "provider")]


@pytest.mark.parametrize("wrong", ["nonce", "audience"])
def test_a_token_for_another_request_or_program_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    browser = app.test_client()
    back = authorized(browser, "ann")
    client: Any = app.extensions["muster_oidc"]
    parse = client.parse_id_token

    def altered(token: Any, **told: Any) -> Any:
        if wrong == "nonce":
            told["nonce"] = "another"
        else:
            monkeypatch.setattr(client, "client_id", "another-program")
        return parse(token, **told)

    monkeypatch.setattr(client, "parse_id_token", altered)
    assert browser.get(back).status_code == 403


def test_a_provider_of_another_name_or_none_at_all_is_not_gone_to(opening: Opening, issuer: str) -> None:
    other_name = issuer.replace("127.0.0.1", "localhost")
    app = opening(oidc_issuer=issuer)
    client: Any = app.extensions["muster_oidc"]
    client.load_server_metadata()["issuer"] = other_name
    assert app.test_client().get("/ingest/sign-in/oidc").status_code == 503
    away = opening(oidc_issuer=f"http://127.0.0.1:{free_port()}")
    answer = away.test_client().get("/ingest/sign-in/oidc")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_where_a_provider_is_configured_mail_links_are_off(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get("/ingest/sign-in/mail").headers["Location"] == "/ingest/sign-in/oidc"
    assert browser.post("/ingest/sign-in/mail", data={"email": "ann@example.org"}).status_code == 404
    assert browser.get("/ingest/sign-in/mail/x").status_code == 404
    assert browser.post("/ingest/sign-in/mail/x").status_code == 404


def test_where_none_is_configured_the_page_says_how_to_sign_in(opening: Opening) -> None:
    answer = opening(oidc_issuer="").test_client().get("/ingest/sign-in/oidc")
    assert answer.status_code == 404
    assert "/ingest/sign-in/mail" in answer.get_json()["detail"]
