"""Month arithmetic, above all at the ends of months and in leap years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_shared.months import add_months, full_months, period_end, quarter_of

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 120)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2016-01-15", 6, "2016-07-15"),
        ("2015-08-31", 6, "2016-02-29"),
        ("2014-08-31", 6, "2015-02-28"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2016-12-31", 2, "2017-02-28"),
        ("2016-03-31", -1, "2016-02-29"),
        ("2016-01-31", -1, "2015-12-31"),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2016-01-01", 6, "2016-06-30"),
        ("2016-01-15", 9, "2016-10-14"),
        ("2016-02-29", 12, "2017-02-27"),
        ("2016-03-01", 12, "2017-02-28"),
        ("2015-03-01", 12, "2016-02-29"),
        ("2016-07-01", 18, "2017-12-31"),
    ],
)
def test_a_period_ends_the_day_before_the_same_day_months_later(start: str, months: int, end: str) -> None:
    assert period_end(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_a_year_has_twelve_full_months_and_one_day_less_has_eleven() -> None:
    assert full_months(date(2016, 1, 1), date(2016, 12, 31)) == 12
    assert full_months(date(2016, 1, 1), date(2016, 12, 30)) == 11
    assert full_months(date(2016, 1, 1), date(2016, 1, 1)) == 0


def test_quarters_are_those_of_the_calendar() -> None:
    assert quarter_of(date(2016, 2, 29)) == (date(2016, 1, 1), date(2016, 3, 31))
    assert quarter_of(date(2016, 10, 1)) == (date(2016, 10, 1), date(2016, 12, 31))


@given(DAYS, MONTHS)
def test_full_months_is_what_fits_and_not_one_more(start: date, months: int) -> None:
    end = period_end(start, months)
    fits = full_months(start, end)
    assert fits >= months
    assert period_end(start, fits) <= end < period_end(start, fits + 1)


@given(DAYS, MONTHS)
def test_more_months_are_always_later(start: date, months: int) -> None:
    assert add_months(start, months) < add_months(start, months + 1)
    assert period_end(start, months) + timedelta(days=1) == add_months(start, months)


@given(DAYS)
def test_every_day_lies_in_its_quarter(day: date) -> None:
    first, last = quarter_of(day)
    assert first <= day <= last
    assert full_months(first, last) == 3
