"""Due dates as a calendar in the format of RFC 5545. Pure: the same due dates always give the same text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

_READ_AGAIN: Final = timedelta(hours=6)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueDate:
    """One report owed, as a calendar shows it.

    ``uid`` stays the same for good and ``sequence`` grows with each change (RFC 5545, 3.8.7.4). ``changed_at`` is
    the aware time of the last one. ``is_open`` False: nothing is owed any more, and the event is cancelled.
    """

    uid: str
    sequence: int
    changed_at: datetime
    due: date
    project_code: str
    project_title: str
    grant_id: str
    type: str
    period_start: date
    period_end: date
    owner: str
    office: str
    is_open: bool
    url: str


def calendar(name: str, due_dates: Iterable[DueDate]) -> bytes:
    """All-day events, one for each due date in the order given; free time, for a due date blocks nobody's day."""
    made = Calendar()
    made.add("prodid", "-//Muster//Due dates//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", name)
    made.add("name", name)
    made.add("refresh-interval", _READ_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for due_date in due_dates:
        made.add_component(_event(due_date))
    return bytes(made.to_ical())


def _event(one: DueDate) -> Event:
    event = Event()
    event.add("uid", f"{one.uid}@muster")
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.changed_at)
    event.add("last-modified", one.changed_at)
    event.add("dtstart", one.due)
    event.add("dtend", one.due + _ONE_DAY)
    event.add("summary", f"{one.project_code}: {one.type} report due")
    event.add("description", _description(one))
    event.add("url", one.url)
    event.add("categories", [one.type, one.office])
    event.add("status", "CONFIRMED" if one.is_open else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    return event


def _description(one: DueDate) -> str:
    lines = (
        one.project_title,
        f"Grant {one.grant_id}, {one.type} report on {one.period_start} to {one.period_end}",
        f"Project manager: {one.owner}",
        "" if one.is_open else "Nothing is owed any more.",
    )
    return "\n".join(line for line in lines if line)
