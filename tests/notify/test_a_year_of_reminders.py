"""A year with outages, late reports, snoozes, extensions and people who go: none lost, none twice, none wrong.

``--hypothesis-profile=long`` lives through it with 500 projects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings as profiles
from sqlalchemy import delete

from muster_notify import sweeping
from muster_notify.models import Reminder
from muster_shared.context import Context
from stories_of_reminders import Story, smaller, story
from year_of_reminders import Year, left_waiting, tell

IS_LONG = profiles.get_current_profile_name() == "long"
PROJECTS, DAYS = (500, 366) if IS_LONG else (8, 120)
Telling = Callable[..., Year]


@pytest.fixture
def telling(open_context: Callable[[str], Context]) -> Telling:
    """Tell a story from the beginning, with a database of its own."""

    def tell_it(told: Story, **how: object) -> Year:
        context = open_context("notify")
        begun = datetime(2016, 1, 1, tzinfo=UTC)
        settings = replace(context.settings, clock=begun, storm_floor=10**9, data_dir=context.settings.data_dir)
        settings.data_dir.mkdir(exist_ok=True)
        context = replace(context, settings=settings, clock=replace(context.clock, start=begun))
        context.clock.path.unlink(missing_ok=True)
        context.clock.begin()
        return tell(Year(context, told, **how))  # type: ignore[arg-type]

    return tell_it


@pytest.mark.timeout(3600 if IS_LONG else 600)  # where it fails it is told again, shorter each time
def test_in_a_year_no_rung_is_lost_none_told_twice_nor_to_the_wrong_person_nor_at_the_wrong_hour(
    telling: Telling,
) -> None:
    told = story(2016, PROJECTS, DAYS)
    year = telling(told)
    if year.wrong:
        told = smaller(told, lambda one: bool(telling(one).wrong))
        pytest.fail(f"{telling(told).wrong[:3]} in {told}")
    assert len(year.sent) > PROJECTS * DAYS / 100
    assert left_waiting(year) == 0


def forgetful(context: Context) -> None:
    """A sweep that loses what it records of every rung at a whole number of weeks."""
    sweeping.record_due(context)
    with context.sessions.begin() as session:
        session.execute(delete(Reminder).where(Reminder.rung % 7 == 0, Reminder.status == "held"))


def test_a_sweep_that_loses_rungs_is_found_out_and_cut_down_to_a_small_story(telling: Telling) -> None:
    told = story(7, 3, 70)
    assert telling(told, sweep=forgetful).wrong
    small = smaller(told, lambda one: bool(telling(one, sweep=forgetful).wrong), tries=3)
    assert len(small.projects) == 1
    [lost] = telling(small, sweep=forgetful).wrong[:1]
    assert "is lost" in lost
