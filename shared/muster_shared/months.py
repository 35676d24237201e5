"""Arithmetic of whole months on calendar dates, clamped at the ends of months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_end(start: date, months: int) -> date:
    """Last day of a period of so many months: the day before the same day that many months later."""
    return add_months(start, months) - ONE_DAY


def full_months(start: date, end: date) -> int:
    """How many full months fit from ``start`` to ``end``, both days included; 0 where not even one does."""
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    while months > 0 and period_end(start, months) > end:
        months -= 1
    return max(months, 0)


def quarter_of(day: date) -> tuple[date, date]:
    """First and last day of the calendar quarter that holds ``day``."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, period_end(first, 3)
