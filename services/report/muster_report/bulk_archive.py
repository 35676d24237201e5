"""Zip archives that come out the same, byte for byte, wherever and whenever they are made, in constant memory.

Every entry carries the same time and attributes, entries stand in the order given, and the compressor is zlib-ng from
a locked wheel: the machine's own zlib would make bytes differ from machine to machine. A part is bytes, or an iterator
of bytes that is packed as it comes; sizes and check sum are then written back into its header.

Layout after PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; archives below 4 GB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from zlib_ng import zlib_ng

Part = bytes | Iterator[bytes]

LEVEL: Final = 6
STREAMED_LEVEL: Final = 2  # a fifth of the time of level 6 for a tenth more bytes
LARGEST: Final = 2**32 - 1
_VERSION: Final = 20
_UTF8_NAMES: Final = 0x0800
_DEFLATED: Final = 8
_TIME, _DATE = 0, (1980 - 1980) << 9 | 1 << 5 | 1  # 1 January 1980, the first day a zip can name
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")


class TooLarge(ValueError):
    """A part or the archive does not fit into the 4 GB that the format's plain headers count."""


@dataclass(slots=True)
class _Entry:
    """One entry as far as it is written; ``crc`` and sizes are those of what is written so far."""

    name: bytes
    begins: int
    crc: int = 0
    packed: int = 0
    size: int = 0

    def local_header(self) -> bytes:
        return _LOCAL.pack(b"PK\x03\x04", *self._common()) + self.name

    def directory_line(self) -> bytes:
        return _CENTRAL.pack(b"PK\x01\x02", _VERSION, *self._common(), 0, 0, 0, 0, self.begins) + self.name

    def _common(self) -> tuple[int, ...]:
        sizes = (self.crc, self.packed, self.size)
        return (_VERSION, _UTF8_NAMES, _DEFLATED, _TIME, _DATE, *sizes, len(self.name), 0)


def write_archive(file: BinaryIO, parts: Iterable[tuple[str, Part]]) -> None:
    """Write the archive of these parts (name and content), in their order, at the start of a file that can seek.

    Raises:
        TooLarge: a part or the archive takes 4 GB or more.
    """
    entries = [_write_entry(file, name, content) for name, content in parts]
    begins = file.tell()
    for entry in entries:
        file.write(entry.directory_line())
    file.write(_END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), file.tell() - begins, begins, 0))


def _write_entry(file: BinaryIO, name: str, content: Part) -> _Entry:
    entry = _Entry(name.encode(), _within(file.tell()))
    file.write(entry.local_header())
    whole = isinstance(content, bytes)
    _pack(file, entry, iter([content]) if isinstance(content, bytes) else content, LEVEL if whole else STREAMED_LEVEL)
    _within(file.tell())
    file.seek(entry.begins)
    file.write(entry.local_header())
    file.seek(0, 2)
    return entry


def _pack(file: BinaryIO, entry: _Entry, chunks: Iterator[bytes], level: int) -> None:
    packer: Any = zlib_ng.compressobj(level, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    for chunk in chunks:
        entry.crc = zlib_ng.crc32(chunk, entry.crc)
        entry.size = _within(entry.size + len(chunk))
        entry.packed += file.write(packer.compress(chunk))
    entry.packed += file.write(packer.flush())


def _within(size: int) -> int:
    if size > LARGEST:
        raise TooLarge(f"{size} bytes: an archive holds less than 4 GB")
    return size
