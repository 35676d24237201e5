"""Signing out, in every service; and that a browser's session writes only by forms of its own pages."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from muster_shared import csrf
from muster_shared.auth import Caller, credential, issue
from muster_shared.csrf import of_session

SERVICES = ("ingest", "report", "notify")
ANN = Caller("ann@example.org", "analyst")


class Browser:
    """One browser at all three services, with one session."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.session = issue(house.ingest.settings, ANN, lifetime=timedelta(hours=1))
        self.clients: dict[str, FlaskClient] = {
            name: client.application.test_client() for name, client in house.clients.items()
        }
        for client in self.clients.values():
            client.set_cookie("muster_session", self.session)

    def get(self, path: str) -> Any:
        return self.clients[path.split("/")[1]].get(path)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        return self.clients[path.split("/")[1]].post(path, data=form, headers=headers)

    def token_of(self, service: str) -> str:
        found = re.search(r'name="csrf_token" value="(\w+)"', self.get(f"/{service}/sign-out").text)
        assert found
        return found[1]

    def sign_out(self, service: str, **form: str) -> Any:
        return self.post(f"/{service}/sign-out", {"csrf_token": self.token_of(service), **form})


@pytest.fixture
def browser(house: Any) -> Browser:
    return Browser(house)


def opens_everywhere(house: Any, token: str) -> set[int]:
    time.sleep(0.6)  # what was taken back is known everywhere within a second
    return set(house.opens(token).values())


@pytest.mark.parametrize("service", SERVICES)
def test_signing_out_in_any_service_takes_the_session_back_in_all(house: Any, browser: Browser, service: str) -> None:
    other = issue(house.ingest.settings, ANN, lifetime=timedelta(hours=1))
    assert opens_everywhere(house, browser.session) == {200}
    answer = browser.sign_out(service)
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert ANN.name not in answer.text
    assert answer.headers["Set-Cookie"].startswith("muster_session=; Expires=Thu, 01 Jan 1970")
    assert opens_everywhere(house, browser.session) == {401}
    assert opens_everywhere(house, other) == {200}
    noted = house.admin("GET", "/ingest/v1/audit?action=sign_out").get_json()["items"]
    assert [one["actor"] for one in noted] == [ANN.name]


def test_signing_out_everywhere_ends_every_session_and_token(house: Any, browser: Browser) -> None:
    other = issue(house.ingest.settings, ANN, lifetime=timedelta(hours=1))
    assert browser.sign_out("report", everywhere="yes").status_code == 200
    assert opens_everywhere(house, browser.session) == {401}
    assert opens_everywhere(house, other) == {401}


def test_a_token_that_signs_itself_out_is_listed_as_taken_back(house: Any) -> None:
    token = house.admin("POST", "/ingest/v1/tokens", {"title": "t", "role": "analyst", "name": ANN.name}).get_json()
    answer = house.clients["ingest"].post("/ingest/sign-out", headers={"Authorization": f"Bearer {token['token']}"})
    assert answer.status_code == 200
    listed = house.admin("GET", "/ingest/v1/tokens").get_json()["items"][0]
    assert listed["revoked_by"] == ANN.name


def test_where_ingest_is_away_the_session_is_not_said_to_be_over(house: Any, browser: Browser) -> None:
    token = browser.token_of("report")
    house.server.server_close()
    answer = browser.post("/report/sign-out", {"csrf_token": token})
    house.server.shutdown()
    assert answer.status_code == 503
    assert "muster_session=;" not in str(answer.headers)


def test_a_form_without_the_token_of_its_session_changes_nothing(house: Any, browser: Browser) -> None:
    settings = house.ingest.settings
    another = issue(settings, ANN, lifetime=timedelta(hours=1))
    of_another = of_session(settings.signing_key(), credential(settings, another))
    good = browser.token_of("ingest")
    assert browser.post("/ingest/sign-out", {"everywhere": "no"}).status_code == 403
    for wrong in ("", "x", "é", of_another, good[:-1], good.upper()):
        assert browser.post("/ingest/sign-out", {"csrf_token": wrong}).status_code == 403
    for elsewhere in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.post("/ingest/sign-out", {"csrf_token": good}, **elsewhere).status_code == 403
    assert opens_everywhere(house, browser.session) == {200}


def test_the_token_of_a_form_is_not_in_the_session_and_outlives_a_rotation(house: Any, browser: Browser) -> None:
    settings = house.ingest.settings
    known = credential(settings, browser.session)
    made = of_session(settings.signing_key(), known)
    assert made == browser.token_of("notify")
    assert made not in browser.session
    assert made != of_session("n" * 40, known)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_stay_refused_with_a_session(house: Any, browser: Browser, method: str) -> None:
    headers = {csrf.HEADER: browser.token_of("ingest")}
    answer = browser.clients["ingest"].open("/ingest/v1/tokens/x", method=method, headers=headers)
    assert answer.status_code == 401


def test_a_script_with_the_token_may_post_as_the_session_and_one_without_may_not(browser: Browser) -> None:
    token, client = browser.token_of("ingest"), browser.clients["ingest"]
    assert client.post("/ingest/v1/tokens", json={"title": "t"}).status_code == 401
    assert client.post("/ingest/v1/tokens", json={"title": "t"}, headers={csrf.HEADER: "x"}).status_code == 403
    assert client.post("/ingest/v1/tokens", json={"title": "t"}, headers={csrf.HEADER: token}).status_code == 201


@pytest.mark.parametrize(
    ("accepted", "said"), [("fr", "Se déconnecter partout"), ("es", "Cerrar sesión en"), ("de", "Sign out everywhere")]
)
def test_the_page_speaks_the_language_of_the_browser(browser: Browser, accepted: str, said: str) -> None:
    page = browser.clients["report"].get("/report/sign-out", headers={"Accept-Language": accepted})
    assert said in page.text
    assert page.headers["Cache-Control"] == "no-store"
