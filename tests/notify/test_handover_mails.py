"""Whoever hands projects over and whoever takes them hear of it, once, with all projects in one mail."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

import factories
from muster_notify.models import Mail
from muster_notify.rebuild import rebuild
from owing import ALTERNATE, OWNER

NOOR = {"name": "Noor Ali", "email": "noor@example.org"}
CODES = ("KE-001", "KE-002", "KE-003")


@pytest.fixture
def kenya(offices: Any) -> Any:
    """Three projects of one manager, followed by notify."""
    offices.submit(*(factories.project(code) for code in CODES))
    offices.follow()
    return offices


def hand_over(muster: Any, giver: str, taker: dict[str, str]) -> None:
    answer = muster.ingest_client.post(
        "/ingest/v1/handovers",
        json={"from": giver, "to": taker},
        headers={"Authorization": f"Bearer {muster.token('admin', name='ada@example.org')}"},
    )
    assert answer.status_code == 201, answer.text


def told(muster: Any) -> list[tuple[str, str, int]]:
    """``(recipient, who has them now, how many projects)`` of every mail about a handover."""
    muster.follow()
    with muster.context.sessions() as session:
        rows = session.scalars(select(Mail).where(Mail.kind == "answer")).all()
    contents = [(row.recipient, row.content or {}) for row in rows]
    return sorted((recipient, said["handed_to"], len(said["projects"])) for recipient, said in contents)


def test_both_hear_which_projects_went_over_and_by_whom(kenya: Any, post_office: Any) -> None:
    hand_over(kenya, OWNER, NOOR)
    kenya.follow()
    assert kenya.deliver() == 2
    for address in (OWNER, NOOR["email"]):
        [mail] = post_office.to(address)
        assert mail["Subject"] == "3 projects handed over to Noor Ali"
        body = mail.get_body(("plain",)).get_content()
        assert all(code in body for code in CODES)
        assert "Handed over by: ada@example.org" in body
        assert "Handed over on: 30 November 2016" in body


def test_neither_a_rebuild_nor_a_log_read_anew_tells_it_again(kenya: Any) -> None:
    kenya.log.limit = 1
    hand_over(kenya, OWNER, NOOR)
    before = told(kenya)
    assert before == [(OWNER, "Noor Ali", 3), (NOOR["email"], "Noor Ali", 3)]
    rebuild(kenya.context, kenya.log)
    with kenya.ingest.sessions.begin() as session:
        session.execute(text("UPDATE change_log SET epoch = 'another'"))
    assert told(kenya) == before


def test_an_alternate_who_takes_over_hears_and_who_keeps_a_seat_hands_nothing_over(kenya: Any) -> None:
    amina, paul = ({"name": name, "email": email} for name, email in (("Amina", OWNER), ("Paul", ALTERNATE)))
    kenya.submit(factories.project(title="Another title"))
    kenya.submit(factories.project(manager=paul, alternate_manager=amina))
    amina_louder = {"name": "Amina O.", "email": OWNER.upper()}
    kenya.submit(factories.project(manager=amina_louder, alternate_manager=paul))
    kenya.submit(factories.project(manager=amina_louder, alternate_manager=None))
    assert told(kenya) == []
    hand_over(kenya, OWNER, paul)
    assert {(recipient.lower(), count) for recipient, _, count in told(kenya)} == {(OWNER, 3), (ALTERNATE, 3)}


def test_what_is_heard_of_weeks_later_is_no_news(kenya: Any) -> None:
    hand_over(kenya, OWNER, NOOR)
    kenya.advance("15d")
    assert told(kenya) == []
