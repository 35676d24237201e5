"""Parts of pages kept until what they show changes: by the position of the change log, never by time.

A part is made once for all who ask for it at the same moment. What is used least goes when there is no room.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Held = TypeVar("Held")
MOST: Final = 400
MOST_CHARACTERS: Final = 24_000_000


class Kept(Generic[Held]):
    """At most ``most`` parts of together at most ``room`` characters, by keys that tell all they depend on."""

    def __init__(self, size: Callable[[Held], int], most: int = MOST, room: int = MOST_CHARACTERS) -> None:
        self.most, self.room, self.made = most, room, 0
        self._size, self._taken = size, 0
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], Held]) -> Held:
        """What is kept under a key; made now, by one thread alone, where nothing is."""
        found = self._find(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._find(key)
            try:
                if found is None:
                    found = make()
                    self._keep(key, found)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return found

    def __len__(self) -> int:
        return len(self._held)

    def _find(self, key: Hashable) -> Held | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _keep(self, key: Hashable, part: Held) -> None:
        with self._lock:
            self.made += 1
            self._held[key] = part
            self._taken += self._size(part)
            while len(self._held) > self.most or (self._taken > self.room and len(self._held) > 1):
                _, oldest = self._held.popitem(last=False)
                self._taken -= self._size(oldest)
