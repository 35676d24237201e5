"""How long a report waits for more changes before it is made.

After calm, it is made when no change came for the quiet time, or when the first change is as old as the cap. Each time
it is made while changes keep coming, both grow, so that a burst of a thousand submissions, spread over seconds or over
ten minutes, makes at most five workbooks and not hundreds; once changes pause, the next one is served quickly again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Interval, and_, case, func, literal, or_

from muster_report.models import ReportState
from muster_shared.settings import Settings

QUIET_GROWS: Final = (1, 1, 2, 4, 8)  # by how often it was begun in this spell of changes; then no further
CAP_GROWS: Final = (1, 2, 8, 32, 128)
_CALM_AFTER: Final = 2  # quiet times without a change, after it was made


def spell(now: datetime, settings: Settings) -> ColumnElement[int]:
    """How often a report was begun in the spell of changes that one at ``now`` belongs to: 0 where it begins one."""
    rested = _grown(_CALM_AFTER * settings.quiet_seconds, QUIET_GROWS, ReportState.spell)
    nothing_waits = ReportState.wanted <= ReportState.built
    calm = and_(nothing_waits, or_(ReportState.served_at.is_(None), ReportState.served_at + rested < now))
    return case((calm, 0), else_=ReportState.spell)


def due_at(now: datetime, since: ColumnElement[datetime], settings: Settings) -> ColumnElement[datetime]:
    """When a report is made of which a change came at ``now``, the first that waits at ``since``."""
    begun = spell(now, settings)
    quiet = _grown(settings.quiet_seconds, QUIET_GROWS, begun)
    return func.least(literal(now) + quiet, since + _grown(settings.quiet_cap_seconds, CAP_GROWS, begun))


def _grown(seconds: float, grows: Sequence[int], begun: Any) -> Any:
    spans = [literal(timedelta(seconds=seconds * factor), Interval) for factor in grows]
    return case(*((begun == times, span) for times, span in enumerate(spans[:-1])), else_=spans[-1])
