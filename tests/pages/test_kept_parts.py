"""Parts of pages are made once, also when many ask at the same moment, and take no more room than they may."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from muster_report.boards.kept import Kept


def test_a_part_is_made_once_for_all_who_ask_at_the_same_moment() -> None:
    kept, together, made = Kept[str](len), threading.Barrier(8), list[str]()

    def make() -> str:
        made.append("x")
        return "part"

    def ask(_number: int) -> str:
        together.wait()
        return kept.of("key", make)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"part"}
    assert made == ["x"]


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept = Kept[str](len, most=2)
    kept.of("a", lambda: "a")
    kept.of("b", lambda: "b")
    kept.of("a", lambda: "never")
    kept.of("c", lambda: "c")
    assert kept.of("a", lambda: "made again") == "a"
    assert kept.of("b", lambda: "made again") == "made again"
    assert len(kept) == 2


def test_parts_take_no_more_room_together_than_they_may_but_the_newest_is_always_kept() -> None:
    kept = Kept[str](len, room=10)
    for name in "abc":
        kept.of(name, lambda: "xxxx")
    assert len(kept) == 2
    kept.of("large", lambda: "x" * 50)
    assert len(kept) == 1
    assert kept.of("large", lambda: "again") == "x" * 50


def test_what_could_not_be_made_is_tried_again() -> None:
    kept = Kept[str](len)

    def fail() -> str:
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        kept.of("key", fail)
    assert kept.of("key", lambda: "part") == "part"
