"""Signing in by a link that is sent by mail: once, within 15 minutes, in the browser that asked for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from muster_ingest.app import create_app
from muster_shared import audit
from muster_shared.context import Context
from muster_shared.names import NOTIFY_SIGN_IN_LINK

ANN = "ann@example.org"
PERSON = "INSERT INTO person VALUES (:email, 'Ann', 'fr', 'UTC', 'focal_point', '{KEN}', '{}', null, true, now(), 'x')"


class Sent:
    """Keeps what would go to notify."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Any, ...]] = []

    def __call__(self, _task: str, **_options: object) -> bool:
        return True

    def send(self, task: str, *arguments: Any) -> bool:
        self.tasks.append((task, *arguments))
        return True

    def path(self) -> str:
        """Of the newest link."""
        return str(self.tasks[-1][-1]).removeprefix("http://127.0.0.1:8000")


class Door:
    def __init__(self, context: Context) -> None:
        self.sent = Sent()
        self.context = replace(context, wake=self.sent)  # type: ignore[arg-type] # what it is asked for, it does
        self.app = create_app(self.context)
        self.execute(PERSON, email=ANN)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def ask(self, browser: FlaskClient, email: str = ANN, **headers: str) -> Any:
        return browser.post("/ingest/sign-in/mail", data={"email": email}, headers=headers)

    def execute(self, statement: str, **values: object) -> None:
        with self.context.sessions.begin() as session:
            session.execute(text(statement), values)

    def trail(self) -> list[tuple[str, str, str | None]]:
        audit.seal(self.context.sessions)
        with self.context.sessions() as session:
            query = (
                "SELECT outcome, actor, subject ->> 'reason' FROM audit_entry WHERE action = 'sign_in' ORDER BY number"
            )
            rows = session.execute(text(query))
            return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
def door(open_context: Callable[[str], Context]) -> Iterator[Door]:
    context = open_context("ingest")
    context.settings.data_dir.mkdir(exist_ok=True)
    context.clock.begin()
    made = Door(context)
    yield made
    made.app.extensions["muster_readers"].close()


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/ingest/v1/me").status_code == 200


def test_the_link_signs_in_for_what_the_person_is(door: Door) -> None:
    browser = door.browser()
    assert door.ask(browser).status_code == 200
    assert door.sent.tasks[0][:4] == (NOTIFY_SIGN_IN_LINK, ANN, "Ann", "fr")
    looked = browser.get(door.sent.path())
    assert looked.status_code == 200
    assert not signed_in(browser)
    used = browser.post(door.sent.path())
    assert (used.status_code, used.headers["Location"]) == (303, "/ingest/")
    cookie = next(one for one in used.headers.getlist("Set-Cookie") if one.startswith("muster_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    me = browser.get("/ingest/v1/me").get_json()
    assert (me["name"], me["role"], me["offices"]) == (ANN, "focal_point", ["KEN"])
    assert door.trail() == [("done", ANN, None)]
    with door.context.sessions() as session:
        assert session.scalar(text("SELECT last_signed_in FROM person")) == door.context.clock.now()


@pytest.mark.parametrize(
    ("wanted", "comes_to"),
    [
        ("/notify/?project=KEN-2016-01&status=overdue", "/notify/?project=KEN-2016-01&status=overdue"),
        ("/ingest/sign-out", "/ingest/"),
        ("//evil.example.org/ingest/", "/ingest/"),
        ("https://evil.example.org/ingest/", "/ingest/"),
        ("/ingest/..//evil.example.org", "/ingest/"),
        ("/ingest/\\evil.example.org", "/ingest/"),
        ("/ingest/\r\nSet-Cookie: muster_session=x", "/ingest/"),
    ],
)
def test_who_wanted_a_page_comes_to_it_after_signing_in(wanted: str, comes_to: str, door: Door) -> None:
    browser = door.browser()
    browser.get("/ingest/sign-in/mail", query_string={"to": wanted})
    door.ask(browser)
    assert browser.post(door.sent.path()).headers["Location"] == comes_to
    door.ask(browser)
    assert browser.post(door.sent.path()).headers["Location"] == "/ingest/", "it was wanted once"


def test_nobody_learns_which_addresses_are_known(door: Door) -> None:
    door.execute(PERSON.replace("true", "false"), email="gone@example.org")
    answers, seconds = [], []
    for email in (ANN, "nobody@example.org", "gone@example.org"):
        began = time.monotonic()
        answer = door.ask(door.browser(), email)
        seconds.append(time.monotonic() - began)
        answers.append((answer.status_code, answer.text, "muster_asked=" in answer.headers["Set-Cookie"]))
    assert len(set(answers)) == 1
    assert min(seconds) >= 0.2
    assert [task[1] for task in door.sent.tasks] == [ANN]


def test_a_stolen_link_opens_nothing_in_another_browser_and_stays_good_in_its_own(door: Door) -> None:
    browser, thief = door.browser(), door.browser()
    door.ask(browser)
    door.ask(thief, "thief@example.org")
    for answer in (thief.get(door.sent.path()), thief.post(door.sent.path()), door.browser().post(door.sent.path())):
        assert answer.status_code == 410
        assert "only in the browser" in answer.text
        assert "muster_session" not in str(answer.headers)
    assert browser.post(door.sent.path()).status_code == 303
    assert door.trail() == [("refused", ANN, "other_browser")] * 2 + [("done", ANN, None)]


def test_a_link_opens_once(door: Door) -> None:
    browser = door.browser()
    door.ask(browser)
    nonce = browser.get_cookie("muster_asked", path="/ingest/sign-in")
    assert nonce
    browser.post(door.sent.path())
    browser.delete_cookie("muster_session")
    browser.set_cookie("muster_asked", nonce.value, path="/ingest/sign-in")
    answer = browser.post(door.sent.path())
    assert answer.status_code == 410
    assert "déjà servi" in answer.text  # in the language of the person, once they have signed in
    assert not signed_in(browser)
    assert door.trail()[-1] == ("refused", ANN, "used")


def test_of_many_who_use_a_link_at_the_same_time_one_is_signed_in(door: Door) -> None:
    browser = door.browser()
    door.ask(browser)
    nonce = browser.get_cookie("muster_asked", path="/ingest/sign-in")
    assert nonce

    def use(_number: int) -> int:
        one = door.browser()
        one.set_cookie("muster_asked", nonce.value, path="/ingest/sign-in")
        return one.post(door.sent.path()).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(use, range(6))) == [303, *[410] * 5]


@pytest.mark.parametrize(
    ("statement", "reason", "said"),
    [
        ("UPDATE sign_in_link SET expires_at = now() - interval '1 second'", "expired", "older than 15 minutes"),
        ("UPDATE person SET active = false", "closed", "cannot sign in any more"),
        ("DELETE FROM person", "closed", "cannot sign in any more"),
        ("DELETE FROM sign_in_link", "unknown", "not one of ours"),
    ],
)
def test_what_must_not_open_says_why_and_is_noted(door: Door, statement: str, reason: str, said: str) -> None:
    browser = door.browser()
    door.ask(browser)
    door.execute(statement)
    answer = browser.post(door.sent.path())
    assert answer.status_code == 410
    assert said in answer.text
    assert not signed_in(browser)
    assert door.trail() == [("refused", "" if reason == "unknown" else ANN, reason)]


def test_a_link_holds_for_fifteen_minutes(door: Door) -> None:
    door.ask(door.browser())
    with door.context.sessions() as session:
        lifetime = session.scalar(text("SELECT extract(epoch FROM expires_at - made_at)::int FROM sign_in_link"))
    assert lifetime == 15 * 60


def test_five_links_are_sent_within_an_hour_and_more_later(door: Door) -> None:
    answers = {door.ask(door.browser()).text for _ in range(7)}
    assert len(door.sent.tasks) == 5
    assert len(answers) == 1
    door.execute("UPDATE sign_in_link SET made_at = made_at - interval '61 minutes'")
    door.ask(door.browser())
    assert len(door.sent.tasks) == 6


def test_rows_are_forgotten_after_a_day_and_hold_no_secret(door: Door) -> None:
    door.ask(door.browser())
    with door.context.sessions() as session:
        kept = str(session.execute(text("SELECT * FROM sign_in_link")).all())
    assert door.sent.path().rpartition("/")[2] not in kept
    door.execute("UPDATE sign_in_link SET made_at = made_at - interval '25 hours'")
    door.ask(door.browser(), "nobody@example.org")
    with door.context.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM sign_in_link")) == 0


def test_a_form_of_another_site_sends_no_mail(door: Door) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert door.ask(door.browser(), **headers).status_code == 403
    assert door.sent.tasks == []
    for headers in ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
        assert door.ask(door.browser(), **headers).status_code == 200
    assert len(door.sent.tasks) == 2


def test_a_session_of_a_link_writes_nothing_and_sees_no_other_office(door: Door) -> None:
    browser = door.browser()
    door.ask(browser)
    browser.post(door.sent.path())
    assert browser.get("/ingest/").status_code == 200
    assert browser.post("/ingest/v1/tokens", json={"title": "t"}).status_code == 401
    assert browser.get("/ingest/v1/users").status_code == 403


@pytest.mark.parametrize(
    ("accepted", "said"),
    [("fr-CA,fr;q=0.9", "Adresse électronique"), ("es", "Dirección de correo"), ("de", "E-mail address")],
)
def test_the_page_speaks_the_language_of_the_browser(door: Door, accepted: str, said: str) -> None:
    page = door.browser().get("/ingest/sign-in/mail", headers={"Accept-Language": accepted})
    assert said in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("given", ["", "ann", '"><script>alert(1)</script>', f"{'a' * 70}@example.org"])
def test_what_is_no_address_is_said_so_and_shown_as_text(door: Door, given: str) -> None:
    answer = door.ask(door.browser(), given)
    assert answer.status_code == 422
    assert "write it like" in answer.text
    assert "<script>alert" not in answer.text


def test_the_link_stands_in_no_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    browser = door.browser()
    door.ask(browser)
    browser.get(door.sent.path())
    door.browser().post(door.sent.path())
    browser.post(door.sent.path())
    lines = [str(vars(record)) for record in caplog.records]
    assert any("/ingest/sign-in/mail/<token>" in line for line in lines)
    assert not [line for line in lines if door.sent.path().rpartition("/")[2] in line]
