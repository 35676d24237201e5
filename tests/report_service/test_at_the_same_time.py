"""Two of everything at once: followers, regenerators, askers, releases. None undoes or doubles another's work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

import factories
from reporting import FUNDING, Reporting, with_settings
from workbook_reading import about, changes_in

YEAR = {"year": "2016"}


@pytest.fixture
def at_once() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@contextmanager
def held_before_its_commit(
    muster: Reporting, pool: ThreadPoolExecutor, work: Callable[[], Any]
) -> Iterator[Future[Any]]:
    """Within the block, the work has done all but commit its (first) transaction."""
    reached, go, mine = threading.Event(), threading.Event(), threading.local()

    def wait(_session: Session) -> None:
        if getattr(mine, "holds", False):
            mine.holds = False
            reached.set()
            assert go.wait(20)

    def begin() -> Any:
        mine.holds = True
        return work()

    event.listen(muster.report.context.sessions, "before_commit", wait)
    future = pool.submit(begin)
    assert reached.wait(20)
    try:
        yield future
    finally:
        go.set()
        future.result(20)
        event.remove(muster.report.context.sessions, "before_commit", wait)


def test_many_followers_and_regenerators_make_each_fact_and_each_issue_once(
    muster: Reporting, at_once: ThreadPoolExecutor
) -> None:
    muster.report.context = with_settings(muster.report.context, lease_seconds=60)
    muster.report.log.page = 2
    followed = sum(future.result() for future in [at_once.submit(muster.report.follow) for _ in range(4)])
    followed += muster.report.follow()
    assert followed == muster.ingest.last() == len(muster.report.facts())
    built = sum(future.result() for future in [at_once.submit(muster.report.regenerate) for _ in range(4)])
    assert built == len(muster.report.states()) == 4
    for state in muster.report.states():
        assert [issue["number"] for issue in muster.report.issues(state.report, **state.params)] == [1]
    assert muster.report.stale() == []
    assert muster.report.rebuild().differing == ()


def test_followers_and_regenerators_mixed_end_where_one_after_the_other_ends(
    muster: Reporting, at_once: ThreadPoolExecutor
) -> None:
    muster.report.log.page = 1
    futures = [at_once.submit(work) for _ in range(2) for work in (muster.report.settle, muster.report.regenerate)]
    for future in futures:
        future.result()
    muster.settle()
    last = {state.report: state.position for state in muster.report.states() if "A" in state.params.values()}
    assert about(muster.report.latest("partnerships", source="A"))["Change-log position"] == last["partnerships"]
    assert muster.report.stale() == []
    assert muster.report.rebuild().differing == ()


def test_a_copy_asked_for_while_a_change_is_applied_misses_nothing(
    muster: Reporting, at_once: ThreadPoolExecutor
) -> None:
    muster.report.follow()
    muster.report.count_as_made()
    muster.submit(factories.requirement("KEN", amount="5"))
    ask = lambda: muster.report.run(FUNDING, copy="donor", **YEAR)  # noqa: E731 - two works with one name each
    with held_before_its_commit(muster, at_once, ask):
        follower = at_once.submit(muster.report.follow)
        threading.Event().wait(0.3)
    assert follower.result(20) == 1
    assert muster.report.state(FUNDING, copy="donor", **YEAR).position == muster.ingest.last()


def test_a_copy_asked_for_by_two_at_once_is_made_once(muster: Reporting, at_once: ThreadPoolExecutor) -> None:
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.context = with_settings(muster.report.context, lease_seconds=60)
    asked = [at_once.submit(muster.report.run, FUNDING, copy="donor", **YEAR) for _ in range(3)]
    runs = [future.result(20) for future in asked]
    muster.report.regenerate()
    seen = [muster.report.watch(run) for run in runs]
    assert {run["status"] for run in seen} == {"done"}
    assert len({run["issue_id"] for run in seen}) == len(muster.report.issues(FUNDING, copy="donor", **YEAR)) == 1


def test_a_release_that_is_not_committed_yet_is_still_counted_from(
    muster: Reporting, at_once: ThreadPoolExecutor
) -> None:
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    issue = muster.report.issues(FUNDING, **YEAR)[0]
    muster.submit(factories.requirement("KEN", amount="5"))
    with held_before_its_commit(muster, at_once, lambda: muster.report.release(issue)):
        following = at_once.submit(muster.report.settle)
        threading.Event().wait(1.0)
    following.result(20)
    muster.settle()
    assert ("East and Horn of Africa", "B5", 1000000, 5) in changes_in(muster.report.latest(FUNDING, **YEAR))
