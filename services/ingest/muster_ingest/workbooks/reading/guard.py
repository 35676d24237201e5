"""Every part inflated and counted once, before anything of it is parsed."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.package import Entry, Package
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, Refused, damaged

_XML_NAME = re.compile(r"\.(?:xml|rels|vml)$", re.I)
_SHEET_ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)worksheet[\s>/]")
_LONGEST_MARK = 64  # longer than any mark looked for, its prefix included
_HEAD = 4_096
_NO_LAST_MARK = -1


@dataclass
class Counted:
    """Of one part: bytes inflated, and row and cell elements where it is a sheet."""

    expanded: int = 0
    rows: int = 0
    cells: int = 0


def count(package: Package, limits: Limits) -> dict[str, Counted]:
    """What each part holds, by its name in lower case.

    Raises:
        Refused: it expands too much, a part is damaged, an XML part has a document type or is no UTF-8, or the sheets
            hold more rows or cells than are read.
    """
    counted: dict[str, Counted] = {}
    total = Counted()
    for key, entry in package.entries.items():
        counted[key] = _Scan(package, entry, limits, total).run()
    return counted


class _Scan:
    def __init__(self, package: Package, entry: Entry, limits: Limits, total: Counted) -> None:
        self._package, self._entry, self._limits, self._total = package, entry, limits, total
        self._part = Counted()
        self._row = self._cell = self._breaks = b""

    def run(self) -> Counted:
        crc, tail, xml = 0, b"", _XML_NAME.search(self._entry.name) is not None
        for piece in self._package.pieces(self._entry):
            first = self._part.expanded == 0
            self._part.expanded += len(piece)
            self._total.expanded += len(piece)
            self._refuse_expansion()
            crc = zlib.crc32(piece, crc)
            if xml:
                tail = self._look(tail + piece, first=first)
        if crc != self._entry.crc:
            raise damaged(f"the check sum of its part {self._entry.name} is wrong")
        return self._part

    def _refuse_expansion(self) -> None:
        limits, part = self._limits, self._part.expanded
        if part > limits.ratio_from_bytes and part > limits.ratio * self._entry.packed:
            message = (
                f"the part {self._entry.name} of this workbook unpacks to more than {limits.ratio} times its size,"
                " which no honest workbook does: copy its sheets into a new workbook and send that"
            )
            raise Refused(OVER_LIMIT, "expands_too_much", message)
        if self._total.expanded > limits.expanded_bytes:
            size = limits.expanded_bytes // 1_000_000
            message = f"this workbook unpacks to more than {size} MB: split it into several"
            raise Refused(OVER_LIMIT, "expands_too_much", message)

    def _look(self, text: bytes, *, first: bool) -> bytes:
        """Count and search all but an unfinished mark at the end, which is handed back."""
        if first:
            self._look_at_head(text[:_HEAD])
        cut = text.rfind(b"<", max(0, len(text) - _LONGEST_MARK))
        cut = len(text) if cut == _NO_LAST_MARK else cut
        if text.find(b"<!DOCTYPE", 0, cut) >= 0:
            message = (
                f"the part {self._entry.name} of this workbook declares a document type, which none may: save it again"
            )
            raise Refused(UNREADABLE, "has_dtd", message)
        if self._row:
            self._count_sheet(text, cut)
        return text[cut:]

    def _look_at_head(self, head: bytes) -> None:
        if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in head[:4]:
            if not self._entry.name.lower().startswith("customxml/"):  # these are the user's own, and never read
                raise not_utf8(self._entry.name)
        elif root := _SHEET_ROOT.search(head):
            mark = b"<" + root[1]
            self._row, self._breaks, self._cell = mark + b"row", mark + b"rowBreaks", mark + b"c "

    def _count_sheet(self, text: bytes, cut: int) -> None:
        part, total, limits = self._part, self._total, self._limits
        rows = text.count(self._row, 0, cut)
        rows -= text.count(self._breaks, 0, cut) if rows else 0
        cells = text.count(self._cell, 0, cut)
        part.rows, part.cells = part.rows + rows, part.cells + cells
        total.rows, total.cells = total.rows + rows, total.cells + cells
        if total.rows > limits.row_elements:
            raise too_many_rows(limits.row_elements)
        if total.cells > limits.cells:
            raise too_many_cells(limits)


def not_utf8(part: str) -> Refused:
    """An XML part in another encoding: no program writes UTF-16, and it would hide marks from a search."""
    message = f"the part {part} of this workbook is not in UTF-8: open it in Excel and save it again as .xlsx"
    return Refused(UNREADABLE, "not_utf8", message)


def too_many_rows(most: int, sheet: str | None = None) -> Refused:
    """More rows than one file may hold."""
    return Refused(
        OVER_LIMIT, "too_many_rows", f"there are more than {most:,} rows: split it into several", sheet=sheet
    )


def too_many_cells(limits: Limits, sheet: str | None = None) -> Refused:
    """More cells than one file may hold."""
    message = f"there are more than {limits.cells:,} cells: delete unused columns, or split it into several"
    return Refused(OVER_LIMIT, "too_many_cells", message, sheet=sheet)
