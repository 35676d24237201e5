"""The zip a workbook comes in: its directory read strictly, its parts inflated in pieces and counted.

Layout after PKWARE's APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (its end). What the
directory says about sizes is never believed: a part is as large as its inflated bytes turn out to be.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, WRONG_TYPE, Refused, damaged

PIECE = 256 * 1024
_PACKED_PIECE = 32 * 1024
_END = struct.Struct("<4s4H2IH")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_LONGEST_COMMENT = 65_535
_ENCRYPTED, _UTF8_NAME = 0x0001, 0x0800
_STORED, _DEFLATED = 0, 8
_ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One part as the directory lists it; ``packed`` is held against what follows, sizes inflated are not believed."""

    name: str
    method: int
    crc: int
    packed: int
    header: int  # where its local header begins
    start: int = 0  # where its packed bytes begin


class Package:
    """The parts of one zip, by name.

    Raises:
        Refused: no whole zip, entries that hide each other, encrypted entries, too many of them.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._size = os.fstat(self._file).st_size
            self._limits = limits
            self.entries = self._located(self._directory())
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    def find(self, name: str) -> Entry | None:
        """The part of this name; names differ in more than case (ECMA-376 part 2, 6.2.2.3)."""
        return self.entries.get(name.lower())

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of a part, inflated, in pieces of at most ``PIECE`` bytes."""
        return self._stored(entry) if entry.method == _STORED else self._inflated(entry)

    def _stored(self, entry: Entry) -> Iterator[bytes]:
        for at in range(entry.start, entry.start + entry.packed, PIECE):
            yield self._read(at, min(PIECE, entry.start + entry.packed - at))

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        inflate, at, end = zlib.decompressobj(-zlib.MAX_WBITS), entry.start, entry.start + entry.packed
        pending = b""
        try:
            while not inflate.eof and (pending or at < end):
                if not pending:
                    pending = self._read(at, min(_PACKED_PIECE, end - at))
                    at += len(pending)
                piece = inflate.decompress(pending, PIECE)
                pending = inflate.unconsumed_tail
                if piece:
                    yield piece
            yield from self._rest(inflate)
        except zlib.error as error:
            raise damaged(f"its part {entry.name} cannot be unpacked") from error
        if not inflate.eof or inflate.unused_data or at < end:
            raise damaged(f"its part {entry.name} is not as long as the archive says")

    @staticmethod
    def _rest(inflate: zlib._Decompress) -> Iterator[bytes]:
        """What the inflater still holds when all packed bytes went in."""
        while not inflate.eof and (piece := inflate.decompress(b"", PIECE)):
            yield piece

    def _read(self, at: int, length: int) -> bytes:
        content = os.pread(self._file, length, at)
        if len(content) != length:
            raise damaged("it ends too early (was the upload cut off?)")
        return content

    def _directory(self) -> Iterator[Entry]:
        tail_at = max(0, self._size - _END.size - _LONGEST_COMMENT)
        tail = self._read(tail_at, self._size - tail_at)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or at + _END.size > len(tail):
            raise damaged("the end of its zip archive is missing (was the upload cut off?)")
        _, disk, first, here, entries, length, offset, comment = _END.unpack_from(tail, at)
        if disk or first or here != entries or tail_at + at + _END.size + comment != self._size:
            raise damaged("its zip archive has more than one part, or bytes behind its end")
        if entries > self._limits.parts:
            message = f"this workbook has {entries:,} parts; at most {self._limits.parts:,} are read"
            raise Refused(OVER_LIMIT, "too_many_parts", message)
        if offset + length > tail_at + at:
            raise damaged("the directory of its zip archive lies outside the file")
        return self._listed(self._read(offset, length), entries)

    def _listed(self, directory: bytes, count: int) -> Iterator[Entry]:
        at = 0
        for _ in range(count):
            if at + _CENTRAL.size > len(directory):
                raise damaged("the directory of its zip archive breaks off")
            fields = _CENTRAL.unpack_from(directory, at)
            signature, flags, method, crc = fields[0], fields[3], fields[4], fields[7]
            packed, size, name_length, extra_length, comment_length, header = *fields[8:13], fields[16]
            name_at = at + _CENTRAL.size
            extra_at = name_at + name_length
            at = extra_at + extra_length + comment_length
            if signature != b"PK\x01\x02" or at > len(directory):
                raise damaged("the directory of its zip archive breaks off")
            extra = directory[extra_at : extra_at + extra_length]
            packed, header = _wide(extra, size, packed, header)
            name = _name(directory[name_at:extra_at], flags)
            _refuse_method(name, flags, method)
            yield Entry(name, method, crc, packed, header)
        if at != len(directory):
            raise damaged("the directory of its zip archive holds more than it says")

    def _located(self, listed: Iterator[Entry]) -> dict[str, Entry]:
        """The entries by lower-case name, none inside another (which is how a small zip expands without end)."""
        entries: dict[str, Entry] = {}
        free = 0
        for entry in sorted(listed, key=lambda entry: entry.header):
            if entry.header < free:
                raise damaged(f"the part {entry.name} of its zip archive overlaps another")
            start = self._data_start(entry)
            free = start + entry.packed
            if free > self._size:
                raise damaged(f"the part {entry.name} of its zip archive lies outside the file")
            if entry.name.endswith("/") and not entry.packed:
                continue
            if entry.name.lower() in entries:
                raise damaged(f"it holds the part {entry.name} twice")
            entries[entry.name.lower()] = Entry(entry.name, entry.method, entry.crc, entry.packed, entry.header, start)
        return entries

    def _data_start(self, entry: Entry) -> int:
        if entry.header + _LOCAL.size > self._size:
            raise damaged(f"the part {entry.name} of its zip archive lies outside the file")
        fields = _LOCAL.unpack(self._read(entry.header, _LOCAL.size))
        signature, flags, method, name_length, extra_length = fields[0], fields[2], fields[3], fields[9], fields[10]
        name_at = entry.header + _LOCAL.size
        if signature != b"PK\x03\x04" or method != entry.method or name_at + name_length > self._size:
            raise damaged(f"the part {entry.name} of its zip archive is not where its directory says")
        if _name(self._read(name_at, name_length), flags) != entry.name:
            raise damaged(f"the part {entry.name} of its zip archive has two names")
        return int(name_at + name_length + extra_length)


def _wide(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int]:
    """The packed size and header offset of an entry that a streaming writer noted in 64 bits (APPNOTE 4.5.3)."""
    if _ZIP64 not in (size, packed, header):
        return packed, header
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1:
            wide = extra[at + 4 : at + 4 + length]
            numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
            read = [next(numbers, 0) if field == _ZIP64 else field for field in (size, packed, header)]
            return read[1], read[2]
        at += 4 + length
    raise damaged("an entry of its zip archive claims a size without stating it")


def _name(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8") if flags & _UTF8_NAME or raw.isascii() else raw.decode("cp437")
    except UnicodeDecodeError as error:
        raise damaged("a name in its zip archive is not readable") from error
    parts = name.split("/")
    if not name or len(name) > 500 or name.startswith("/") or ".." in parts or any(c in name for c in '\\:\0"<>|'):
        raise damaged(f"its zip archive holds an entry with the forbidden name {name[:80]!r}")
    return name


def _refuse_method(name: str, flags: int, method: int) -> None:
    if flags & _ENCRYPTED:
        message = "the zip archive of this workbook is protected with a password: save it without one"
        raise Refused(WRONG_TYPE, "encrypted", message)
    if method not in (_STORED, _DEFLATED):
        raise damaged(f"its part {name} is packed in a way (method {method}) that no workbook uses")
