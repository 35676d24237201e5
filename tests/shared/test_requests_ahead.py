"""Who asks many times a second is counted some requests ahead; who asks seldom, each time."""

from __future__ import annotations

import pytest

from muster_shared.requests_ahead import Ahead

MOST = 20


class Asking:
    """One token's requests of a process, and how many of them were counted when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.counted: list[int] = []
        self._ahead = Ahead(MOST, lambda: self.now)

    def ask(self, count: int, *, refused: bool = False) -> None:
        for _ in range(count):
            if not self._ahead.has_counted("mine"):
                self.counted.append(self._ahead.wish("mine"))
                if not refused:
                    self._ahead.grant("mine", self.counted[-1])

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.counted.clear()


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_the_requests_of_the_first_second_are_counted_one_by_one(asking: Asking) -> None:
    asking.ask(30)
    assert asking.counted == [1] * 30


def test_as_many_as_half_of_the_second_before_are_counted_at_once_and_never_too_few(asking: Asking) -> None:
    asking.ask(12)
    asking.later(1)
    asking.ask(13)
    assert asking.counted == [6, 6, 6], "18 are counted for 13"


def test_no_more_are_counted_at_once_than_the_limit_allows(asking: Asking) -> None:
    asking.ask(500)
    asking.later(1)
    asking.ask(MOST + 1)
    assert asking.counted == [MOST, MOST]


def test_what_was_counted_and_not_asked_is_lost_after_a_second(asking: Asking) -> None:
    asking.ask(12)
    asking.later(1)
    asking.ask(1)
    asking.later(1)
    asking.ask(2)
    assert asking.counted == [1, 1]


def test_after_a_pause_each_request_is_counted_again(asking: Asking) -> None:
    asking.ask(12)
    asking.later(5)
    asking.ask(2)
    assert asking.counted == [1, 1]


def test_what_was_refused_gives_nothing_for_later(asking: Asking) -> None:
    asking.ask(12)
    asking.later(1)
    asking.ask(2, refused=True)
    assert asking.counted == [6, 6]
