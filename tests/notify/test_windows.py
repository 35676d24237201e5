"""The sending window: 09:00 to 11:00 on working days of the recipient, over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.windows import is_open, local_day, next_opening

WEEKEND = ["sat", "sun"]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "weekend", "opens"),
    [
        ("2016-11-30T08:00", "Europe/Zurich", WEEKEND, "2016-11-30T08:00"),  # Wednesday, nine o'clock
        ("2016-11-30T08:00", "Africa/Nairobi", WEEKEND, "2016-12-01T06:00"),  # eleven o'clock: just closed
        ("2016-11-30T07:59:59", "Europe/Zurich", WEEKEND, "2016-11-30T08:00"),
        ("2016-12-02T12:00", "Europe/Zurich", WEEKEND, "2016-12-05T08:00"),  # Friday noon
        ("2016-11-30T12:00", "Asia/Kabul", ["thu", "fri"], "2016-12-03T04:30"),  # half-hour zone
        ("2016-12-01T12:00", "Asia/Tehran", ["fri"], "2016-12-03T05:30"),
        ("2016-03-25T12:00", "Europe/Zurich", WEEKEND, "2016-03-28T07:00"),  # summer time began on Sunday
        ("2016-10-28T12:00", "Europe/Zurich", WEEKEND, "2016-10-31T08:00"),
        ("2011-12-29T22:00", "Pacific/Apia", WEEKEND, "2012-01-01T19:00"),  # Samoa had no 30 December
    ],
)
def test_the_next_opening(now: str, zone: str, weekend: list[str], opens: str) -> None:
    assert next_opening(utc(now), zone, weekend) == utc(opens)


def test_a_week_of_weekends_is_refused() -> None:
    with pytest.raises(ValueError, match="no working day"):
        next_opening(utc("2016-11-30T12:00"), "UTC", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])


def test_the_day_is_the_offices_own() -> None:
    assert local_day(utc("2016-11-30T23:30"), "Europe/Zurich").isoformat() == "2016-12-01"
    assert local_day(utc("2016-11-30T02:00"), "America/La_Paz").isoformat() == "2016-11-29"


ZONES = st.sampled_from(
    ["Europe/Zurich", "Africa/Cairo", "America/Costa_Rica", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
WEEKENDS = st.sampled_from([["sat", "sun"], ["fri"], ["thu", "fri"], ["fri", "sat"], ["sun"], []])
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, ZONES, WEEKENDS)
def test_it_is_open_at_the_next_opening_and_closed_until_then(now: datetime, zone: str, weekend: list[str]) -> None:
    opening = next_opening(now, zone, weekend)
    assert opening >= now
    assert is_open(opening, zone, weekend)
    if opening > now:
        assert opening.astimezone(ZoneInfo(zone)).time().isoformat() == "09:00:00"
        waited = now
        while waited < opening:
            assert not is_open(waited, zone, weekend)
            waited += timedelta(minutes=59)
