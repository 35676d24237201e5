"""A file that is made: in memory while it is small, in a temporary file beyond that, never whole in both."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class MadeFile:
    """The bytes in ``file``, their SHA-256 in hex and their number; gone when nothing holds it."""

    file: BinaryIO
    sha256: str
    size: int

    def pieces(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        self.file.seek(0)
        while piece := self.file.read(_PIECE):
            yield piece

    def beginning(self) -> bytes:
        """The first of its pieces."""
        return next(self.pieces(), b"")


def made_file(write: Callable[[BinaryIO], None], into: BinaryIO | None = None) -> MadeFile:
    """What a function writes, of any size; into an empty file where one is given, which stays with whoever gave it."""
    file = into or cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed with what it is of
    write(file)
    size = file.seek(0, 2)
    file.seek(0)
    made = MadeFile(file, hashlib.file_digest(file, "sha256").hexdigest(), size)  # type: ignore[arg-type]  # a file
    if into is None:
        weakref.finalize(made, file.close)
    return made
