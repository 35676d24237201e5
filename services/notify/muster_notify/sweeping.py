"""One sweep over all that is owed: unless it would be a storm, everything due is recorded, batch by batch."""

from __future__ import annotations

import logging
from typing import Final

from muster_notify import alarms, breaker, following, gathering, reminding
from muster_notify.ladder import shipped_ladders
from muster_notify.reminding import WhereItIs
from muster_shared.context import Context

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 20_000  # obligations: one statement, and a transaction of a second or two


def record_due(context: Context) -> bool:
    """Record every reminder that is due by the business clock; False where that would be a storm: then none is."""
    now = context.clock.now()
    with context.sessions.begin() as session:
        position = following.cursor(session).position
        alarms.look_again_at_unreached(session)
        at = reminding.where_it_is(session, now)
        if breaker.holds_back(session, context.settings, at, shipped_ladders()):
            _log.error("far more reminders than usual: held back until an administrator releases them")
            return False
    with gathering.sweeping(context.engine):
        while _record_some(context, at):
            pass
    with context.sessions.begin() as session:
        alarms.clear_reached(session, now=now)
        following.note_judged(session, position, now=now)
    return True


def _record_some(context: Context, at: WhereItIs) -> bool:
    """Record what is due for a batch of obligations; True where there may be more."""
    with context.sessions.begin() as session:
        recorded = reminding.remind_some(session, at, shipped_ladders(), most=_AT_ONCE)
        for office, project_code in recorded.unreached:
            alarms.nobody_to_tell(session, office=office, project_code=project_code, now=at.now)
    return recorded.looked_at == _AT_ONCE
