"""A month of due dates as weeks of days. Pure."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from babel import Locale

EARLIEST, LATEST = date(1900, 2, 1), date(9998, 11, 1)
_ONE_DAY, _LONGEST = timedelta(days=1), timedelta(days=31)
MOST_SHOWN: Final = 3  # of a day: the others are a click away


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what is due on it; ``more`` counts what is not among its ``entries``."""

    on: date
    in_month: bool
    entries: Sequence[Mapping[str, Any]]
    more: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month, whole weeks of it."""

    first: date
    weeks: Sequence[Sequence[date]]

    @property
    def begins(self) -> date:
        """The first day that is shown."""
        return self.weeks[0][0]

    @property
    def ends(self) -> date:
        """The last day that is shown."""
        return self.weeks[-1][-1]

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return (self.first - _ONE_DAY).replace(day=1)

    @property
    def after(self) -> date:
        """The first day of the month after it."""
        return (self.first + _LONGEST).replace(day=1)

    def days(self, entries: Sequence[Mapping[str, Any]], counts: Mapping[date, int]) -> list[list[Day]]:
        """Its weeks with what is due each day; ``entries`` hold ``due`` as ISO text, ``counts`` how many there are."""
        by_day: dict[date, list[Mapping[str, Any]]] = {}
        for entry in entries:
            by_day.setdefault(date.fromisoformat(entry["due"]), []).append(entry)
        return [[self._day(on, by_day.get(on, []), counts.get(on, 0)) for on in week] for week in self.weeks]

    def _day(self, on: date, entries: Sequence[Mapping[str, Any]], count: int) -> Day:
        return Day(on, on.month == self.first.month, entries, count - len(entries))


def month_of(text: str, *, today: date, locale: Locale) -> Month:
    """The month that is written like 2016-12, else today's; weeks begin as they do where the language is spoken."""
    first = _first(text) or today.replace(day=1)
    weeks = Calendar(locale.first_week_day).monthdatescalendar(first.year, first.month)
    return Month(first, weeks)


def written(first: date) -> str:
    """A month as an address has it: 2016-12."""
    return f"{first:%Y-%m}"


def _first(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None
