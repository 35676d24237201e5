"""Two lanes through a large part: runs of whole items in their plain form go past the parser, all else through it.

The parser sees the part as if the plain items were not there, so what surrounds them stays strictly checked, and it
can take over at any item. Both lanes mean the same by everything they take; a test holds them against each other.
"""

from __future__ import annotations

from collections.abc import Callable

from muster_ingest.workbooks.reading.plain_xml import is_plain
from muster_ingest.workbooks.reading.xml_events import MAIN, Events

_LONGEST_WAIT = 1024 * 1024  # bytes without the end of an item, after which the parser gets them


class Lanes:
    """Feed a part in pieces; ``plain`` takes whole items, or says that it cannot (it then has taken nothing)."""

    def __init__(self, events: Events, begins: bytes, ends: bytes, plain: Callable[[bytes], bool] | None) -> None:
        self._events, self._plain = events, plain
        self._begins, self._ends = begins, ends
        self._begun = False
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """The next bytes of the part."""
        whole = self._rest + piece
        whole = whole if self._begun else self._after_prologue(whole)
        cut = whole.rfind(self._ends) if self._begun else -1
        if cut >= 0:
            cut += len(self._ends)
            self._take(whole[:cut])
            whole = whole[cut:]
        if len(whole) > _LONGEST_WAIT:
            self._events.feed(whole)
            whole = b""
        self._rest = whole

    def close(self) -> None:
        """The part is over."""
        self._events.feed(self._rest)
        self._events.close()

    def _after_prologue(self, whole: bytes) -> bytes:
        at = whole.find(self._begins)
        self._begun = at >= 0
        at = at if self._begun else max(0, len(whole) - len(self._begins))
        self._events.feed(whole[:at])
        return whole[at:]

    def _take(self, items: bytes) -> None:
        if not (self._plain and self._is_clear() and is_plain(items) and self._plain(items)):
            self._events.feed(items)

    def _is_clear(self) -> bool:
        """Whether the parser stands between two tokens, and names without prefix are the format's own."""
        return not self._events.pending() and self._events.bound(None) in MAIN
