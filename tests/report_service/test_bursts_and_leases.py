"""A burst makes few workbooks, a lone change is served at once, and slow work is not begun twice."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import factories
from muster_report import follow, leases, making_apart, regenerating
from muster_report.making import make
from reporting import FUNDING, Reporting, with_settings

YEAR = {"year": "2016"}
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
DUE = text("SELECT due_at FROM report_state WHERE wanted > built")


class Machine:
    """The machine's clock under a test's hand, and a report of which each workbook takes so many seconds."""

    def __init__(self, muster: Reporting, building: float) -> None:
        self.muster, self.building, self.now, self.built = muster, building, BEGUN, list[float]()
        self.due: datetime | None = None

    def change_at(self, second: float) -> None:
        """A page of changes is applied at that second, after all that was due before is made."""
        self.make_until(second)
        self.now = BEGUN + timedelta(seconds=second)
        context = self.muster.report.context
        with context.sessions.begin() as session:
            follow.mark(session, context, FUNDING, YEAR, 9)
            self.due = session.execute(DUE).scalar()

    def make_until(self, second: float) -> None:
        """Workers make what is due, up to that second."""
        end = BEGUN + timedelta(seconds=second)
        while self.due and self.due <= end:
            self.now = max(self.now, self.due)
            claim = regenerating._claim(self.muster.report.context)
            assert claim is not None
            self.now += timedelta(seconds=self.building)
            with self.muster.report.context.sessions.begin() as session:
                assert regenerating._served(session, claim)
                self.due = session.execute(DUE).scalar()
            self.built.append((self.now - BEGUN).total_seconds())


@pytest.fixture
def machine(muster: Reporting, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One report that counts as made, with the quiet time and the cap that are the default."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.context = with_settings(
        muster.report.context, quiet_seconds=1.0, quiet_cap_seconds=10.0, lease_seconds=60.0
    )
    made = Machine(muster, building=2.0)
    for module in (follow, regenerating):
        monkeypatch.setattr(module, "real_now", lambda: made.now)
    return made


@pytest.mark.parametrize(
    ("pages", "every"),
    [(150, 0.13), (300, 0.6), (600, 1.05)],
    ids=["in 20 seconds", "in three minutes", "in ten minutes, each after the quiet time"],
)
def test_a_burst_of_a_thousand_submissions_makes_at_most_five_workbooks(
    machine: Machine, pages: int, every: float
) -> None:
    """However many come in one page of the log, a page marks a report once."""
    for number in range(pages):
        machine.change_at(number * every)
    last = (pages - 1) * every
    machine.make_until(100_000)
    assert 1 < len(machine.built) <= 5
    assert last < machine.built[-1] < last + 8 + 2 + 1, "the last one holds the last change, and soon"


def test_a_burst_with_pauses_makes_few_workbooks_too(machine: Machine) -> None:
    chance, second = random.Random(7), 0.0  # noqa: S311 - arrivals, not secrets
    for _ in range(300):
        second += chance.expovariate(1.0)
        machine.change_at(second)
    machine.make_until(100_000)
    assert 1 < len(machine.built) <= 5


def test_single_changes_are_served_after_the_quiet_time_each_time(machine: Machine) -> None:
    for number in range(6):
        machine.change_at(number * 30)
    machine.make_until(1000)
    assert machine.built == [number * 30 + 1 + 2 for number in range(6)]


def test_after_a_burst_a_single_change_is_served_quickly_again(machine: Machine) -> None:
    for number in range(120):
        machine.change_at(number * 0.5)
    machine.make_until(200)
    machine.change_at(300)
    machine.make_until(1000)
    assert machine.built[-1] == 300 + 1 + 2


def test_what_comes_while_a_workbook_is_made_waits_for_its_own_quiet_time(machine: Machine) -> None:
    machine.change_at(0)
    machine.now = BEGUN + timedelta(seconds=1)
    assert regenerating._claim(machine.muster.report.context)
    machine.now = BEGUN + timedelta(seconds=50)
    context = machine.muster.report.context
    with context.sessions.begin() as session:
        follow.mark(session, context, FUNDING, YEAR, machine.muster.ingest.last())
    state = machine.muster.report.state(FUNDING, **YEAR)
    assert state.due_at is not None
    assert state.due_at > machine.now


@pytest.fixture
def stale(muster: Reporting) -> Iterator[Reporting]:
    """One stale report, whose lease lasts two seconds."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.submit(factories.requirement("KEN", amount="2"))
    muster.report.follow()
    muster.report.context = with_settings(muster.report.context, lease_seconds=2)
    yield muster
    assert not [thread for thread in threading.enumerate() if "_keep_renewing" in thread.name]


def test_a_report_that_takes_longer_than_its_lease_is_not_begun_twice(
    stale: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*args: Any, **options: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return make(*args, **options)

    monkeypatch.setattr(making_apart, "make", slow)
    worker = threading.Thread(target=stale.report.regenerate)
    worker.start()
    try:
        assert begun.wait(20)
        for _ in range(6):
            threading.Event().wait(1)
            assert regenerating._claim(stale.report.context) is None, "its lease is renewed"
    finally:
        go_on.set()
        worker.join(60)
    state = stale.report.state(FUNDING, **YEAR)
    assert (state.attempt, state.lease_until, state.wanted - state.built) == (1, None, 0)
    assert [issue["number"] for issue in stale.report.issues(FUNDING, **YEAR)] == [1]


def test_a_lease_is_renewed_only_for_the_attempt_that_holds_it(stale: Reporting) -> None:
    slow = regenerating._claim(stale.report.context)
    stale.report.let_days_pass()
    quick = regenerating._claim(stale.report.context)
    assert slow
    assert quick
    before = stale.report.state(FUNDING, **YEAR).lease_until
    regenerating._renew(stale.report.context, slow)
    assert stale.report.state(FUNDING, **YEAR).lease_until == before
    regenerating._renew(stale.report.context, quick)
    after = stale.report.state(FUNDING, **YEAR).lease_until
    assert before
    assert after
    assert after > before


def test_a_renewal_that_fails_is_tried_again_and_none_comes_after_the_work() -> None:
    times, thrice = [], threading.Event()

    def renew() -> None:
        times.append(1)
        if len(times) >= 3:
            thrice.set()
        raise OperationalError("UPDATE", {}, Exception("the database is away"))

    with leases.renewed(renew, 0.15):
        assert thrice.wait(20)
    done = len(times)
    threading.Event().wait(0.3)
    assert len(times) == done
