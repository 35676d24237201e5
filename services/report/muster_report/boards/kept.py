"""Parts of pages kept until what they show changes: by the position of the change log, never by time.

A part is made once for all who ask for it at the same moment, and a newer one takes the place of the one before. Few
are made at a time: more at once would take more memory and no less time. What is used least goes when there is no room.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Held = TypeVar("Held")
MOST: Final = 400
MOST_BYTES: Final = 32_000_000
AT_ONCE: Final = 2


class Kept(Generic[Held]):
    """At most ``most`` parts that together take at most ``room`` bytes of memory.

    A part goes by a key, which tells what is shown and to whom, and by where that stands: what is asked for as it
    stands elsewhere is made anew.
    """

    def __init__(self, size: Callable[[Held], int] = sys.getsizeof, most: int = MOST, room: int = MOST_BYTES) -> None:
        self.most, self.room, self.made = most, room, 0
        self._size, self._taken = size, 0
        self._held: OrderedDict[Hashable, tuple[Hashable, Held]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(AT_ONCE)

    def of(self, key: Hashable, stands: Hashable, make: Callable[[], Held]) -> Held:
        """What is kept under a key where it stands; made now, by one thread alone, where nothing is.

        ``make`` may not ask for another part.
        """
        found = self._find(key, stands)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault((key, stands), threading.Lock())
        with making:
            found = self._find(key, stands)
            try:
                if found is None:
                    with self._turns:
                        found = make()
                    self._keep(key, stands, found)
            finally:
                with self._lock:
                    self._making.pop((key, stands), None)
        return found

    def __len__(self) -> int:
        return len(self._held)

    def _find(self, key: Hashable, stands: Hashable) -> Held | None:
        with self._lock:
            place, part = self._held.get(key, (None, None))
            if part is None or place != stands:
                return None
            self._held.move_to_end(key)
            return part

    def _keep(self, key: Hashable, stands: Hashable, part: Held) -> None:
        with self._lock:
            self.made += 1
            if key in self._held:
                self._taken -= self._size(self._held.pop(key)[1])
            self._held[key] = stands, part
            self._taken += self._size(part)
            while len(self._held) > self.most or (self._taken > self.room and len(self._held) > 1):
                _, (_, oldest) = self._held.popitem(last=False)
                self._taken -= self._size(oldest)
