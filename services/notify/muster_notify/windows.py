"""The day it is for somebody, and the hours of it in which digests go out. Pure."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from muster_shared.working_days import DAYS

__all__ = ["CLOSES", "DAYS", "OPENS", "local_day"]

OPENS: Final = time(9)
CLOSES: Final = time(11)


def local_day(now: datetime, time_zone: str) -> date:
    """The day it is at ``now`` (aware) in a time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()
