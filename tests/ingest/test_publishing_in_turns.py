"""Threads of a process that publish at once: one turn serves those who came before it began, and nobody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from muster_ingest.publish import _Turns


def test_who_comes_during_a_turn_waits_for_one_of_their_own_which_serves_all_who_wait() -> None:
    turns, begun, may_end = _Turns(), threading.Event(), threading.Event()
    taken: list[str] = []

    def number(name: str) -> int:
        taken.append(name)
        begun.set()
        assert may_end.wait(10)
        return len(taken)

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(turns.take, lambda: number("first"))
        assert begun.wait(10)
        late = [threads.submit(turns.take, lambda: number("late")) for _ in range(3)]
        _until_waiting(turns, 4)
        may_end.set()
        given = [one.result(10) for one in late]
    assert first.result() == 1
    assert taken == ["first", "late"], "the three who came during the first turn shared the next"
    assert sorted(given, key=str) == [2, None, None]


def _until_waiting(turns: _Turns, count: int) -> None:
    deadline = time.monotonic() + 10
    while turns._came < count and time.monotonic() < deadline:
        time.sleep(0.005)
    assert turns._came == count
