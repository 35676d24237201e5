"""A worker that keeps facts in memory makes its reports of the same facts as one that reads them each time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import factories
import random_histories as histories
from muster_report.facts import Facts
from muster_report.held_facts import HeldFacts, hold
from muster_report.history import applied_position, facts_at, facts_for
from muster_report.reports import catalogue
from random_histories import History, Step
from reporting import FUNDING, PARTNERSHIPS, Reporting

STEPS = st.lists(
    st.one_of(*[histories.SUBMISSIONS] * 3, *[histories.FOLLOWS] * 2, histories.RESTORES), min_size=3, max_size=10
)
EVERYTHING = frozenset({"office", "partner", "partnership", "funding_requirement", "project", "grant"})


def held(muster: Reporting, limit: int = 1_000) -> HeldFacts:
    made = hold(muster.report.context.engine, limit)
    assert made is not None
    made.limit = limit
    made.forget()
    return made


def told(muster: Reporting, kept: HeldFacts, position: int) -> Facts | None:
    """What is kept, as of a position; None where it has to be read."""
    with muster.report.context.sessions() as session:
        by_kind, to_read = kept.at(session, EVERYTHING, position)
    return None if to_read else Facts(by_kind)


def read(muster: Reporting, position: int) -> Facts:
    with muster.report.context.sessions() as session:
        return facts_at(session, EVERYTHING, position)


def same(one: Facts, other: Facts) -> bool:
    """The same facts in the same order."""
    return all(list(one.kind(kind).items()) == list(other.kind(kind).items()) for kind in EVERYTHING)


def applied(muster: Reporting) -> int:
    with muster.report.context.sessions() as session:
        return applied_position(session)


@settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=8,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_the_history_each_position_has_the_facts_that_the_database_tells(
    empty: Reporting, steps: list[Step]
) -> None:
    history, kept = History(empty), held(empty)
    for step in steps:
        step(history)
        for position in range(0, applied(empty) + 1, 2) if applied(empty) else ():
            kept_now = told(empty, kept, position)
            assert kept_now is not None
            assert same(kept_now, read(empty, position)), position


def test_a_change_costs_the_reading_of_that_change(muster: Reporting) -> None:
    kept = held(muster)
    muster.report.settle()
    before = kept.rows_read
    assert before >= 7
    muster.submit(factories.requirement("KEN", amount="5"))
    muster.settle()
    assert kept.rows_read == before + 1
    muster.report.latest(FUNDING, year="2016")
    assert kept.rows_read == before + 1


def test_more_than_the_limit_is_read_each_time(muster: Reporting) -> None:
    kept = held(muster, limit=3)
    muster.report.follow()
    assert told(muster, kept, applied(muster)) is None
    assert kept.rows_read == 0
    with muster.report.context.sessions() as session:
        facts = facts_for(session, catalogue()[PARTNERSHIPS], applied(muster))
    assert set(facts.kind("partnership")) == {"p-1", "p-2"}


def test_a_position_that_is_not_applied_yet_is_left_to_the_database(muster: Reporting) -> None:
    kept = held(muster)
    muster.report.follow()
    assert told(muster, kept, applied(muster) + 1) is None


def test_after_a_restore_nothing_kept_is_used_again(muster: Reporting) -> None:
    kept = held(muster)
    muster.submit(factories.requirement("KEN", amount="5"))
    muster.settle()
    last = applied(muster)
    muster.ingest.restore(upto=last - 1)
    muster.submit(factories.requirement("KEN", amount="6"))
    muster.settle()
    now = told(muster, kept, applied(muster))
    assert applied(muster) == last
    assert now is not None
    assert same(now, read(muster, last))
    assert next(f.fields["amount"] for key, f in now.kind("funding_requirement").items() if "KEN" in key) == "6"


def test_an_instance_may_be_told_to_keep_nothing(muster: Reporting) -> None:
    assert hold(muster.report.context.engine, 0) is None


@pytest.mark.parametrize("report", [FUNDING, PARTNERSHIPS])
def test_issues_are_the_same_bytes_with_and_without(muster: Reporting, report: str) -> None:
    held(muster)
    muster.report.settle()
    issues = [issue for state in muster.report.known(report) if (issue := state["last_issue"])]
    assert issues
    assert muster.report.rebuild().differing == ()
