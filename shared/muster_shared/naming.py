"""Does a file name somebody? JSON, CSV and other texts as they are, workbooks part by part."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from muster_shared.erasing import Erasure

_PIECE: Final = 1 << 20
_MOST: Final = 1 << 30  # of one file, unpacked
_NARROW: Final = ("utf-8", "cp1252")
_WIDE: Final = ("utf-16-le", "utf-16-be")


def names(content: bytes, erasure: Erasure) -> bool:
    """Whether the address or a name of somebody stands in a file, in whatever case.

    What cannot be opened as the zip that it says it is, or is far too large unpacked, counts as naming them.
    """
    sought = _sought(erasure)
    if not content.startswith(b"PK\x03\x04"):
        return bool(sought.search(content.lower()))
    try:
        return any(sought.search(piece) for piece in _unpacked(content, 8 * max(map(len, _texts(erasure)))))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return True


def _unpacked(content: bytes, longest: int) -> Iterator[bytes]:
    """The parts of a zip in small letters, piece by piece, each with the end of the one before."""
    left = _MOST
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            with archive.open(part) as stream:
                end = b""
                while piece := stream.read(_PIECE).lower():
                    left -= len(piece)
                    if left < 0:
                        raise ValueError("too large to be looked through")
                    yield end + piece
                    end = (end + piece)[-longest:]


def _sought(erasure: Erasure) -> re.Pattern[bytes]:
    """Whole words, as the databases are rewritten; in UTF-16 also parts of words, as every other byte is a zero."""
    address = _any(_narrow(erasure.address))
    whole = [rb"(?:(?<![a-z0-9._%+-])|(?<=\\[nrtbf]))(?:" + address + rb")(?!-|\.?[a-z0-9])"]
    names = [_any(_narrow(name)) for name in erasure.names]
    whole += [rb"(?:(?<![a-z0-9])|(?<=\\[nrtbf]))(?:" + name + rb")(?![a-z0-9])" for name in names]
    wide = _any(text.encode(name, "ignore").lower() for text in _texts(erasure) for name in _WIDE)
    return re.compile(b"|".join([*whole, wide]))


def _any(forms: Iterable[bytes]) -> bytes:
    return b"|".join(map(re.escape, sorted(set(forms))))


def _narrow(text: str) -> Iterator[bytes]:
    """A text as plain text, JSON and XML write it; bytes have small letters for ASCII only."""
    for written in (text, json.dumps(text)[1:-1], escape(text), escape(text, quote=False)):
        yield from (written.encode(name, "ignore").lower() for name in _NARROW)


def _texts(erasure: Erasure) -> tuple[str, ...]:
    return (erasure.address, *erasure.names)
