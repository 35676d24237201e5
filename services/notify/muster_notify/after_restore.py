"""``python -m muster_notify.after_restore``: mails are held after a restore until an administrator lets them go.

What went out between the backup and the loss is not in the backup, and would go out once more.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import CursorResult, select, text
from sqlalchemy.orm import Session

from muster_notify import alarms
from muster_notify.models import Alarm
from muster_shared import settings
from muster_shared.auth import Caller
from muster_shared.clock import Clock, iso_z
from muster_shared.db import engine_for, sessions_for

TOLD_BEFORE: Final = "told before the restore"
_DETAIL: Final = (
    "This instance was restored from a backup of {since}. What was sent after that is not known here and would be sent "
    "again, so all mails but those to sign in are held. Let them go with 'muster remind --let-go', with --told-until "
    "DAY for what the lost instance had sent by then."
)
_SKIP_REMINDERS: Final = text(
    """
    UPDATE reminder r SET status = 'skipped', reason = :why
    FROM obligation o
    WHERE o.obligation_id = r.obligation_id AND r.status IN ('held', 'sending')
        AND (o.due + CAST(r.rung AS integer) <= :day
            OR r.mail_id IN (SELECT mail_id FROM mail WHERE created_at < :until))
    """
)
_SKIP_MAILS: Final = text(
    """
    UPDATE mail m SET status = 'skipped', reason = :why, lease_until = NULL, attempt = attempt + 1
    WHERE m.status IN ('held', 'sending') AND (m.created_at < :until OR (
        EXISTS (SELECT FROM reminder r WHERE r.mail_id = m.mail_id)
        AND NOT EXISTS (SELECT FROM reminder r WHERE r.mail_id = m.mail_id AND r.status IN ('held', 'sending'))))
    """
)


def hold(session: Session, *, since: datetime, now: datetime) -> None:
    """Hold every mail back; ``since`` is the business time of the backup."""
    about = {"kind": alarms.RESTORED, "office": alarms.EVERYWHERE, "subject": iso_z(since)}
    alarms.raise_alarm(session, **about, detail=_DETAIL.format(since=iso_z(since)), now=now)


def holds(session: Session) -> bool:
    """Whether mails are held back since a restore."""
    query = select(Alarm.alarm_id).where(Alarm.kind == alarms.RESTORED, Alarm.cleared_at.is_(None)).limit(1)
    return session.scalars(query).first() is not None


def let_go(session: Session, *, told_until: datetime | None, now: datetime) -> dict[str, Any]:
    """Let mails go; what the lost instance had sent by ``told_until`` is skipped. ``{held, skipped_reminders, ...}``.

    That concerns reminders whose rung was reached by that day, and mails made before that time.
    """
    held, caller = holds(session), Caller("muster-admin", "admin")
    skipped = _skip(session, told_until) if held and told_until else {"skipped_reminders": 0, "skipped_mails": 0}
    for alarm in session.scalars(select(Alarm).where(Alarm.kind == alarms.RESTORED, Alarm.cleared_at.is_(None))):
        alarms.clear_by_hand(session, caller, alarm.alarm_id, now=now)
    return {"held": held, **skipped}


def _skip(session: Session, told_until: datetime) -> dict[str, int]:
    given = {"why": TOLD_BEFORE, "until": told_until, "day": told_until.astimezone(UTC).date()}
    return {
        "skipped_reminders": _rows(session, _SKIP_REMINDERS, given),
        "skipped_mails": _rows(session, _SKIP_MAILS, given),
    }


def _rows(session: Session, statement: Any, given: dict[str, Any]) -> int:
    done = session.execute(statement, {name: given[name] for name in statement.compile().params})
    return done.rowcount if isinstance(done, CursorResult) else 0


def main() -> None:
    """Work on the database that the settings name; prints what was done as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hold-since", type=datetime.fromisoformat)
    parser.add_argument("--told-until", type=datetime.fromisoformat)
    told, loaded = parser.parse_args(), settings.load()
    now, engine = Clock.of(loaded).now(), engine_for(loaded.database_url("notify"))
    with sessions_for(engine).begin() as session:
        if told.hold_since:
            hold(session, since=told.hold_since, now=now)
            done: dict[str, Any] = {"held": True}
        else:
            done = let_go(session, told_until=told.told_until, now=now)
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
