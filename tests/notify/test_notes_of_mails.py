"""A mail is noted before and after it is handed over, without waiting for it: no note and no failure of one is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from muster_notify.mails import Claim
from muster_notify.noting import notes

_IN_HAND = """
INSERT INTO mail (mail_id, recipient, recipient_name, office, status, attempt, doubts, lease_until, try_at, message_id,
    created_at, kind, channel)
VALUES (:mail_id, 'owner@example.org', 'Owner', 'KEN', 'sending', 1, 1, now() + interval '1 hour', now(), :message_id,
    now(), 'report', 'mail')
"""


def in_hand(muster: Any, number: int) -> list[Claim]:
    """So many mails in a worker's hands."""
    claims = [_claim(uuid4()) for _ in range(number)]
    with muster.context.sessions.begin() as session:
        for claimed in claims:
            session.execute(text(_IN_HAND), {"mail_id": claimed.mail_id, "message_id": claimed.message_id})
    return claims


def _claim(mail_id: UUID) -> Claim:
    message_id = f"<{mail_id}@example.org>"
    return Claim(mail_id, 1, "owner@example.org", "Owner", "KEN", "report", "mail", message_id, None, 0)


def standing(muster: Any, claims: list[Claim]) -> list[tuple[str, int]]:
    """Status and doubts of each mail."""
    with muster.context.sessions() as session:
        rows = session.execute(text("SELECT mail_id, status, doubts FROM mail")).all()
    found = {row.mail_id: (row.status, row.doubts) for row in rows}
    return [found[claimed.mail_id] for claimed in claims]


def note_all(muster: Any, claims: list[Claim]) -> None:
    with notes(muster.context.engine) as kept:
        for claimed in claims:
            kept.taken.note(claimed, now=muster.clock.now())


def test_every_mail_that_was_taken_is_noted_at_the_end(muster: Any) -> None:
    claims = in_hand(muster, 5)
    note_all(muster, claims)
    assert standing(muster, claims) == [("sent", 0)] * 5


def test_a_mail_that_somebody_else_has_by_now_stays_as_it_is(muster: Any) -> None:
    claims = in_hand(muster, 2)
    note_all(muster, [replace(claims[0], attempt=7), claims[1]])
    assert standing(muster, claims) == [("sending", 1), ("sent", 0)]


def test_a_note_that_fails_is_told_and_the_others_stand(muster: Any) -> None:
    claims = in_hand(muster, 3)
    broken: Any = "not a number"
    with pytest.raises(psycopg.Error, match="not a number"):
        note_all(muster, [claims[0], replace(claims[1], attempt=broken)])
    assert standing(muster, claims) == [("sent", 0), ("sending", 1), ("sending", 1)]


def break_off_after(muster: Any, claimed: Claim) -> None:
    with notes(muster.context.engine) as kept:
        kept.taken.note(claimed, now=muster.clock.now())
        raise KeyboardInterrupt


def test_what_was_taken_before_the_work_broke_off_is_noted(muster: Any) -> None:
    [claimed] = in_hand(muster, 1)
    with pytest.raises(KeyboardInterrupt):
        break_off_after(muster, claimed)
    assert standing(muster, [claimed]) == [("sent", 0)]


def note_doubt(muster: Any, claims: list[Claim]) -> list[bool]:
    """Note each as in doubt, the answer of each looked at before the next."""
    until, may_go = muster.clock.now() + timedelta(hours=1), []
    with notes(muster.context.engine) as kept:
        for claimed in claims:
            kept.doubtful.note(claimed, now=muster.clock.now(), until=until)
            may_go.append(kept.doubtful.may_go())
    return may_go


def test_a_mail_that_somebody_else_has_by_now_may_not_go(muster: Any) -> None:
    claims = in_hand(muster, 3)
    assert note_doubt(muster, [claims[0], replace(claims[1], attempt=7), claims[2]]) == [True, False, True]
    assert standing(muster, claims) == [("sending", 2), ("sending", 1), ("sending", 2)]


def test_a_note_whose_answer_nobody_took_says_nothing_of_the_next_mail(muster: Any) -> None:
    claims = in_hand(muster, 2)
    until = muster.clock.now() + timedelta(hours=1)
    with notes(muster.context.engine) as kept:
        kept.doubtful.note(claims[0], now=muster.clock.now(), until=until)
        kept.doubtful.note(replace(claims[1], attempt=7), now=muster.clock.now(), until=until)
        assert not kept.doubtful.may_go()
    assert standing(muster, claims) == [("sending", 2), ("sending", 1)]


def test_a_note_that_nobody_looked_at_leaves_its_connection_to_others(
    muster: Any, caplog: pytest.LogCaptureFixture
) -> None:
    claims = in_hand(muster, 2)
    with notes(muster.context.engine) as kept:
        kept.doubtful.note(claims[0], now=muster.clock.now(), until=muster.clock.now() + timedelta(hours=1))
    assert note_doubt(muster, claims) == [True, True]
    assert standing(muster, claims) == [("sending", 3), ("sending", 2)]
    assert not [record for record in caplog.records if record.name.startswith("sqlalchemy.pool")]


def test_a_doubt_that_cannot_be_noted_keeps_the_mail_back(muster: Any) -> None:
    [claimed] = in_hand(muster, 1)
    broken: Any = "not a number"
    with pytest.raises(psycopg.Error, match="not a number"):
        note_doubt(muster, [replace(claimed, attempt=broken)])
    assert note_doubt(muster, [claimed]) == [True]
