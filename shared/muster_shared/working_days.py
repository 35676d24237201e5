"""Which days an office works: its weekend and its country's public holidays. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_REST: Final = 31  # days: longer than any weekend and festival together
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days on which an office rests: ``weekend`` holds days such as ``sat``, ``country`` is an ISO3 code or empty.

    Public holidays are those of the package ``holidays``; of a country it does not know there are none.
    """

    weekend: frozenset[str] = frozenset()
    country: str = ""

    def works_on(self, day: date) -> bool:
        """Whether the office works on a day."""
        return DAYS[day.weekday()] not in self.weekend and day not in _holidays(self.country, day.year)

    def first_from(self, day: date) -> date:
        """The day itself where it is a working day, else the next one.

        Raises:
            ValueError: the office never works.
        """
        return self._nearest(day, _ONE_DAY)

    def last_until(self, day: date) -> date:
        """The day itself where it is a working day, else the one before.

        Raises:
            ValueError: the office never works.
        """
        return self._nearest(day, -_ONE_DAY)

    def _nearest(self, day: date, step: timedelta) -> date:
        for number in range(_LONGEST_REST):
            if self.works_on(day + number * step):
                return day + number * step
        raise ValueError(f"no working day is left by the weekend {', '.join(sorted(self.weekend))}")


EVERY_DAY: Final = WorkingDays()


def working_days_of(office: Mapping[str, Any]) -> WorkingDays:
    """The working days of an office, from the fields of its record; every day where it states none."""
    return WorkingDays(frozenset(office.get("weekend") or ()), office.get("iso3") or "")


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays  # noqa: PLC0415 - a tenth of a second that most processes never need

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
