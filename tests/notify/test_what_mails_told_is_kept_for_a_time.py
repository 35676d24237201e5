"""After so many days only who was told, when, and about what stays of a mail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from muster_notify import keeping_mails

_INSERT = text(
    """
    INSERT INTO mail (mail_id, recipient, recipient_name, office, status, attempt, doubts, try_at, message_id,
                      created_at, sent_at, kind, channel, content)
    VALUES (:mail_id, 'a@example.org', 'A', '', :status, 1, 0, :at, '',
            :at, :at, 'report', 'mail', CAST(:content AS jsonb))
    """
)


def mail(muster: Any, status: str) -> None:
    row = {"mail_id": uuid4(), "status": status, "at": muster.clock.now(), "content": json.dumps({"lines": [status]})}
    with muster.context.sessions.begin() as session:
        session.execute(_INSERT, row)


def kept(muster: Any) -> list[tuple[str, bool]]:
    query = "SELECT status, content IS NOT NULL, sent_at FROM mail ORDER BY sent_at, status"
    with muster.context.sessions() as session:
        return [(row[0], row[1]) for row in session.execute(text(query)) if row[2]]


def forget(muster: Any, days: int) -> int:
    return keeping_mails.forget_old(
        replace(muster.context, settings=replace(muster.context.settings, keep_mails_days=days))
    )


def test_what_mails_told_is_forgotten_once_a_day_and_never_of_one_that_waits(muster: Any) -> None:
    for status in ("held", "sent"):
        mail(muster, status)
    muster.advance("5d")
    mail(muster, "sent")
    assert (forget(muster, 0), forget(muster, 10)) == (0, 0)
    muster.advance("6d")
    assert forget(muster, 10) == 1
    assert kept(muster) == [("held", True), ("sent", False), ("sent", True)]
    assert forget(muster, 1) == 0, "once a day"
    muster.advance("1d")
    assert forget(muster, 1) == 1
