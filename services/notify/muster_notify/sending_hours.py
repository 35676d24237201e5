"""When somebody may be written to: in the morning of a working day, never in their quiet hours. Pure.

A digest goes out from 09:00 to 11:00 where its reader is. Quiet hours that take the whole of that move it to the
first hour after them on the same day, or to the last hour before them where they last until midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from muster_notify.windows import CLOSES, OPENS, local_day
from muster_shared.working_days import DAYS, WorkingDays

NIGHT: Final = (time(20), time(7))
_HOUR: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = 60  # days: more than a digest day, a week of weekends and any country's longest holidays
_SPREAD_OVER: Final = 0.75  # of the window: what is sent last still comes before it closes

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """When one person may be written to.

    ``office`` says on which days their office works. From ``quiet_from`` to ``quiet_until`` (local, over midnight
    where the first is later, none where they are equal) nothing is sent. With a ``digest_day`` digests come on that
    day of the week, or on the next working day where it is none.
    """

    time_zone: str = "UTC"
    office: WorkingDays = WorkingDays(frozenset({"sat", "sun"}))
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_day: str | None = None


def next_window(now: datetime, hours: Hours) -> Stretch:
    """The window for digests that ``now`` (aware) lies in, or the next one: ``(opens, closes)``, aware, UTC.

    Raises:
        ValueError: no working day is left.
    """
    return _next(now, hours, (_windows_on(day, hours) for day in _days(now, hours) if _is_digest_day(day, hours)))


def next_waking(now: datetime, hours: Hours, *, working_days: bool) -> Stretch:
    """When what does not wait for the digest may go out, as ``next_window``: at any time outside quiet hours.

    Where none are named, the night from 20:00 to 07:00 counts as such.

    Raises:
        ValueError: no working day is left.
    """
    days = (day for day in _days(now, hours) if not working_days or hours.office.works_on(day))
    awake = with_night(hours)
    return _next(now, hours, (_waking_on(day, awake) for day in days))


def with_night(hours: Hours) -> Hours:
    """The same, with the night as quiet hours where none are named."""
    named = hours.quiet_from is not None and hours.quiet_until is not None
    return hours if named else replace(hours, quiet_from=NIGHT[0], quiet_until=NIGHT[1])


def is_quiet(at: time, hours: Hours) -> bool:
    """Whether a local time lies in the quiet hours."""
    first, until = hours.quiet_from, hours.quiet_until
    if first is None or until is None or first == until:
        return False
    return first <= at < until if first < until else at >= first or at < until


def spread(address: str, window: Stretch) -> datetime:
    """When in a window an address has its turn, another time each day: mails do not all go at once."""
    opens, closes = window
    drawn = int.from_bytes(sha256(f"{address.casefold()} {opens:%Y-%m-%d}".encode()).digest()[:8])
    return opens + (closes - opens) * (_SPREAD_OVER * drawn / 2**64)


def _next(now: datetime, hours: Hours, days: Iterator[tuple[Stretch, ...]]) -> Stretch:
    found = next((stretch for stretches in days for stretch in stretches if stretch[1] > now), None)
    if found is None:
        raise ValueError(f"no working day is left by the weekend {', '.join(sorted(hours.office.weekend))}")
    return found


def _days(now: datetime, hours: Hours) -> Iterator[date]:
    today = local_day(now, hours.time_zone)
    return (today + timedelta(days=ahead) for ahead in range(_LONGEST_WAIT))


def _is_digest_day(day: date, hours: Hours) -> bool:
    if not hours.office.works_on(day):
        return False
    if hours.digest_day is None:
        return True
    back = (day.weekday() - DAYS.index(hours.digest_day)) % 7
    return not any(hours.office.works_on(day - timedelta(days=ago)) for ago in range(1, back + 1))


@lru_cache(maxsize=4096)
def _windows_on(day: date, hours: Hours) -> tuple[Stretch, ...]:
    opens, closes = _instants(day, OPENS, hours), _instants(day, CLOSES, hours)
    waking = _waking_on(day, hours)
    windows = [(max(begin, opens[0]), min(end, closes[-1])) for begin, end in waking]
    found = tuple((begin, end) for begin, end in windows if begin < end)
    if found or not waking:
        return found
    after = [(begin, min(end, begin + _HOUR)) for begin, end in waking if begin >= closes[0]]
    return tuple(after[:1]) or ((max(waking[-1][0], waking[-1][1] - _HOUR), waking[-1][1]),)


@lru_cache(maxsize=4096)
def _waking_on(day: date, hours: Hours) -> tuple[Stretch, ...]:
    """The stretches of a local day outside its quiet hours, as they follow each other."""
    zone, stretches = ZoneInfo(hours.time_zone), list[Stretch]()
    for begin, end in pairwise(_edges(day, hours)):
        local = (begin + (end - begin) / 2).astimezone(zone)
        if local.date() != day or is_quiet(local.time(), hours):
            continue
        if stretches and stretches[-1][1] == begin:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((begin, end))
    return tuple(stretches)


def _edges(day: date, hours: Hours) -> list[datetime]:
    """Every instant at which it can turn quiet or another day, or at which the clocks are changed."""
    tomorrow = day + timedelta(days=1)
    quiet = [at for at in (hours.quiet_from, hours.quiet_until) if at is not None]
    edges = {instant for at in (time(0), *quiet) for instant in _instants(day, at, hours)}
    edges.update(_instants(tomorrow, time(0), hours))
    changed = _change_between(min(edges), max(edges), ZoneInfo(hours.time_zone))
    return sorted(edges | changed)


def _instants(day: date, at: time, hours: Hours) -> list[datetime]:
    """When it is a local time on a day: twice where the clocks are put back over it."""
    zone = ZoneInfo(hours.time_zone)
    return sorted({datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)})


def _change_between(begin: datetime, end: datetime, zone: ZoneInfo) -> set[datetime]:
    """The second at which a zone goes over to another offset, if it does."""
    before = begin.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return set()
    same, other = int(begin.timestamp()), int(end.timestamp())
    while other - same > 1:
        middle = (same + other) // 2
        is_same = datetime.fromtimestamp(middle, zone).utcoffset() == before
        same, other = (middle, other) if is_same else (same, middle)
    return {datetime.fromtimestamp(other, UTC)}
