"""The shared strings of a workbook, kept as the XML stored them in one run of bytes, decoded when a cell asks.

A million strings as Python texts would take 80 MB and more; here each takes its bytes and four for its end.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from muster_ingest.workbooks.reading.lanes import Lanes
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.package import Entry, Package
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, Refused
from muster_ingest.workbooks.reading.xml_events import MAIN, Events

_NAME = 80  # letters of an element's name that are kept: enough to tell it apart
_LONGEST_ESCAPE = 7  # _x000D_ is one character
_FEW, _SMALL = 100_000, 8_000_000  # strings and bytes that are decoded at once
_REMEMBERED = 20_000  # texts; more of them than this are seldom asked for again
_ITEM = re.compile(rb'<(?:si><t(?: xml:space="preserve")?>([^<]*)</t></si>|(.))', re.S)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NoSuchString(Exception):
    """A cell asks for a shared string that is not there."""


class TextTooLong(Exception):
    """A text has more characters than a cell may hold."""


class SharedStrings(dict[str, str]):
    """Typed cells ("s" and the text) by the index as a cell states it.

    Raises:
        NoSuchString: on an index that is no number, or too high.
        TextTooLong: on a text over the limit.
    """

    def __init__(self, longest: int) -> None:
        super().__init__()
        self._longest = longest
        self._remembered = _REMEMBERED
        self._stored = bytearray()
        self._ends = array("I", [0])

    def __missing__(self, index: str) -> str:
        if not (index.isascii() and index.isdigit() and len(index) < 10) or int(index) + 1 >= len(self._ends):
            raise NoSuchString(index)
        at = int(index)
        text = unescaped(dereferenced(self._stored[self._ends[at] : self._ends[at + 1]].decode("utf-8")))
        if len(text) > self._longest:
            raise TextTooLong
        if len(self) >= self._remembered:
            self.clear()
        cell = self[index] = "s" + text if text else ""
        return cell

    def add(self, stored: Sequence[bytes]) -> None:
        """More strings, as XML stores them."""
        start = len(self._stored)
        self._stored += b"".join(stored)
        ends = accumulate(map(len, stored), initial=start)
        next(ends)
        self._ends.extend(ends)

    def prepare(self) -> None:
        """Decode all strings at once where there are few: one by one takes ten times as long."""
        if len(self._ends) > _FEW or len(self._stored) > _SMALL:
            return
        texts = self._texts()
        if any(mark in self._stored for mark in (b"&", b"_x", b"\r")):
            texts = [
                unescaped(dereferenced(text)) if "&" in text or "_x" in text else unescaped(text) for text in texts
            ]
        if max(map(len, texts), default=0) <= self._longest:
            self.update((str(at), "s" + text if text else "") for at, text in enumerate(texts))
            self._remembered += len(self)

    def _texts(self) -> list[str]:
        stored = bytes(self._stored)
        if stored.isascii():
            text = stored.decode("ascii")
            return [text[start:end] for start, end in pairwise(self._ends)]
        return [stored[start:end].decode("utf-8") for start, end in pairwise(self._ends)]

    def size(self) -> int:
        """Bytes held."""
        return len(self._stored) + self._ends.itemsize * len(self._ends)


def dereferenced(stored: str) -> str:
    """The characters of XML text: its references resolved."""
    return _REFERENCE.sub(_referred, stored) if "&" in stored else stored


def unescaped(text: str) -> str:
    """A text with Excel's escapes (_x000D_ for a character that XML cannot hold) and its line ends resolved.

    The escape of an escape (_x005F_x000D_) stands for the letters themselves (ECMA-376 part 1, 22.9.2.19).
    """
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of a pair become one
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _referred(match: re.Match[str]) -> str:
    name, number, hexadecimal = match.groups()
    return _NAMED[name] if name else chr(int(number) if number else int(hexadecimal, 16))


def read_strings(package: Package, entry: Entry | None, limits: Limits, *, plainly: bool = True) -> SharedStrings:
    """All shared strings of a workbook; ``plainly=False`` keeps to the strict lane.

    Raises:
        Refused: the part is damaged or too large.
    """
    strings = SharedStrings(limits.text_characters)
    if entry is not None:
        _Reader(strings, entry, limits, plainly=plainly).read(package.pieces(entry))
        strings.prepare()
    return strings


class _Reader:
    """Items in their plain form go straight in; a piece that holds any other goes through expat."""

    def __init__(self, strings: SharedStrings, entry: Entry, limits: Limits, *, plainly: bool) -> None:
        self._strings, self._limits = strings, limits
        self._events = Events(entry.name, MAIN, limits, self._start, self._end)
        self._lanes = Lanes(self._events, b"<si>", b"</si>", self._take_plain if plainly else None)
        self._path: list[str] = []
        self._text: list[str] = []
        self._room = 0

    def read(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._lanes.feed(piece)
            self._refuse_size()
        self._lanes.close()
        self._refuse_size()

    def _take_plain(self, items: bytes) -> bool:
        if self._path != ["sst"]:
            return False
        texts, others = zip(*_ITEM.findall(items), strict=True)
        if any(others):
            return False
        self._strings.add(texts)
        return True

    def _refuse_size(self) -> None:
        if self._strings.size() > self._limits.strings_bytes:
            size = self._limits.strings_bytes // 1_000_000
            message = f"the texts of this workbook take more than {size} MB: split it into several"
            raise Refused(OVER_LIMIT, "too_much_text", message)

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name[:_NAME])
        if self._path == ["sst", "si"]:
            self._text, self._room = [], _LONGEST_ESCAPE * (self._limits.text_characters + 1)
        elif self._path[:2] == ["sst", "si"] and self._path[2:] in (["t"], ["r", "t"]):
            self._events.listen(self._hear)

    def _end(self, _: str) -> None:
        if self._path == ["sst", "si"]:
            self._strings.add([_stored("".join(self._text))])
        self._events.listen(None)
        self._path.pop()

    def _hear(self, text: str) -> None:
        if self._room > 0:  # what goes beyond makes the text too long in any case
            self._text.append(text)
            self._room -= len(text)


def _stored(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8")
