"""People who may sign in, their tokens, and that what is taken back opens nothing within a second, anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from muster_shared.auth import Caller, Credential, InvalidToken
from muster_shared.problems import Problem
from muster_shared.revocation import NotToldNow, Revocation, Revoked

EVERYWHERE, NOWHERE = (
    dict.fromkeys(("ingest", "report", "notify"), 200),
    dict.fromkeys(("ingest", "report", "notify"), 401),
)
ANN = {"email": "Ann@example.org", "name": "Ann", "role": "analyst", "time_zone": "Africa/Nairobi"}


def within_a_second(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def made(house: Any, **asked: Any) -> dict[str, Any]:
    answer = house.admin("POST", "/ingest/v1/tokens", {"title": "nightly upload", **asked})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def test_a_token_is_shown_once_and_stored_as_a_hash(house: Any) -> None:
    token = made(house, role="focal_point", offices=["KEN"], days=7)
    [listed] = house.admin("GET", "/ingest/v1/tokens").get_json()["items"]
    assert (listed["title"], listed["role"], listed["offices"]) == ("nightly upload", "focal_point", ["KEN"])
    assert "token" not in listed
    with house.ingest.sessions() as session:
        stored = str(session.execute(text("SELECT * FROM api_token")).all())
    assert token["token"] not in stored


def test_a_token_taken_back_opens_nothing_anywhere_within_a_second(house: Any) -> None:
    token, other = made(house, role="analyst"), made(house, role="analyst")
    assert house.opens(token["token"]) == EVERYWHERE
    assert house.admin("DELETE", f"/ingest/v1/tokens/{token['token_id']}").status_code == 204
    assert within_a_second(lambda: house.opens(token["token"]) == NOWHERE)
    assert house.opens(other["token"]) == EVERYWHERE


def test_who_is_signed_out_everywhere_is_so_within_a_second_and_may_come_back(house: Any) -> None:
    before = house.token("analyst", name="ann@example.org")
    assert house.opens(before) == EVERYWHERE
    assert house.ask("POST", "/ingest/v1/users/Ann@example.org/sign-out", before).status_code == 204
    assert within_a_second(lambda: house.opens(before) == NOWHERE)
    assert house.opens(house.token("analyst", name="ann@example.org")) == EVERYWHERE
    assert house.opens(house.token("analyst", name="bob@example.org")) == EVERYWHERE


def test_somebody_with_another_scope_or_closed_is_signed_out(house: Any) -> None:
    assert house.admin("POST", "/ingest/v1/users", ANN).status_code == 201
    for change in ({"role": "focal_point", "offices": ["KEN"]}, {"active": False}):
        token = house.token("analyst", name="ann@example.org")
        assert house.opens(token) == EVERYWHERE
        assert house.admin("PATCH", "/ingest/v1/users/ann@example.org", change).status_code == 200
        assert within_a_second(lambda token=token: house.opens(token) == NOWHERE)  # type: ignore[misc]


def test_another_name_signs_nobody_out(house: Any) -> None:
    house.admin("POST", "/ingest/v1/users", ANN)
    token = house.token("analyst", name="ann@example.org")
    answer = house.admin("PATCH", "/ingest/v1/users/ann@example.org", {"name": "Anna"})
    assert answer.get_json()["name"] == "Anna"
    time.sleep(0.6)
    assert house.opens(token) == EVERYWHERE


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"email": "no address"}, 422),
        ({"role": "king"}, 422),
        ({"role": "service"}, 422),
        ({"role": "focal_point"}, 422),
        ({"role": "donor"}, 422),
        ({"time_zone": "Africa/Atlantis"}, 422),
        ({"language": "de"}, 422),
        ({"active": True}, 422),
        ({"added_by": "me"}, 422),
    ],
)
def test_wrong_facts_about_people_are_refused(house: Any, change: dict[str, Any], status: int) -> None:
    assert house.admin("POST", "/ingest/v1/users", {**ANN, **change}).status_code == status
    assert house.admin("GET", "/ingest/v1/users").get_json()["items"] == []


def test_a_person_is_added_once(house: Any) -> None:
    house.admin("POST", "/ingest/v1/users", ANN)
    assert house.admin("POST", "/ingest/v1/users", {**ANN, "email": "ann@EXAMPLE.org"}).status_code == 409
    assert house.admin("PATCH", "/ingest/v1/users/eve@example.org", {"name": "Eve"}).status_code == 404


def test_only_administrators_look_after_people_and_each_makes_tokens_for_what_they_are(house: Any) -> None:
    focal = house.token("focal_point", name="faith@example.org", offices=["KEN"])
    assert house.ask("GET", "/ingest/v1/users", focal).status_code == 403
    assert house.ask("POST", "/ingest/v1/users", focal, ANN).status_code == 403
    assert house.ask("PATCH", "/ingest/v1/users/ann@example.org", focal, {"role": "admin"}).status_code == 403
    assert house.ask("POST", "/ingest/v1/users/ann@example.org/sign-out", focal).status_code == 403
    for more in ({"role": "admin"}, {"offices": ["UGA"]}, {"name": "ann@example.org"}):
        assert house.ask("POST", "/ingest/v1/tokens", focal, {"title": "t", **more}).status_code == 403
    own = house.ask("POST", "/ingest/v1/tokens", focal, {"title": "my script"}).get_json()
    assert (own["name"], own["role"], own["offices"]) == ("faith@example.org", "focal_point", ["KEN"])
    others = made(house, role="analyst")
    assert house.ask("DELETE", f"/ingest/v1/tokens/{others['token_id']}", focal).status_code == 404
    assert [row["title"] for row in house.ask("GET", "/ingest/v1/tokens", focal).get_json()["items"]] == ["my script"]
    assert house.ask("GET", "/ingest/v1/revoked", focal).status_code == 403


def test_me_is_who_the_token_names(house: Any) -> None:
    answer = house.ask("GET", "/ingest/v1/me", house.token("focal_point", offices=["KEN"])).get_json()
    assert (answer["role"], answer["offices"]) == ("focal_point", ["KEN"])


CREDENTIAL = Credential(Caller("ann@example.org", "analyst"), "t-1", issued_at=100.0, expires_at=1e12)


def test_while_ingest_is_away_what_was_known_holds_and_without_any_knowledge_nothing_opens() -> None:
    answers: list[Revoked | None] = [Revoked(1, frozenset({"t-1"}))]

    def ask(_number: int) -> Revoked | None:
        if not answers:
            raise NotToldNow
        return answers.pop()

    known = Revocation(ask)
    for _ in range(2):
        with pytest.raises(InvalidToken, match="taken back"):
            known.refuse(CREDENTIAL)
        known._asked_at = -10.0
    with pytest.raises(Problem) as refused:
        Revocation(ask).refuse(CREDENTIAL)
    assert refused.value.status == 503


def test_what_is_issued_after_a_sign_out_opens_again() -> None:
    signed_out = Revoked(1, people={"ann@example.org": 100.0})
    with pytest.raises(InvalidToken, match="sign in again"):
        signed_out.refuse(CREDENTIAL)
    signed_out.refuse(Credential(CREDENTIAL.caller, "t-2", issued_at=100.001, expires_at=1e12))


def test_a_token_of_another_algorithm_or_key_or_without_its_id_opens_nothing(house: Any) -> None:
    key = house.ingest.settings.signing_key()
    claims: dict[str, Any] = {
        "sub": "ann@example.org",
        "role": "admin",
        "offices": [],
        "regions": [],
        "donor": None,
        "aud": "muster",
    }
    whole = {**claims, "jti": "x", "iat": time.time(), "exp": time.time() + 60}
    needed = ("exp", "iat", "jti", "sub", "aud")
    assert house.opens(jwt.encode(whole, key, algorithm="HS256")) == EVERYWHERE
    forged = [
        jwt.encode(whole, "another key that is long enough, 32 and more", algorithm="HS256"),
        jwt.encode(whole, key, algorithm="HS384"),
        jwt.encode(whole, "", algorithm="none"),
        *(jwt.encode({name: whole[name] for name in whole if name != left_out}, key) for left_out in needed),
        jwt.encode({**whole, "aud": "muster-sign-in"}, key, algorithm="HS256"),
        jwt.encode({**whole, "exp": time.time() - 1}, key, algorithm="HS256"),
    ]
    assert [house.opens(token) for token in forged] == [NOWHERE] * len(forged)
