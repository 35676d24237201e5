"""When a scheduled report is due: month ends, leap years, changes of clocks, and none twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_report.timetable import LATEST, Timetable, coming, local_day, next_after

ZONES = (
    "UTC",
    "Africa/Nairobi",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
KEPT = st.sampled_from(("nightly", "month_end", "quarter_end"))
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
TIMETABLES = st.builds(Timetable, KEPT, st.sampled_from(ZONES), st.integers(0, 23))
DATED = st.builds(
    Timetable,
    st.just("dates"),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.lists(st.dates(date(2001, 1, 1), date(2099, 12, 31)), max_size=8).map(tuple),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "zone", "hour", "moment", "due"),
    [
        ("nightly", "UTC", 22, "2016-11-30T08:00:00+00:00", "2016-11-30T22:00:00+00:00"),
        ("nightly", "UTC", 22, "2016-11-30T22:00:00+00:00", "2016-12-01T22:00:00+00:00"),
        ("nightly", "Africa/Nairobi", 2, "2016-11-30T23:00:00+00:00", "2016-12-01T23:00:00+00:00"),
        ("month_end", "UTC", 22, "2016-02-10T00:00:00+00:00", "2016-02-29T22:00:00+00:00"),
        ("month_end", "UTC", 22, "2015-02-10T00:00:00+00:00", "2015-02-28T22:00:00+00:00"),
        ("month_end", "UTC", 22, "2016-12-31T22:00:00+00:00", "2017-01-31T22:00:00+00:00"),
        ("month_end", "Pacific/Kiritimati", 1, "2016-11-30T08:00:00+00:00", "2016-12-30T11:00:00+00:00"),
        ("month_end", "America/New_York", 22, "2016-12-01T02:59:00+00:00", "2016-12-01T03:00:00+00:00"),
        ("quarter_end", "UTC", 22, "2016-11-30T08:00:00+00:00", "2016-12-31T22:00:00+00:00"),
        ("quarter_end", "Europe/Berlin", 0, "2016-12-31T08:00:00+00:00", "2017-03-30T22:00:00+00:00"),
    ],
)
def test_the_next_time_is_told(kind: str, zone: str, hour: int, moment: str, due: str) -> None:
    assert next_after(Timetable(kind, zone, hour), at(moment)) == at(due)


def test_an_hour_that_summer_time_leaves_out_comes_an_hour_later_and_one_that_comes_twice_comes_once() -> None:
    nightly = Timetable("nightly", "Europe/Berlin", 2)
    spring = list(coming(nightly, at("2016-03-25T12:00:00+00:00"), at("2016-03-28T12:00:00+00:00")))
    assert [due.isoformat()[5:16] for due in spring] == ["03-26T01:00", "03-27T01:00", "03-28T00:00"]
    assert spring[1].astimezone(ZoneInfo("Europe/Berlin")).hour == 3
    autumn = list(coming(nightly, at("2016-10-29T12:00:00+00:00"), at("2016-10-31T12:00:00+00:00")))
    assert [due.isoformat()[5:16] for due in autumn] == ["10-30T00:00", "10-31T01:00"]


def test_a_day_that_a_country_skipped_is_not_made_twice() -> None:
    samoa = Timetable("nightly", "Pacific/Apia", 12)
    made = list(coming(samoa, at("2011-12-28T00:00:00+00:00"), at("2012-01-01T12:00:00+00:00")))
    assert [local_day(samoa, due).day for due in made] == [28, 29, 31, 1]


def test_written_days_come_in_their_order_each_once_and_then_no_more() -> None:
    written = Timetable("dates", "UTC", 9, (date(2017, 3, 1), date(2016, 12, 24), date(2017, 3, 1)))
    assert next_after(written, at("2016-11-30T08:00:00+00:00")) == at("2016-12-24T09:00:00+00:00")
    assert next_after(written, at("2016-12-24T09:00:00+00:00")) == at("2017-03-01T09:00:00+00:00")
    assert next_after(written, at("2017-03-01T09:00:00+00:00")) is None


def test_on_change_is_due_at_no_time() -> None:
    assert next_after(Timetable("on_change"), at("2016-11-30T08:00:00+00:00")) is None


def test_no_time_is_after_the_last_day_that_a_timetable_knows() -> None:
    assert next_after(Timetable("nightly", "Pacific/Kiritimati", 23), datetime(2300, 1, 1, tzinfo=UTC)) is None
    assert next_after(Timetable("month_end"), datetime(2199, 12, 31, 23, tzinfo=UTC)) is None


@given(TIMETABLES, MOMENTS)
def test_the_next_time_lies_ahead_at_the_hour_on_a_day_of_the_kind(timetable: Timetable, moment: datetime) -> None:
    due = next_after(timetable, moment)
    assert due is not None
    assert due > moment
    assert due - moment < timedelta(days={"nightly": 3, "month_end": 33, "quarter_end": 94}[timetable.kind])
    local = due.astimezone(ZoneInfo(timetable.time_zone))
    asked = datetime.combine(local.date(), datetime.min.time(), local.tzinfo).replace(hour=timetable.hour)
    assert asked.astimezone(UTC) == due or due.astimezone(local.tzinfo).hour == timetable.hour + 1
    if timetable.kind != "nightly":
        assert (local.date() + timedelta(days=1)).day == 1
    if timetable.kind == "quarter_end":
        assert local.month % 3 == 0


@given(TIMETABLES | DATED, MOMENTS, st.integers(1, 500))
def test_nothing_is_skipped_whatever_moment_is_asked_from(timetable: Timetable, moment: datetime, days: int) -> None:
    until = moment + timedelta(days=days)
    times = list(coming(timetable, moment, until))
    assert all(first < second for first, second in pairwise([moment, *times]))
    for first, second in pairwise([moment, *times]):
        between = first + (second - first) / 2
        assert next_after(timetable, between) == next_after(timetable, first) == second
    after = next_after(timetable, times[-1] if times else moment)
    assert after is None or after > until


@given(DATED, MOMENTS)
def test_written_days_are_all_kept_and_no_other(timetable: Timetable, moment: datetime) -> None:
    made = list(coming(timetable, moment, datetime(LATEST.year, 1, 1, tzinfo=UTC)))
    whole = list(coming(timetable, datetime(2000, 12, 1, tzinfo=UTC), datetime(LATEST.year, 1, 1, tzinfo=UTC)))
    assert made == [due for due in whole if due > moment]
    skipped = {date(2011, 12, 30)} if timetable.time_zone == "Pacific/Apia" else set()
    assert {local_day(timetable, due) for due in whole} - {date(2011, 12, 31)} == set(timetable.dates) - skipped - {
        date(2011, 12, 31)
    }
