"""No storms: a sweep that would send far more than usual sends nothing and says so, until an administrator lets it.

Usual is the median number of reminders recorded for people on the last days with any. What was recorded on the same
day before counts as well: a storm in many gusts is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from statistics import median
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from muster_notify import alarms, reminding
from muster_notify.ladder import Ladders
from muster_notify.models import Alarm, Reminder
from muster_notify.reminding import Sending, WhereItIs
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.problems import Problem, forbidden
from muster_shared.settings import Settings

_DAYS_REMEMBERED: Final = 20
_MOST_NAMED: Final = 3

# one day after the other, newest first, by the index on created_at: however many reminders there ever were
_RECORDED: Final = """
WITH RECURSIVE newest AS (
    (SELECT CAST(created_at AT TIME ZONE 'UTC' AS date) AS day, 1 AS n FROM reminder
     WHERE created_at < :until ORDER BY created_at DESC LIMIT 1)
    UNION ALL
    SELECT earlier.day, newest.n + 1 FROM newest CROSS JOIN LATERAL (
        SELECT CAST(created_at AT TIME ZONE 'UTC' AS date) AS day FROM reminder
        WHERE created_at < newest.day AT TIME ZONE 'UTC' ORDER BY created_at DESC LIMIT 1
    ) earlier
    WHERE newest.n < :days
)
SELECT (
    SELECT count(*) FROM reminder
    WHERE created_at >= newest.day AT TIME ZONE 'UTC' AND created_at < (newest.day + 1) AT TIME ZONE 'UTC'
        AND recipient LIKE '%@%'
) AS reminders
FROM newest
"""


@dataclass(frozen=True, slots=True)
class Storm:
    """What is held back: reminders that would be sent, those recorded on the day before, what is usual, the limit."""

    would: Sequence[Sending]
    before: int
    usual: int
    limit: int


def holds_back(session: Session, settings: Settings, at: WhereItIs, ladders: Ladders) -> bool:
    """Whether the sweep must record nothing; raises the alarm where it must, and clears one that is over."""
    alarm = _alarm_of(session, at.now)
    if alarm is not None and alarm.cleared_by is not None:
        return False
    storm, day = _storm(session, settings, at, ladders), _day(at.now).isoformat()
    if storm is not None:
        detail, office = _in_words(storm), alarms.EVERYWHERE
        alarms.raise_alarm(session, kind=alarms.STORM, office=office, subject=day, detail=detail, now=at.now)
    elif alarm is not None:
        alarms.clear(session, kind=alarms.STORM, subject=day, now=at.now, by=None)
    return storm is not None


def dry_run(session: Session, caller: Caller, settings: Settings, at: WhereItIs, ladders: Ladders) -> dict[str, Any]:
    """What a sweep would send now, to whom, by office and by rung, most first; records nothing.

    Raises:
        Problem: 403, the caller does not see all offices.
    """
    _check_sees_all(caller)
    would = reminding.sending(session, at, ladders)
    usual, before = _usual(session, at.now), _recorded_today(session, at.now)
    total = sum(one.reminders for one in would)
    limit = _limit(settings, usual)
    return {
        "at": iso_z(at.now),
        "reminders": total,
        "recorded_today": before,
        "usual": usual,
        "limit": limit,
        "held_back": before + total > limit and not _is_released(session, at.now),
        "people": [{"recipient": who, "reminders": n} for who, n in _by(would, "recipient")],
        "offices": [{"office": office, "reminders": n} for office, n in _by(would, "office")],
        "rungs": [{"rung": rung, "reminders": n} for rung, n in sorted(_by(would, "rung"))],
    }


def standing(session: Session, caller: Caller, *, now: datetime) -> dict[str, Any]:
    """Whether reminders are held back today, and what was said of it.

    Raises:
        Problem: 403, the caller does not see all offices.
    """
    _check_sees_all(caller)
    alarm = _alarm_of(session, now)
    return {
        "day": _day(now).isoformat(),
        "held_back": alarm is not None and alarm.cleared_at is None,
        "released_by": alarm.cleared_by if alarm is not None else None,
        "alarm": alarms.document(alarm) if alarm is not None else None,
    }


def release(session: Session, caller: Caller, *, now: datetime) -> dict[str, Any]:
    """Let today's reminders go, however many.

    Raises:
        Problem: 403, the caller is no administrator; 409, nothing is held back.
    """
    if caller.role != "admin":
        raise forbidden("what holds the reminders back is released by an administrator")
    alarm = _alarm_of(session, now)
    if alarm is None or (alarm.cleared_at is not None and alarm.cleared_by is None):
        raise Problem(409, "no_storm", f"nothing is held back on {_day(now)}: there is nothing to release")
    if alarm.cleared_at is None:
        alarms.clear(session, kind=alarms.STORM, subject=alarm.subject, now=now, by=caller.name)
        audit.note(session, caller, "storm_released", {"day": _day(now).isoformat()}, at=now)
        session.refresh(alarm)
    return standing(session, caller, now=now)


def _storm(session: Session, settings: Settings, at: WhereItIs, ladders: Ladders) -> Storm | None:
    """The storm that a sweep would be; whom it tells is worked out only where so many obligations could make one."""
    before = _recorded_today(session, at.now)
    at_most = before + reminding.due_count(session, at) * ladders.most_told_at_a_rung
    if at_most <= settings.storm_floor:
        return None
    usual = _usual(session, at.now)
    limit = _limit(settings, usual)
    if at_most <= limit:
        return None
    would = reminding.sending(session, at, ladders)
    is_storm = before + sum(one.reminders for one in would) > limit
    return Storm(would, before, usual, limit) if is_storm else None


def _usual(session: Session, now: datetime) -> int:
    given = {"until": datetime.combine(_day(now), time(), UTC), "days": _DAYS_REMEMBERED}
    return int(median(session.scalars(text(_RECORDED), given).all() or [0]))


def _recorded_today(session: Session, now: datetime) -> int:
    today = datetime.combine(_day(now), time(), UTC)
    told = select(func.count()).select_from(Reminder).where(Reminder.created_at >= today)
    return session.execute(told.where(Reminder.recipient.like("%@%"))).scalar_one()


def _limit(settings: Settings, usual: int) -> int:
    return max(settings.storm_floor, int(settings.storm_factor * usual))


def _alarm_of(session: Session, now: datetime) -> Alarm | None:
    """The day's alarm: the one that was released, else the newest."""
    query = select(Alarm).where(Alarm.kind == alarms.STORM, Alarm.subject == _day(now).isoformat())
    return session.scalars(query.order_by(Alarm.cleared_by.is_(None), Alarm.raised_at.desc()).limit(1)).first()


def _is_released(session: Session, now: datetime) -> bool:
    alarm = _alarm_of(session, now)
    return alarm is not None and alarm.cleared_by is not None


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _by(would: Sequence[Sending], name: str) -> list[tuple[Any, int]]:
    counted: Counter[Any] = Counter()
    for one in would:
        counted[getattr(one, name)] += one.reminders
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _in_words(storm: Storm) -> str:
    total, people = sum(one.reminders for one in storm.would), _by(storm.would, "recipient")
    most = ", ".join(f"{n:,} to {who}" for who, n in people[:_MOST_NAMED])
    today = f" besides {storm.before:,} recorded today" if storm.before else ""
    return (
        f"{total:,} reminders to {len(people):,} people{today} are more than the limit of {storm.limit:,} a day "
        f"(usual: {storm.usual:,}) and are held back. Most: {most}. 'muster remind --dry-run' shows them all; an "
        "administrator releases them for today."
    )


def _check_sees_all(caller: Caller) -> None:
    if not caller.sees_all_offices:
        raise forbidden("what would go to everybody is for those who see all offices")
