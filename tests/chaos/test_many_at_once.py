from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chaos.clients import send_at_once
from chaos.holding import slow_commits
from chaos.invariants import changes_of, everything_holds
from chaos.ledger import ISLANDS, OFFICES, Ledger
from chaos.running import Running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]
A_FEW = 6
FUNDING_ISSUES = "/report/v1/reports/funding-requirements/issues"


def test_sixteen_clients_some_slow_to_commit_leave_no_gap_and_no_double(
    running: Running, ledger: Ledger, repeat: int
) -> None:
    with slow_commits(running, ISLANDS), Reader(running) as reader:
        send_at_once(running, ledger, clients=len(OFFICES), each=4)
    everything_holds(running, ledger)
    assert reader.seen == changes_of(running), "a reader that follows sees the log as it stands in the end"


@pytest.mark.at_length
def test_a_burst_of_submissions_makes_a_few_issues(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    everything_holds(running, ledger)
    issues, attempts = _issues(running), _attempts(running)
    figure("burst of 60 submissions", send_at_once(running, ledger, clients=6, each=10))
    figure("burst of 60 submissions, at rest", everything_holds(running, ledger))
    assert 1 <= _issues(running) - issues <= A_FEW
    assert _attempts(running) - attempts <= A_FEW


def _issues(running: Running) -> int:
    answer = running.ask(FUNDING_ISSUES, year="2016")
    return len(answer.json()["items"]) if answer.ok else 0


def _attempts(running: Running) -> int:
    query = "SELECT coalesce(sum(attempt), 0) FROM report_state WHERE report = 'funding-requirements'"
    with running.database("report") as database:
        found = database.execute(query).fetchone()
    return int(found[0]) if found else 0


class Reader:
    """Follows the change log with a cursor while others write, in small pages so that it is never far behind."""

    def __init__(self, running: Running) -> None:
        self.seen: list[dict[str, Any]] = []
        self._running = running
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def _follow(self) -> None:
        while self._read() or not self._stopping.is_set():
            pass

    def _read(self) -> int:
        after = self.seen[-1]["position"] if self.seen else 0
        page = self._running.ask("/ingest/v1/changes", after=after, limit=20).json()["items"]
        self.seen += page
        return len(page)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()
