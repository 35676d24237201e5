"""How people want to hear from Muster: their own wishes, stand-ins, chats of offices, and what is refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

import factories
from deeds_done import pointers, send
from owing import OWNER, due_in

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
HUGO = {"name": "Hugo", "email": "hugo@example.org"}
AWAY = {"stand_in": HUGO, "stand_in_from": due_in(1), "stand_in_until": due_in(9)}
DEFAULTS = {
    "email": OWNER,
    "channel": "mail",
    "chat_url": None,
    "language": "en",
    "time_zone": None,
    "digest": True,
    "digest_day": None,
    "quiet_from": None,
    "quiet_until": None,
    "stand_in": None,
    "stand_in_from": None,
    "stand_in_until": None,
    "updated_at": None,
    "updated_by": None,
}


def put(muster: Any, wishes: Any, *, email: str = OWNER) -> Any:
    return send(muster, "PUT", "/preferences", wishes, "project_manager", name=email)


def shown(muster: Any, *, email: str = OWNER) -> dict[str, Any]:
    return dict(send(muster, "GET", "/preferences", None, "project_manager", name=email).get_json())


def test_who_never_said_anything_has_the_defaults(muster: Any) -> None:
    assert shown(muster) == DEFAULTS


def test_what_is_said_is_kept_and_what_is_left_out_goes_back_to_its_default(muster: Any) -> None:
    wishes: dict[str, Any] = {
        "channel": "chat",
        "chat_url": SLACK,
        "language": "fr",
        "time_zone": "Africa/Nairobi",
        "digest_day": "mon",
    }
    wishes |= {"digest": False, "quiet_from": "19:30", "quiet_until": "08:00", **AWAY}
    masked = {"chat_url": "slack://…", "updated_at": "2016-11-30T08:00:00Z", "updated_by": OWNER}
    answer = put(muster, wishes, email=OWNER.upper())
    assert answer.status_code == 200, answer.text
    assert answer.get_json() == shown(muster) == DEFAULTS | wishes | masked | {"updated_by": OWNER.upper()}
    assert put(muster, {"language": "es"}).get_json() == DEFAULTS | {**masked, "chat_url": None, "language": "es"}


def test_a_chat_address_is_told_to_nobody_and_the_masked_one_keeps_it(muster: Any) -> None:
    put(muster, {"channel": "chat", "chat_url": SLACK})
    document = shown(muster)
    assert "A1BRTD4JD" not in str(document)
    wishes = {name: document[name] for name in document if name not in {"email", "updated_at", "updated_by"}}
    assert put(muster, wishes).status_code == 200
    with muster.context.engine.connect() as connection:
        assert connection.execute(text("SELECT chat_url FROM preference")).scalar_one() == SLACK
    put(muster, {**wishes, "channel": "mail", "chat_url": None})
    assert shown(muster)["chat_url"] is None


def test_preferences_are_their_own_or_an_administrators(muster: Any) -> None:
    assert send(muster, "PUT", f"/preferences?email={OWNER}", {"language": "fr"}).get_json()["language"] == "fr"
    assert send(muster, "GET", f"/preferences?email={OWNER.upper()}").get_json()["updated_by"] == "admin@example.org"
    for method in ("GET", "PUT"):
        theirs = send(muster, method, f"/preferences?email={OWNER}", {}, "head_of_office", offices=["KEN"])
        nobody = send(muster, method, "/preferences", {}, "focal_point", offices=["KEN"], name="focal_point-KEN")
        assert (theirs.status_code, nobody.status_code) == (403, 403)
        assert send(muster, method, "/preferences?email=nobody", {}).status_code == 422
    assert shown(muster)["language"] == "fr"


MISTAKES: list[tuple[Any, list[str]]] = [
    ({"time_zone": "Africa/Nairoby"}, ["/time_zone"]),
    (
        {"language": "de", "channel": "fax", "digest": "no", "digest_day": "monday"},
        ["/channel", "/digest", "/digest_day", "/language"],
    ),
    ({"colour": "red", "quiet_from": "25:00"}, ["/colour", "/quiet_from"]),
    ({"quiet_from": "19:00"}, ["/quiet_until"]),
    ({"quiet_until": "19:00"}, ["/quiet_from"]),
    ({"quiet_from": "08:00", "quiet_until": "08:00"}, ["/quiet_until"]),
    ({"quiet_from": "09:00", "quiet_until": "08:59"}, ["/quiet_until"]),
    ({"channel": "chat"}, ["/chat_url"]),
    ({"chat_url": "mailto://user:secret@example.org"}, ["/chat_url"]),
    ({"chat_url": "jsons://127.0.0.1/hook"}, ["/chat_url"]),
    ({"chat_url": "slack://a\x00b"}, ["/chat_url"]),
    ({"stand_in": HUGO}, ["/stand_in_from", "/stand_in_until"]),
    ({"stand_in_from": due_in(1)}, ["/stand_in", "/stand_in_until"]),
    ({**AWAY, "stand_in": {"name": "Hugo\u202e", "email": "hugo", "age": 1}}, ["/stand_in/age", "/stand_in/email"]),
    ({**AWAY, "stand_in": {"name": "Me", "email": OWNER.upper()}}, ["/stand_in/email"]),
    ({**AWAY, "stand_in_until": due_in(0)}, ["/stand_in_until"]),
    ([], [""]),
]


def test_every_mistake_is_named_and_nothing_is_kept(muster: Any) -> None:
    put(muster, {"language": "fr"})
    before = shown(muster)
    for wishes, expected in MISTAKES:
        answer = put(muster, wishes)
        assert (answer.status_code, sorted(pointers(answer))) == (422, expected), wishes
    assert shown(muster) == before


NEAR_ZONES = {
    "Africa/Nairoby": "Africa/Nairobi",
    "nairobi": "Africa/Nairobi",
    "europe/zurich": "Europe/Zurich",
    "New York": "America/New_York",
    "the moon": "Africa/Nairobi",
}


def test_an_unknown_time_zone_is_refused_with_one_that_is_near(muster: Any) -> None:
    for zone, near in NEAR_ZONES.items():
        [error] = put(muster, {"time_zone": zone}).get_json()["errors"]
        assert error["pointer"] == "/time_zone"
        assert near in error["message"]


def test_mails_go_one_step_and_no_further(muster: Any) -> None:
    grace = {"name": "Grace", "email": "grace@example.org"}
    assert put(muster, AWAY).status_code == 200
    hugos = {**AWAY, "stand_in": grace}
    away_too = put(muster, hugos, email=HUGO["email"])
    assert (away_too.status_code, pointers(away_too)) == (422, ["/stand_in"])
    later = {**hugos, "stand_in_from": due_in(10), "stand_in_until": due_in(12)}
    assert put(muster, later, email=HUGO["email"]).status_code == 200
    onto = put(muster, {**AWAY, "stand_in": {**HUGO, "email": "HUGO@example.org"}, "stand_in_until": due_in(10)})
    assert (onto.status_code, pointers(onto)) == (422, ["/stand_in/email"])
    assert put(muster, {}).status_code == 200
    assert put(muster, hugos, email=HUGO["email"]).status_code == 200


def test_an_office_has_a_chat_of_its_own_which_its_head_keeps(muster: Any) -> None:
    muster.submit(factories.office("KEN"), factories.office("UGA"), code="HQ")
    muster.follow()
    head: dict[str, Any] = {"role": "head_of_office", "offices": ["KEN"]}
    path = "/office-channels/KEN"
    assert send(muster, "GET", path, **head).status_code == 404
    kept = send(muster, "PUT", path, {"chat_url": SLACK}, **head)
    assert kept.get_json() == {
        "office": "KEN",
        "chat_url": "slack://…",
        "updated_at": "2016-11-30T08:00:00Z",
        "updated_by": "head_of_office@example.org",
    }
    assert send(muster, "PUT", path, {"chat_url": "slack://…"}).status_code == 200
    with muster.context.engine.connect() as connection:
        assert connection.execute(text("SELECT chat_url FROM office_channel")).scalar_one() == SLACK
    assert pointers(send(muster, "PUT", path, {"chat_url": "ftp://x"}, **head)) == ["/chat_url"]
    assert pointers(send(muster, "PUT", path, {}, **head)) == ["/chat_url"]
    for method in ("GET", "PUT", "DELETE"):
        others = send(muster, method, "/office-channels/UGA", {"chat_url": SLACK}, **head)
        focal = send(muster, method, path, {"chat_url": SLACK}, "focal_point", offices=["KEN"])
        nowhere = send(muster, method, "/office-channels/%00", {"chat_url": SLACK})
        assert (others.status_code, focal.status_code, nowhere.status_code) == (403, 403, 404)
    assert [send(muster, "DELETE", path, **head).status_code for _ in range(2)] == [204, 204]
    assert send(muster, "GET", path, **head).status_code == 404
