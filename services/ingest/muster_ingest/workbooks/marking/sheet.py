"""One sheet's XML as a stream: its head and tail read as small documents, its rows passed through in blocks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from muster_ingest.workbooks.marking.relations import STRICT, TRANSITIONAL
from muster_ingest.workbooks.marking.rows import ColumnStyles, Restyling, RowPatch
from muster_ingest.workbooks.marking.workbook import relation_prefix
from muster_ingest.workbooks.marking.xml import Document, Element, ascii_xml, escaped, tag_end, utf8_chunks

_ROOT = re.compile(rb"<(?![?!])([\w.-]+:)?[\w.-]+")
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_AFTER_LEGACY_DRAWING = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
}  # fmt: skip
_USUAL_WIDTH = 8.43


@dataclass(frozen=True)
class SheetHead:
    """What stands above the rows: the columns' styles and widths, whether the sheet is selected."""

    columns: ColumnStyles
    widths: list[tuple[int, int, float]]
    usual_width: float
    selected: bool

    def width_of(self, column: int) -> float:
        """A column's width in characters; 0 for a hidden one."""
        return next((width for first, last, width in self.widths if first <= column <= last), self.usual_width)


@dataclass(frozen=True)
class SheetPatch:
    """What is to happen to a sheet: its cells, whether it is the selected one (None: as it is), its notes' drawing.

    `drawing` is given the r:id of the legacy drawing there is (or None) and answers with the one there shall be.
    """

    cells: Restyling
    selected: bool | None
    drawing: Callable[[str | None], str | None]


def head_of(chunks: Iterator[bytes]) -> SheetHead:
    """Read only as far as the first row."""
    return _Head(_Source(chunks)).told()


def patched(chunks: Iterator[bytes], patch: SheetPatch) -> Iterator[bytes]:
    """The sheet's bytes with the patch made; memory stays at a few blocks of rows and what stands below them.

    Raises ValueError where head or tail are no well-formed XML.
    """
    source = _Source(_without_asides(chunks))
    head = _Head(source)
    yield head.patched(patch)
    if head.rows_tag is None:
        return
    rows = RowPatch(head.prefix, head.told().columns, patch.cells)
    prefix = head.prefix.encode()
    yield b"<" + prefix + b"sheetData>"
    if not head.rows_tag.endswith(b"/>"):
        yield from _patched_rows(source, rows, prefix)
    yield rows.rest() + b"</" + prefix + b"sheetData>"
    yield _patched_tail(head, source.rest(), patch)


def mentions(chunks: Iterator[bytes], styles: frozenset[int]) -> bool:
    """Whether any cell, row or column of the sheet has one of these styles."""
    numbers = b"|".join(str(style).encode() for style in sorted(styles))
    found = re.compile(rb"\s(?:s|style)\s*=\s*[\"'](?:" + numbers + rb")[\"']")
    last = b""
    for chunk in utf8_chunks(chunks):
        if found.search(last + chunk):
            return True
        last = chunk[-40:]
    return False


class _Source:
    """Bytes that come in chunks; `buffer` is what has come and is not yet used."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = utf8_chunks(chunks)
        self.buffer = b""

    def more(self) -> bool:
        """Take at least as much again as there is, so that a giant row costs no more than its length."""
        pieces, size = [self.buffer], 0
        for chunk in self._chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size >= len(self.buffer):
                break
        self.buffer = b"".join(pieces)
        return size > 0

    def take(self, length: int) -> bytes:
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def rest(self) -> bytes:
        return b"".join([self.buffer, *self._chunks])


class _Head:
    """The sheet down to its rows, read from the source. Without rows (a chart sheet) it is the whole part."""

    def __init__(self, source: _Source) -> None:
        while (root := _ROOT.search(source.buffer)) is None or b">" not in source.buffer[root.start() :]:
            if not source.more():
                raise ValueError("a sheet without content")
        self.prefix = (root[1] or b"").decode()
        self.root_tag = source.buffer[root.start() : tag_end(source.buffer, root.start())]
        self.rows_tag = self._read(source, root[1] or b"")

    def _read(self, source: _Source, prefix: bytes) -> bytes | None:
        rows = re.compile(rb"<" + prefix + rb"sheetData(?=[\s/>])[^>]*>")
        while (match := rows.search(source.buffer)) is None:
            if not source.more():
                self._closing, self._document = b"", Document(source.rest())
                return None
        self._closing = b"</" + prefix + b"worksheet>"
        self._document = Document(source.take(match.start()) + self._closing)
        return source.take(len(match[0]))

    def told(self) -> SheetHead:
        """What it says."""
        root = self._document.root
        layout, columns = root.child("sheetFormatPr"), root.child("cols")
        bounds = [(_bounds(column), column.attributes) for column in (columns.children if columns else [])]
        usual = float(layout.attributes.get("defaultColWidth", _USUAL_WIDTH)) if layout else _USUAL_WIDTH
        return SheetHead(
            ColumnStyles([(*at, int(told["style"])) for at, told in bounds if "style" in told]),
            [(*at, _width(told, usual)) for at, told in bounds],
            usual,
            any(view.attributes.get("tabSelected") in ("1", "true") for view in root.all("sheetView")),
        )

    def patched(self, patch: SheetPatch) -> bytes:
        """The head with the selection set and the columns' own styles restored."""
        root = self._document.root
        if patch.selected is not None:
            for view in root.all("sheetView"):
                self._document.set(view, "tabSelected", "1" if patch.selected else None)
        columns = root.child("cols")
        for column in columns.children if columns else []:
            style = int(column.attributes.get("style", "0"))
            if style in patch.cells.marked:
                self._document.set(column, "style", str(patch.cells.original(0, 0, style)))
        return self._document.changed().removesuffix(self._closing)


def _bounds(column: Element) -> tuple[int, int]:
    return int(column.attributes.get("min", "1")), int(column.attributes.get("max", "1"))


def _width(told: dict[str, str], usual: float) -> float:
    return 0.0 if told.get("hidden") in ("1", "true") else float(told.get("width", usual))


def _patched_rows(source: _Source, rows: RowPatch, prefix: bytes) -> Iterator[bytes]:
    """Every row down to the end of the rows, which is left out."""
    opening, closing, searched = b"<" + prefix + b"row", b"</" + prefix + b"sheetData", 0
    while (end := source.buffer.find(closing, searched)) < 0:
        if (cut := source.buffer.rfind(opening, searched)) > 0:
            yield rows.block(source.take(cut))
        searched = max(0, len(source.buffer) - len(closing))
        if not source.more():
            raise ValueError("the rows of a sheet do not end")
    yield rows.block(source.take(end))
    source.take(source.buffer.index(b">") + 1)


def _patched_tail(head: _Head, tail: bytes, patch: SheetPatch) -> bytes:
    """What stands below the rows, with the legacy drawing the notes need."""
    document = Document(head.root_tag + tail)
    present = document.root.child("legacyDrawing")
    now = present.relation_id() if present else None
    wanted = patch.drawing(now)
    if wanted != now:
        if present is not None:
            document.remove(present)
        if wanted is not None:
            _insert_drawing(document, wanted, head)
    return document.changed()[len(head.root_tag) :]


def _insert_drawing(document: Document, relation_id: str, head: _Head) -> None:
    base = STRICT if STRICT.rpartition("/officeDocument")[0].encode() in head.root_tag else TRANSITIONAL
    prefix, inline = relation_prefix(head.root_tag, base)
    below = (child.start for child in document.root.children if _comes_below(child))
    place = next(below, document.root.close_start)
    tag = f'<{head.prefix}legacyDrawing{inline} {prefix}:id="{escaped(relation_id)}"/>'
    document.replace(place, place, ascii_xml(tag))


def _comes_below(child: Element) -> bool:
    """Whether the schema puts the element below the legacy drawing; alternatives count as what they hold."""
    if child.name != "AlternateContent":
        return child.name in _AFTER_LEGACY_DRAWING
    return any(inner.name in _AFTER_LEGACY_DRAWING for choice in child.children for inner in choice.children)


def _without_asides(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The XML without comments and with CDATA as plain text, so that no `<row` in them is taken for a row."""
    held = b""
    for chunk in chunks:
        text, held = held + chunk, b""
        if b"<!" in text or text.endswith(b"<"):
            text = _ASIDE.sub(_as_text, text)
            cut = text.find(b"<!")
            cut = len(text) - text.endswith(b"<") if cut < 0 else cut
            text, held = text[:cut], text[cut:]
        yield text
    yield held


def _as_text(aside: re.Match[bytes]) -> bytes:
    return (aside[1] or b"").replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
