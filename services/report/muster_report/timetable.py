"""When a report is due again: pure, on days and hours of a time zone. It knows no clock and no database.

A time that a change of clocks leaves out is the same number of minutes later; of one that comes twice, the first holds.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, count
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

Kind = Literal["on_change", "nightly", "month_end", "quarter_end", "dates"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
ON_CHANGE: Final = "on_change"
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)  # days that a timetable may name
_TWO_DAYS = timedelta(days=2)  # more than any two time zones lie apart


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a report is made anew.

    Attributes:
        kind: on each change; each night; on the last day of each month or calendar quarter; on days written out.
        time_zone: IANA name of the zone in which days and hours are meant.
        hour: 0 to 23, the full hour of the day at which it is due.
        dates: the days of kind ``dates``; of no meaning for the others.
    """

    kind: str
    time_zone: str = "UTC"
    hour: int = 22
    dates: tuple[date, ...] = ()


def next_after(timetable: Timetable, moment: datetime) -> datetime | None:
    """The first time after ``moment`` (aware) at which it is due; aware, UTC. None where there is none any more."""
    return next(_after(timetable, moment), None)


def coming(timetable: Timetable, since: datetime, until: datetime) -> Iterator[datetime]:
    """Every time after ``since`` and up to ``until`` (both aware) at which it is due, each once, in their order."""
    for due in _after(timetable, since):
        if due > until:
            return
        yield due


def local_day(timetable: Timetable, moment: datetime) -> date:
    """The day that ``moment`` (aware) is in the timetable's time zone."""
    return moment.astimezone(ZoneInfo(timetable.time_zone)).date()


def _after(timetable: Timetable, moment: datetime) -> Iterator[datetime]:
    last = moment
    for day in _days(timetable, (moment - _TWO_DAYS).astimezone(UTC).date()):
        due = _at(timetable, day)
        if due > last:  # a day that a country skipped falls on the same moment as the next
            last = due
            yield due


def _at(timetable: Timetable, day: date) -> datetime:
    return datetime.combine(day, time(timetable.hour), ZoneInfo(timetable.time_zone)).astimezone(UTC)


def _days(timetable: Timetable, since: date) -> Iterator[date]:
    days: dict[str, Iterable[date]] = {
        "nightly": _each_day(since),
        "month_end": _month_ends(since, every=1),
        "quarter_end": _month_ends(since, every=3),
        "dates": sorted(day for day in set(timetable.dates) if day >= since),
    }
    for day in days.get(timetable.kind, ()):
        if day > LATEST:
            return
        yield day


def _each_day(since: date) -> Iterator[date]:
    return (since + timedelta(days=ahead) for ahead in count())


def _month_ends(since: date, *, every: int) -> Iterator[date]:
    months = chain(((since.year, month) for month in range(since.month, 13)), _months_from(since.year + 1))
    for year, month in months:
        if month % every == 0:
            yield date(year, month, monthrange(year, month)[1])


def _months_from(first_year: int) -> Iterator[tuple[int, int]]:
    return ((year, month) for year in range(first_year, LATEST.year + 2) for month in range(1, 13))
