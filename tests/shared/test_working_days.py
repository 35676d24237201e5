"""Working days of an office, and due dates that move to one where the donor's rules say so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_shared.rulebook import parse_rulebook, shipped_rulebook
from muster_shared.schedules import obligations
from muster_shared.working_days import DAYS, EVERY_DAY, WorkingDays, working_days_of

NAIROBI = working_days_of({"weekend": ["sat", "sun"], "iso3": "KEN"})
CAIRO = working_days_of({"weekend": ["fri", "sat"], "iso3": "EGY"})


def test_a_weekend_is_the_offices_own() -> None:
    friday, sunday = date(2016, 12, 2), date(2016, 12, 4)
    assert (NAIROBI.works_on(friday), NAIROBI.works_on(sunday)) == (True, False)
    assert (CAIRO.works_on(friday), CAIRO.works_on(sunday)) == (False, True)


def test_a_public_holiday_of_the_country_is_no_working_day() -> None:
    jamhuri_day = date(2016, 12, 12)
    assert not NAIROBI.works_on(jamhuri_day)
    assert CAIRO.works_on(jamhuri_day)
    assert NAIROBI.first_from(date(2016, 12, 10)) == date(2016, 12, 13)  # Saturday, Sunday, holiday
    assert NAIROBI.last_until(jamhuri_day) == date(2016, 12, 9)


@pytest.mark.parametrize("office", [{}, {"iso3": "XKX"}, {"iso3": None, "weekend": None}])
def test_an_office_whose_country_has_no_known_holidays_has_its_weekend_only(office: dict[str, Any]) -> None:
    assert working_days_of(office).works_on(date(2017, 1, 1))


def test_an_office_that_never_works_is_said_to() -> None:
    with pytest.raises(ValueError, match="no working day is left by the weekend fri, mon"):
        WorkingDays(frozenset(DAYS)).first_from(date(2016, 12, 1))


@given(st.dates(date(2010, 1, 1), date(2030, 12, 31)), st.sampled_from([NAIROBI, CAIRO, EVERY_DAY]))
def test_the_nearest_working_day_is_one_and_none_lies_between(day: date, office: WorkingDays) -> None:
    after, before = office.first_from(day), office.last_until(day)
    assert before <= day <= after
    assert office.works_on(after)
    assert office.works_on(before)
    between = (before + timedelta(days=n) for n in range(1, (after - before).days))
    assert not any(office.works_on(one) for one in between)


RULES = """
[[version]]
rules = "own"
holds_from = 2001-01-01
source = "written for this test"
[[version.report]]
type = "final"
at_end = true
due = {{ days = 30{moved} }}
"""


def due_of(moved: str, office: WorkingDays) -> str:
    project = {"project_code": "KEN-1", "start": "2016-01-01", "end": "2016-11-12"}  # 30 days later: Jamhuri day
    grant = {**project, "grant_id": "G-1", "reporting_rules": {"rules": "own"}}
    book = parse_rulebook(RULES.format(moved=moved))
    return obligations(project, [grant], rulebook=book, working_days=office)[0].due.isoformat()


def test_a_due_date_moves_only_where_the_rules_say_so() -> None:
    assert due_of("", NAIROBI) == "2016-12-12"
    assert due_of(', moved_to = "after"', NAIROBI) == "2016-12-13"
    assert due_of(', moved_to = "before"', NAIROBI) == "2016-12-09"
    assert due_of(', moved_to = "after"', CAIRO) == "2016-12-12"
    assert due_of(', moved_to = "after"', EVERY_DAY) == "2016-12-12"


def test_no_shipped_rule_moves_a_due_date() -> None:
    versions = [version for found in shipped_rulebook().by_rules.values() for version in found]
    assert all(rule.moved_to is None for version in versions for rule in version.reports)


def test_a_move_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="'after' or 'before', not 'monday'"):
        parse_rulebook(RULES.format(moved=', moved_to = "monday"'))
