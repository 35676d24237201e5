"""Expat, made strict: no document type, UTF-8 only, bounded depth, attributes and tokens; names by namespace."""

from __future__ import annotations

import pyexpat
from collections.abc import Callable, Iterable

from muster_ingest.workbooks.reading.guard import not_utf8
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, Refused, damaged

MAIN = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
_FEED = 64 * 1024  # at most this much of an unfinished token is looked at again

OnStart = Callable[[str, dict[str, str]], None]
OnEnd = Callable[[str], None]


class Events:
    """Elements of one part as they come: ``start(name, attributes)``, ``end(name)``, and text while ``wants_text``.

    A name of the given namespaces comes without it (``row``), another one as ``namespace}name``.
    """

    def __init__(self, part: str, namespaces: frozenset[str], limits: Limits, start: OnStart, end: OnEnd) -> None:
        self._part, self._limits = part, limits
        self._start, self._end = start, end
        self._spaces = namespaces
        self._names: dict[str, str] = {}
        self.depth = 0
        self._bound: list[tuple[str | None, str]] = []
        self._fed = 0
        self._expat = parser = pyexpat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._finish
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._bind
        parser.EndNamespaceDeclHandler = lambda _: self._bound.pop() and None
        if hasattr(parser, "SetReparseDeferralEnabled"):  # newer expat puts tokens off; tokens are bounded here
            parser.SetReparseDeferralEnabled(False)

    def listen(self, on_text: Callable[[str], None] | None) -> None:
        """Hand text over, or no longer."""
        self._expat.CharacterDataHandler = on_text

    def feed(self, content: bytes) -> None:
        """Parse the next bytes.

        Raises:
            Refused: they are not well-formed, or over a limit.
        """
        for at in range(0, len(content), _FEED):
            piece = content[at : at + _FEED]
            self._parse(piece, last=False)
            self._fed += len(piece)
            if self.pending() > self._limits.token_bytes:
                message = f"the part {self._part} of this workbook holds a tag or comment of over a million characters"
                raise Refused(OVER_LIMIT, "token_too_long", message)

    def close(self) -> None:
        """The part is over.

        Raises:
            Refused: it should not be.
        """
        self._parse(b"", last=True)

    def bound(self, prefix: str | None) -> str | None:
        """The namespace a prefix (None: no prefix) stands for where the parser is."""
        return next((space for known, space in reversed(self._bound) if known == prefix), None)

    def pending(self) -> int:
        """Bytes of an unfinished token."""
        return self._fed - max(0, self._expat.CurrentByteIndex)

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._expat.Parse(piece, last)
        except pyexpat.ExpatError as error:
            reason = pyexpat.ErrorString(error.code)
            where = f"line {error.lineno}, column {error.offset + 1}"
            raise damaged(f"its part {self._part} is not well-formed XML ({reason}, {where})") from error

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self._limits.depth:
            raise Refused(OVER_LIMIT, "nested_too_deep", f"the part {self._part} of this workbook is nested too deeply")
        if len(attributes) > self._limits.attributes:
            message = f"an element in the part {self._part} of this workbook has too many attributes"
            raise Refused(OVER_LIMIT, "too_many_attributes", message)
        self._start(self._names.get(name) or self._named(name), attributes)

    def _finish(self, name: str) -> None:
        self._end(self._names.get(name) or self._named(name))
        self.depth -= 1

    def _named(self, full: str) -> str:
        space, _, local = full.rpartition("}")
        name = local if space in self._spaces else f"{space}}}{local}"
        if len(self._names) < 1_000:
            self._names[full] = name
        return name

    def _bind(self, prefix: str | None, space: str) -> None:
        self._bound.append((prefix, space))

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
            raise not_utf8(self._part)

    def _doctype(self, *_: object) -> None:
        raise Refused(
            UNREADABLE, "has_dtd", f"the part {self._part} of this workbook declares a document type: save it again"
        )


def each(part: str, pieces: Iterable[bytes], start: OnStart, limits: Limits, namespaces: frozenset[str] = MAIN) -> None:
    """Call ``start`` for every element of a part that needs no more than its attributes."""
    events = Events(part, namespaces, limits, start, lambda _: None)
    for piece in pieces:
        events.feed(piece)
    events.close()
