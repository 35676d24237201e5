"""Requests that are counted some at once, so that not each of very many a second has to be counted in Redis.

A process counts ahead, at once, half as many as the same token asked it in the second before, and answers that many
without counting. What it does not need within a second is lost to the token: at most half a second's worth, when it
stops asking. A token that asks seldom is counted each time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_SECOND: Final = 1.0
_REMEMBERED: Final = 1024  # tokens of a process


@dataclass(slots=True)
class _Pace:
    began: float
    asked: int = 0
    asked_before: int = 0
    left: int = 0


class Ahead:
    """What one process has counted ahead for each token, at most ``most`` requests at once."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most, now
        self._lock = threading.Lock()
        self._paces: dict[str, _Pace] = {}

    def has_counted(self, token: str) -> bool:
        """Whether the request at hand was counted ahead; it is then taken off."""
        with self._lock:
            pace = self._pace(token)
            pace.asked += 1
            if pace.left <= 0:
                return False
            pace.left -= 1
            return True

    def wish(self, token: str) -> int:
        """How many to count now, the request at hand included."""
        with self._lock:
            return max(1, min(self._pace(token).asked_before // 2, self._most))

    def grant(self, token: str, counted: int) -> None:
        """So many were counted, the request at hand included, and they were not too many."""
        with self._lock:
            self._pace(token).left += counted - 1

    def _pace(self, token: str) -> _Pace:
        now = self._now()
        pace = self._paces.get(token)
        if pace is None:
            if len(self._paces) >= _REMEMBERED:
                self._paces.clear()
            pace = self._paces[token] = _Pace(now)
        elif now - pace.began >= _SECOND:
            recent = pace.asked if now - pace.began < 2 * _SECOND else 0
            self._paces[token] = pace = _Pace(now, asked_before=recent)
        return pace
