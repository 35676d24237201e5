"""How far notify is, in the numbers that ``/readyz`` shows."""

from __future__ import annotations

from sqlalchemy import func, select

from muster_notify import following
from muster_notify.models import Reminder
from muster_notify.people import Offices
from muster_shared.context import Context


def standing(context: Context) -> dict[str, int]:
    """How far the log is applied and was judged, at the clock's present time; reminders that could go out now."""
    now = context.clock.now()
    with context.sessions() as session:
        held = following.cursor(session)
        waiting = (
            select(func.count())
            .select_from(Reminder)
            .where(Reminder.status.in_(["held", "sending"]), Reminder.office.in_(Offices.of(session).open_at(now)))
        )
        judged = held.judged if held.judged_at is not None and held.judged_at >= now else 0
        return {"position": held.position, "judged": judged, "sendable": session.execute(waiting).scalar_one()}
