"""What is wrong in report, told by it until it hears that notify knows: one alarm from its beginning to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from muster_notify import alarms
from muster_shared.context import Context


def hear(context: Context, told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Raise an alarm for what stands and clear that of what is over; returns what was heard, as it was told."""
    now = context.clock.now()
    with context.sessions.begin() as session:
        for one in told:
            about = {"kind": one["kind"], "subject": one["subject"], "office": alarms.EVERYWHERE}
            if one["stands"]:
                alarms.raise_alarm(session, **about, detail=one["detail"], now=now)
            else:
                alarms.clear(session, **about, now=now, by=None)
    return [dict(one) for one in told]
