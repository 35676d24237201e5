"""Parts of pages are made once, also when many ask at the same moment, and take no more room than they may."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from muster_report.boards.kept import AT_ONCE, Kept


def test_a_part_is_made_once_for_all_who_ask_at_the_same_moment() -> None:
    kept, together, made = Kept[str](len), threading.Barrier(8), list[str]()

    def make() -> str:
        made.append("x")
        return "part"

    def ask(_number: int) -> str:
        together.wait()
        return kept.of("key", 1, make)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"part"}
    assert made == ["x"]


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept = Kept[str](len, most=2)
    kept.of("a", 1, lambda: "a")
    kept.of("b", 1, lambda: "b")
    kept.of("a", 1, lambda: "never")
    kept.of("c", 1, lambda: "c")
    assert kept.of("a", 1, lambda: "made again") == "a"
    assert kept.of("b", 1, lambda: "made again") == "made again"
    assert len(kept) == 2


def test_parts_take_no_more_room_together_than_they_may_but_the_newest_is_always_kept() -> None:
    kept = Kept[str](len, room=10)
    for name in "abc":
        kept.of(name, 1, lambda: "xxxx")
    assert len(kept) == 2
    kept.of("large", 1, lambda: "x" * 50)
    assert len(kept) == 1
    assert kept.of("large", 1, lambda: "again") == "x" * 50


def test_what_could_not_be_made_is_tried_again() -> None:
    kept = Kept[str](len)

    def fail() -> str:
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        kept.of("key", 1, fail)
    assert kept.of("key", 1, lambda: "part") == "part"


def test_a_part_gives_way_to_the_one_of_another_standing() -> None:
    kept = Kept[str](len, room=10)
    for stands in range(5):
        assert kept.of("a", stands, partial(str, stands)) == str(stands)
        assert kept.of("b", 0, lambda: "b") == "b"
    assert len(kept) == 2
    assert kept.made == 6
    assert kept.of("a", 3, lambda: "made again") == "made again"


def test_no_more_are_made_at_a_time_than_two() -> None:
    kept, lock, now, most = Kept[str](len), threading.Lock(), list[int](), list[int]()

    def make() -> str:
        with lock:
            now.append(1)
            most.append(len(now))
        threading.Event().wait(0.02)
        with lock:
            now.pop()
        return "part"

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda number: kept.of(number, 1, make), range(8))) == {"part"}
    assert len(most) == kept.made == 8
    assert max(most) <= AT_ONCE
