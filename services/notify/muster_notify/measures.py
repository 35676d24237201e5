"""What notify tells Prometheus: how far it follows and judged, and how the sending of mails stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import Metric
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from muster_notify import alarms, following, operation
from muster_notify.models import Alarm, Mail, Reminder
from muster_shared.changelog import ChangeLog
from muster_shared.context import Context
from muster_shared.measuring import LOG_PATIENCE, age, cursor, gauge, gauges, reading, set_aside, waiting, waits

_TO_SEND: Final = Mail.status.in_(["held", "sending"])
_IN_NO_MAIL: Final = and_(Reminder.status == "held", Reminder.mail_id.is_(None))


def measures(context: Context, log: ChangeLog | None = None) -> Iterator[Metric]:
    """The cursor against the log, the age of the last judgement, mails by status, what waits, and standing alarms.

    ``mails_not_taken`` are those that were offered to a mail server or a chat service in vain.
    """
    now = context.clock.now()
    with reading(context) as session:
        held = following.cursor(session)
        epoch, position = held.epoch, held.position
        yield set_aside(session)
        if held.judged_at is not None:
            judged = age(held.judged_at, now)
            yield gauge("muster_judged_age_seconds", "Since all reminders that were due were last recorded", judged)
        yield gauges("muster_mails", "Mails by how they stand", "status", operation.counted(session))
        yield gauges("muster_alarms", "Alarms that stand", "kind", _standing_alarms(session))
        yield from waiting(
            {
                "mails": waits(session, Mail.created_at, _TO_SEND, now=now),
                "mails_not_taken": waits(session, Mail.created_at, and_(_TO_SEND, Mail.reason.is_not(None)), now=now),
                "reminders": waits(session, Reminder.created_at, _IN_NO_MAIL, now=now),
            }
        )
    reached = log or ChangeLog(context.settings, context.service, patience=LOG_PATIENCE)
    yield from cursor(reached, epoch=epoch, position=position, now=now)


def _standing_alarms(session: Session) -> dict[str, int]:
    query = select(Alarm.kind, func.count()).where(Alarm.cleared_at.is_(None)).group_by(Alarm.kind)
    return dict.fromkeys(alarms.KINDS, 0) | dict(session.execute(query).all())
