"""When a reminder may be sent: from 09:00 to 11:00 on working days, in the recipient's time zone. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OPENS: Final = time(9)
CLOSES: Final = time(11)
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORTNIGHT: Final = 15  # days: longer than any weekend, and than a day a country left out of its calendar


def local_day(now: datetime, time_zone: str) -> date:
    """The day it is at ``now`` (aware) in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def is_open(now: datetime, time_zone: str, weekend: Collection[str]) -> bool:
    """Whether ``now`` (aware) lies in the sending window; ``weekend`` holds days such as ``sat``."""
    local = now.astimezone(ZoneInfo(time_zone))
    return DAYS[local.weekday()] not in weekend and OPENS <= local.time() < CLOSES


def next_opening(now: datetime, time_zone: str, weekend: Collection[str]) -> datetime:
    """``now`` itself where the window is open, else the next time it opens; aware, UTC.

    Raises:
        ValueError: every day is a weekend day.
    """
    if is_open(now, time_zone, weekend):
        return now.astimezone(UTC)
    today = local_day(now, time_zone)
    openings = (_opening(today + timedelta(days=ahead), time_zone) for ahead in range(_FORTNIGHT))
    # A day that a country skipped opens nothing: its nine o'clock is another day's, so each one is looked at again.
    found = next((o for o in openings if o > now and is_open(o, time_zone, weekend)), None)
    if found is None:
        raise ValueError(f"no working day is left by the weekend {', '.join(sorted(weekend))}")
    return found


def _opening(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, OPENS, ZoneInfo(time_zone)).astimezone(UTC)
