"""Mail that fails for good: nobody writes there any more, the rung climbs; what comes back is told by its signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from muster_notify import mails
from muster_notify.bounces import ForgedAddress, bounce_address, read_bounce_address
from muster_notify.noting import DoubtfulMails
from muster_shared.settings import Settings
from owing import ALTERNATE, HEAD, OWNER, owed, project_owing

SETTINGS = Settings(secret_key="a secret of tests that is long enough to sign with")
REFUSED = "550 5.1.1 no such person here"


def post(muster: Any, path: str, body: Any, role: str = "service") -> Any:
    headers = {"Authorization": f"Bearer {muster.token(role)}"}
    return muster.client.post(f"/notify/v1{path}", json=body, headers=headers)


def sent_from(muster: Any, post_office: Any, address: str) -> str:
    """The address that a person's mail would come back to."""
    [mail] = post_office.to(address)
    [row] = [r for r in muster.items("/reminders") if r["message_id"] == mail["Message-ID"]]
    with muster.context.sessions() as session:
        query = text("SELECT mail_id FROM mail WHERE message_id = :id")
        return bounce_address(muster.context.settings, session.scalar(query, {"id": row["message_id"]}))


def people_told(muster: Any) -> list[tuple[int, str | None, str]]:
    return [told for told in muster.told() if told[1] is not None]


def failing(muster: Any) -> list[str]:
    return [item["email"] for item in muster.items("/failing-addresses")]


def test_an_address_refused_for_good_climbs_to_the_next_and_raises_an_alarm(offices: Any, post_office: Any) -> None:
    post_office.rcpt_answers = {OWNER: REFUSED}
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    assert failing(offices) == [OWNER]
    assert offices.deliver() == 1
    assert people_told(offices) == [(-7, OWNER, "failed"), (-7, ALTERNATE, "sent")]
    text_part = post_office.to(ALTERNATE)[0].get_body(("plain",)).get_content()
    assert "Amina Otieno" in text_part
    [alarm] = offices.items("/alarms")
    assert (alarm["kind"], alarm["office"], alarm["subject"]) == ("address_fails", "KEN", OWNER)


def test_what_else_waits_for_a_failing_address_is_not_tried(offices: Any, post_office: Any) -> None:
    post_office.rcpt_answers = {OWNER: REFUSED}
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    offices.submit(*project_owing(owed(-1), code="KE-002"))
    offices.sweep()
    offices.advance("1d")
    offices.deliver()
    assert post_office.to(OWNER) == []
    assert offices.told("failed") == [(-7, OWNER, "failed")]


def test_an_address_that_fails_between_claim_and_handing_over_gets_nothing(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    noting = DoubtfulMails.note

    def noting_after(*arguments: Any, **times: Any) -> None:
        with offices.context.sessions.begin() as session:
            known = "INSERT INTO failing_address VALUES (:email, 'gone', now()) ON CONFLICT DO NOTHING"
            session.execute(text(known), {"email": OWNER})
        noting(*arguments, **times)

    monkeypatch.setattr(DoubtfulMails, "note", noting_after)
    offices.deliver()
    assert post_office.to(OWNER) == []
    assert offices.told("failed") == [(-7, OWNER, "failed")]


def test_a_mail_given_up_after_its_attempts_disables_no_address_but_raises_an_alarm(
    offices: Any, post_office: Any
) -> None:
    post_office.answers = ["451 busy"]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    with offices.context.sessions.begin() as session:
        last = {"last": mails.MOST_ATTEMPTS - 1}
        session.execute(text("UPDATE mail SET attempt = :last, try_at = now() - interval '1 second'"), last)
    post_office.answers = ["451 busy"]
    offices.deliver()
    assert failing(offices) == []
    [alarm] = offices.items("/alarms")
    assert "given up after 24 attempts" in alarm["detail"]


def test_a_mail_comes_back_to_an_address_that_names_it_and_the_reader_sees_the_usual_one(
    offices: Any, post_office: Any
) -> None:
    senders: list[str] = []
    taking = post_office.handle_DATA

    async def noting(server: Any, session: Any, envelope: Any) -> str:
        senders.append(envelope.mail_from)
        return str(await taking(server, session, envelope))

    post_office.handle_DATA = noting
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    assert senders == [sent_from(offices, post_office, OWNER)]
    assert post_office.taken[0]["From"].addresses[0].addr_spec == "muster@example.org"


def test_a_bounce_for_good_disables_the_address_and_climbs(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    bounce = {"to": sent_from(offices, post_office, OWNER), "status": "5.1.1", "detail": "mailbox is gone"}
    answer = post(offices, "/bounces", bounce)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "failed")
    assert post(offices, "/bounces", bounce).get_json() == answer.get_json()
    assert failing(offices) == [OWNER]
    [failed] = offices.items("/reminders?status=failed")
    assert failed["reason"] == "came back: 5.1.1 mailbox is gone"
    assert offices.deliver() == 1
    assert offices.told("sent") == [(-7, ALTERNATE, "sent")]


def test_a_bounce_for_now_is_noted_and_changes_nothing_else(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    bounce = {"to": sent_from(offices, post_office, OWNER), "status": "4.2.2", "detail": "mailbox is full"}
    assert post(offices, "/bounces", bounce).get_json()["reason"] == "came back: 4.2.2 mailbox is full"
    assert failing(offices) == []
    assert people_told(offices) == [(-7, OWNER, "sent")]


@pytest.mark.parametrize(
    ("bounce", "status", "pointer"),
    [
        ({"to": "amina@example.org", "status": "5.1.1"}, 422, "/to"),
        ({"to": f"bounce+{uuid4().hex}.{'0' * 20}@example.org", "status": "5.1.1"}, 422, "/to"),
        ({"to": bounce_address(replace(SETTINGS, secret_key="x" * 40), uuid4()), "status": "5.1.1"}, 422, "/to"),
        ({"to": bounce_address(SETTINGS, uuid4()), "status": "2.0.0"}, 422, "/status"),
        ({"to": bounce_address(SETTINGS, uuid4()), "status": "gone"}, 422, "/status"),
        ({"to": bounce_address(SETTINGS, uuid4()), "status": "5.1.1"}, 404, None),
    ],
)
def test_a_bounce_of_no_mail_of_ours_is_refused_and_changes_nothing(
    offices: Any, post_office: Any, bounce: dict[str, str], status: int, pointer: str | None
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    answer = post(offices, "/bounces", bounce)
    assert answer.status_code == status, answer.text
    assert [error["pointer"] for error in answer.get_json().get("errors", [])] == ([pointer] if pointer else [])
    assert failing(offices) == []
    assert people_told(offices) == [(-7, OWNER, "sent")]


@pytest.mark.parametrize("role", ["analyst", "donor"])
def test_only_the_mail_servers_hook_tells_of_bounces(offices: Any, role: str) -> None:
    scope = {"donor": "example-fund"} if role == "donor" else {}
    headers = {"Authorization": f"Bearer {offices.token(role, **scope)}"}
    bounce = {"to": bounce_address(SETTINGS, uuid4()), "status": "5.1.1", "detail": "gone"}
    assert offices.client.post("/notify/v1/bounces", json=bounce, headers=headers).status_code == 403


def test_an_administrator_takes_an_address_back(offices: Any, post_office: Any) -> None:
    post_office.rcpt_answers = {OWNER: REFUSED}
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    headers = {"Authorization": f"Bearer {offices.token('admin')}"}
    assert offices.client.delete(f"/notify/v1/failing-addresses/{OWNER}", headers=headers).status_code == 204
    assert failing(offices) == []
    assert offices.items("/alarms") == []
    assert offices.client.delete(f"/notify/v1/failing-addresses/{OWNER}", headers=headers).status_code == 404
    assert offices.get("/failing-addresses", "analyst").status_code == 403


def test_nobody_left_to_climb_to_is_an_alarm_of_its_own(offices: Any, post_office: Any) -> None:
    post_office.rcpt_answers = dict.fromkeys((OWNER, ALTERNATE, HEAD, "rosa@example.org", "helen@example.org"), REFUSED)
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    for _ in range(6):
        offices.deliver()
    assert {alarm["kind"] for alarm in offices.items("/alarms")} == {"address_fails", "nobody_to_tell"}


@given(st.uuids())
def test_the_address_to_come_back_to_names_its_mail_however_it_is_written(mail_id: Any) -> None:
    address = bounce_address(SETTINGS, mail_id)
    assert len(address.partition("@")[0]) <= 64
    assert read_bounce_address(SETTINGS, f" <{address.upper()}> ") == mail_id


@given(st.uuids(), st.integers(0, 58), st.sampled_from("0123456789abcdef"))
def test_an_address_changed_in_one_place_is_forged(mail_id: Any, at: int, other: str) -> None:
    address = bounce_address(SETTINGS, mail_id)
    changed = address[:at] + other + address[at + 1 :]
    if changed != address:
        with pytest.raises(ForgedAddress):
            read_bounce_address(SETTINGS, changed)
