"""A workbook that is written: in memory while it is small, in a temporary file beyond that, never whole in both."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from muster_report.book import Book
from muster_report.xlsx import write

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class WorkbookFile:
    """The bytes of a workbook in ``file``, their SHA-256 in hex and their number; gone when nothing holds it."""

    file: BinaryIO
    sha256: str
    size: int

    def pieces(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        self.file.seek(0)
        while piece := self.file.read(_PIECE):
            yield piece


def written(book: Book, into: BinaryIO | None = None) -> WorkbookFile:
    """Write the workbook of a book of any size, in constant memory; into an empty file where one is given."""
    file = into or cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed with what it is of
    write(book, file)
    size = file.tell()
    file.seek(0)
    made = WorkbookFile(file, hashlib.file_digest(file, "sha256").hexdigest(), size)  # type: ignore[arg-type]  # a file
    if into is None:
        weakref.finalize(made, file.close)
    return made
