"""When people may be written to: in the morning of working days, never in quiet hours, whatever the clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.sending_hours import Hours, is_quiet, next_waking, next_window, spread
from muster_notify.windows import local_day
from muster_shared.working_days import DAYS, WorkingDays

WEEKEND = "sat sun"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(
    zone: str = "UTC", weekend: str = WEEKEND, country: str = "", quiet: str = "", day: str | None = None
) -> Hours:
    first, until = (time.fromisoformat(one) for one in quiet.split("-")) if quiet else (None, None)
    return Hours(zone, WorkingDays(frozenset(weekend.split()), country), first, until, day)


@pytest.mark.parametrize(
    ("now", "zone", "weekend", "opens"),
    [
        ("2016-11-30T08:00", "Europe/Zurich", WEEKEND, "2016-11-30T08:00"),  # Wednesday, nine o'clock
        ("2016-11-30T08:00", "Africa/Nairobi", WEEKEND, "2016-12-01T06:00"),  # eleven o'clock: just closed
        ("2016-11-30T07:59:59", "Europe/Zurich", WEEKEND, "2016-11-30T08:00"),
        ("2016-12-02T12:00", "Europe/Zurich", WEEKEND, "2016-12-05T08:00"),  # Friday noon
        ("2016-11-30T12:00", "Asia/Kabul", "thu fri", "2016-12-03T04:30"),  # half-hour zone
        ("2016-12-01T12:00", "Asia/Tehran", "fri", "2016-12-03T05:30"),
        ("2016-03-25T12:00", "Europe/Zurich", WEEKEND, "2016-03-28T07:00"),  # summer time began on Sunday
        ("2016-10-28T12:00", "Europe/Zurich", WEEKEND, "2016-10-31T08:00"),
        ("2011-12-29T22:00", "Pacific/Apia", WEEKEND, "2012-01-01T19:00"),  # Samoa had no 30 December
    ],
)
def test_the_next_window_opens(now: str, zone: str, weekend: str, opens: str) -> None:
    found = next_window(utc(now), hours(zone, weekend))
    assert found == (utc(opens), utc(opens) + timedelta(hours=2))


def test_a_week_of_weekends_is_refused() -> None:
    with pytest.raises(ValueError, match="no working day"):
        next_window(utc("2016-11-30T12:00"), hours(weekend="mon tue wed thu fri sat sun"))


@pytest.mark.parametrize(
    ("country", "opens"),
    [
        ("KEN", "2016-12-13T06:00"),  # Jamhuri Day is on Monday the 12th
        ("UGA", "2016-12-12T06:00"),
        ("ZZZ", "2016-12-12T06:00"),  # no country known: no holidays
    ],
)
def test_national_holidays_of_the_office_are_no_working_days(country: str, opens: str) -> None:
    assert next_window(utc("2016-12-09T12:00"), hours("Africa/Nairobi", country=country))[0] == utc(opens)


@pytest.mark.parametrize(
    ("quiet", "opens", "closes"),
    [
        ("22:00-07:00", "09:00", "11:00"),  # over midnight, not touching the window
        ("18:00-09:30", "09:30", "11:00"),
        ("10:00-16:00", "09:00", "10:00"),
        ("08:00-12:30", "12:30", "13:30"),  # the window is taken whole: the hour after the quiet ones
        ("08:00-23:30", "23:30", "24:00"),  # as much of it as the day still has
        ("08:00-03:00", "07:00", "08:00"),  # nothing of the day is left after them: the hour before
        ("09:00-09:00", "09:00", "11:00"),  # none
    ],
)
def test_quiet_hours_cut_the_window_or_move_it(quiet: str, opens: str, closes: str) -> None:
    def at(clock: str) -> datetime:
        return utc("2016-11-30T00:00") + timedelta(hours=int(clock[:2]), minutes=int(clock[3:]))

    assert next_window(utc("2016-11-30T00:00"), hours(quiet=quiet)) == (at(opens), at(closes))


def test_quiet_hours_in_the_middle_leave_two_windows() -> None:
    divided = hours(quiet="09:30-10:00")
    assert next_window(utc("2016-11-30T08:00"), divided) == (utc("2016-11-30T09:00"), utc("2016-11-30T09:30"))
    assert next_window(utc("2016-11-30T09:45"), divided) == (utc("2016-11-30T10:00"), utc("2016-11-30T11:00"))


@pytest.mark.parametrize(
    ("weekend", "opens"),
    [(WEEKEND, "2016-12-02T09:00"), ("thu fri sat", "2016-12-04T09:00")],  # Friday; the day after the weekend it is in
)
def test_a_digest_day_that_is_no_working_day_is_the_next_one(weekend: str, opens: str) -> None:
    assert next_window(utc("2016-11-30T09:30"), hours(weekend=weekend, day="fri"))[0] == utc(opens)


def test_what_does_not_wait_for_the_window_waits_for_the_end_of_the_night_and_of_the_weekend() -> None:
    home = hours("Europe/Zurich")
    assert next_waking(utc("2016-11-30T15:00"), home, working_days=True)[0] <= utc("2016-11-30T15:00")
    assert next_waking(utc("2016-11-30T22:00"), home, working_days=True)[0] == utc("2016-12-01T06:00")
    assert next_waking(utc("2016-12-03T12:00"), home, working_days=True)[0] == utc("2016-12-05T06:00")
    assert next_waking(utc("2016-12-03T12:00"), home, working_days=False)[0] <= utc("2016-12-03T12:00")


def test_named_quiet_hours_stand_in_place_of_the_night() -> None:
    owl = hours(quiet="04:00-12:00")
    assert next_waking(utc("2016-11-30T02:00"), owl, working_days=True)[0] <= utc("2016-11-30T02:00")
    assert next_waking(utc("2016-11-30T05:00"), owl, working_days=True)[0] == utc("2016-11-30T12:00")


def test_turns_are_spread_over_the_window_and_differ_from_day_to_day() -> None:
    window = (utc("2016-11-30T09:00"), utc("2016-11-30T11:00"))
    tomorrow = (window[0] + timedelta(days=1), window[1] + timedelta(days=1))
    people = [f"person{number}@example.org" for number in range(200)]
    quarters = {(spread(one, window) - window[0]) // timedelta(minutes=15) for one in people}
    assert quarters == set(range(6)), "all of it but the last half hour, in which what is late still goes out"
    assert spread(people[0].upper(), window) == spread(people[0], window)
    assert spread(people[0], tomorrow) - tomorrow[0] != spread(people[0], window) - window[0]


def test_the_day_is_the_offices_own() -> None:
    assert local_day(utc("2016-11-30T23:30"), "Europe/Zurich") == date(2016, 12, 1)
    assert local_day(utc("2016-11-30T02:00"), "America/La_Paz") == date(2016, 11, 29)


ZONES = st.sampled_from(
    ["Europe/Zurich", "Africa/Cairo", "America/Costa_Rica", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
WEEKENDS = st.sampled_from(["sat sun", "fri", "thu fri", "fri sat", "sun", ""])
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CHANGES = st.sampled_from(  # each side of a change of clocks, and of the day that Samoa left out
    [utc("2016-03-26T20:00"), utc("2016-10-29T20:00"), utc("2016-04-02T09:00"), utc("2011-12-29T20:00")]
)
CLOCKS = st.one_of(st.none(), st.times().map(lambda at: at.replace(second=0, microsecond=0)))
HOURS = st.builds(
    Hours,
    ZONES,
    st.builds(
        lambda days, country: WorkingDays(frozenset(days.split()), country), WEEKENDS, st.sampled_from(["", "EGY"])
    ),
    CLOCKS,
    CLOCKS,
    st.one_of(st.none(), st.sampled_from(DAYS)),
)


def local(moment: datetime, of: Hours) -> datetime:
    return moment.astimezone(ZoneInfo(of.time_zone))


def minutes(begin: datetime, end: datetime, step: int = 1) -> list[datetime]:
    return [begin + timedelta(minutes=n) for n in range(0, int((end - begin) / timedelta(minutes=1)), step)]


@given(st.one_of(MOMENTS, CHANGES), HOURS)
def test_no_minute_of_a_window_is_quiet_or_of_another_day_or_of_one_of_rest(now: datetime, of: Hours) -> None:
    opens, closes = next_window(now, of)
    assert opens < closes
    assert now < closes
    assert {local(one, of).date() for one in minutes(opens, closes)} == {local(opens, of).date()}
    assert of.office.works_on(local(opens, of).date())
    assert not any(is_quiet(local(one, of).time(), of) for one in minutes(opens, closes))


@given(st.one_of(MOMENTS, CHANGES), HOURS)
def test_no_morning_before_the_window_was_left_out(now: datetime, of: Hours) -> None:
    daily = replace(of, digest_day=None)
    opens, _ = next_window(now, daily)
    for one in minutes(now, opens, step=7):
        there = local(one, of)
        is_morning = time(9) <= there.time() < time(11)
        assert not (is_morning and of.office.works_on(there.date()) and not is_quiet(there.time(), of)), one


@given(st.one_of(MOMENTS, CHANGES), HOURS)
def test_nothing_goes_out_in_quiet_hours_and_nothing_waits_outside_them(now: datetime, of: Hours) -> None:
    named = of.quiet_from is not None and of.quiet_until is not None
    quiet = of if named else replace(of, quiet_from=time(20), quiet_until=time(7))
    opens, closes = next_waking(now, of, working_days=True)
    assert opens < closes
    assert now < closes
    for one in (opens, closes - timedelta(seconds=1)):
        assert not is_quiet(local(one, of).time(), quiet)
        assert of.office.works_on(local(one, of).date())
    for one in minutes(now, opens, step=7):
        assert is_quiet(local(one, of).time(), quiet) or not of.office.works_on(local(one, of).date())
