"""How far notify is, in the numbers that ``/readyz`` shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from muster_notify import following, gathering
from muster_notify.delivering import moment_of
from muster_notify.models import Mail
from muster_notify.turns import turns
from muster_shared import set_aside
from muster_shared.clock import real_now
from muster_shared.context import Context

_LONGEST_WAIT: Final = timedelta(days=1)  # longer than any pause between two tries, and any lease


def standing(context: Context) -> dict[str, int]:
    """How far the log is applied and was judged, at the clock's present time, and how the delivery stands.

    ``sendable`` counts mails that may go out, at once or at their next try, and reminders that would be put into one;
    ``over_cap`` mails that wait for their reader's next hour; ``in_doubt`` those that may have arrived already;
    ``set_aside`` changes that could not be applied, and projects of which it could not be worked out what they owe.
    """
    now = context.clock.now()
    with context.sessions() as session:
        held = following.cursor(session)
        gathered = gathering.plans(session, moment_of(context), is_spread=not context.clock.stands_still)
        soon = real_now() + _LONGEST_WAIT
        due = turns(session, now=now, real_now=soon, per_hour=context.settings.mails_per_hour)
        doubtful = select(func.count()).select_from(Mail).where(Mail.status.in_(["held", "sending"]), Mail.doubts > 0)
        judged = held.judged if held.judged_at is not None and held.judged_at >= now else 0
        return {
            "position": held.position,
            "judged": judged,
            "sendable": gathered.reminders + len(due.mails),
            "over_cap": due.over_cap,
            "in_doubt": session.execute(doubtful).scalar_one(),
            "set_aside": set_aside.count(session),
        }
