"""Whatever the history: what was derived bit by bit is what is derived anew, and the same history gives the same bytes.

``--hypothesis-profile=long`` looks further than the few examples of every day.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import factories
import random_histories as histories
from random_histories import History, Step, does, replay_releases
from reporting import FUNDING, Report, Reporting

LONG = settings.get_current_profile_name() == "long"
RELAXED = settings(
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),  # shrinking a failure takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
LOG = st.lists(
    st.one_of(*[histories.SUBMISSIONS] * 3, histories.FOLLOWS, histories.WISHES, histories.RESTORES),
    min_size=4,
    max_size=20,
)
EVERYTHING = st.lists(
    st.one_of(
        *[histories.SUBMISSIONS] * 4, histories.HOURS, histories.SETTLES, histories.MAKES, *[histories.RELEASES] * 2
    ),
    min_size=6,
    max_size=14,
)
YEAR = {"year": "2016", "copy": "internal"}
RELEASED_AFTER_A_LATER_ONE_WAS_MADE = [
    does("make", FUNDING, YEAR),
    does("send", factories.requirement("KEN", amount="2")),
    does("make", FUNDING, YEAR),
    does("release", FUNDING, YEAR, 1),
]


def positions(report: Report) -> list[tuple[str, str, int]]:
    internal = [state for state in report.states() if state.position and state.params["copy"] == "internal"]
    return [(state.report, state.params_key, state.position) for state in internal]


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 240)
@settings(RELAXED, max_examples=500 if LONG else 15)
@given(steps=LOG)
def test_facts_and_marks_followed_in_any_pages_and_over_restores_are_those_derived_anew(
    empty: Reporting, second: Report, steps: list[Step]
) -> None:
    history = History(empty)
    for step in steps:
        step(history)
    empty.report.follow()
    assert empty.report.current() == empty.ingest.current()
    second.empty()
    second.follow()
    assert empty.report.facts() == second.facts()
    assert positions(empty.report) == positions(second)
    assert empty.report.rebuild().differing == ()
    assert empty.report.facts() == second.facts()


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 240)
@settings(RELAXED, max_examples=200 if LONG else 5)
@given(steps=EVERYTHING)
@example(steps=RELEASED_AFTER_A_LATER_ONE_WAS_MADE)
def test_the_same_submissions_and_releases_give_the_same_bytes_however_many_regenerations_lie_between(
    empty: Reporting, second: Report, steps: list[Step]
) -> None:
    history = History(empty)
    for step in steps:
        step(history)
    empty.settle()
    assert [state.error for state in empty.report.states() if state.error] == []
    facts = empty.report.facts()
    assert empty.report.rebuild().differing == ()
    assert empty.report.facts() == facts

    second.empty()
    replay_releases(second, history.releases)
    second.follow()
    second.let_days_pass()
    second.regenerate()
    assert second.facts() == facts
    for state in empty.report.states():
        assert second.latest(state.report, **state.params) == empty.report.latest(state.report, **state.params)
