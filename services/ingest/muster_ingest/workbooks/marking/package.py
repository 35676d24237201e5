"""The zip around a workbook: parts that do not change are copied as they lie, compressed bytes and all."""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

CONTENT_TYPES = "[Content_Types].xml"
_CHUNK = 256 * 1024
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_UTF8_NAME = 0x800
_DEFLATED = 8
_LEVEL = 1  # a sheet is read once or twice after this: time matters more than the last tenth of its size
_FIXED_DATE = (1 << 5) | 1  # 1980-01-01, the first day a zip can name: the same input gives the same bytes

Part = bytes | Callable[[], Iterable[bytes]]


class Package:
    """A workbook's parts by name (upper and lower case are one, as the packaging standard has it).

    Raises ValueError where the file is no zip.
    """

    def __init__(self, source: Path) -> None:
        self._file = source.open("rb")
        try:
            self._zip = ZipFile(self._file)
        except BadZipFile as problem:
            self._file.close()
            raise ValueError(f"no zip: {problem}") from problem
        self._infos = {info.filename.lower(): info for info in self._zip.infolist()}
        self._changed: dict[str, tuple[str, Part]] = {}
        self._dropped: set[str] = set()
        self._held: set[str] = set()

    def __enter__(self) -> "Package":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._file.close()

    def has(self, name: str) -> bool:
        """Whether there is such a part now."""
        key = name.lower()
        return key not in self._dropped and (key in self._infos or key in self._changed)

    def read(self, name: str) -> bytes:
        """A small part whole, with changes already made; ValueError if there is none."""
        changed = self._changed.get(name.lower())
        if changed and isinstance(changed[1], bytes):
            return changed[1]
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part of the source as it inflates; ValueError if there is none."""
        if name.lower() not in self._infos:
            raise ValueError(f"the part {name} is missing")
        with self._zip.open(self._infos[name.lower()]) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def put(self, name: str, part: Part) -> None:
        """Change or add a part; a callable is asked for its bytes when its turn to be written comes."""
        self._dropped.discard(name.lower())
        info = self._infos.get(name.lower())
        self._changed[name.lower()] = (info.filename if info else name, part)

    def drop(self, name: str) -> None:
        """Leave a part out."""
        self._changed.pop(name.lower(), None)
        self._dropped.add(name.lower())

    def hold(self, name: str) -> None:
        """Write this part after all others, because what they turn out to need decides what is in it."""
        self._held.add(name.lower())

    def free_name(self, pattern: str) -> str:
        """The first name of the pattern ("xl/notes{}.xml") that no part has."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def write(self, out: Path) -> None:
        """Write the workbook: content types first, the rest in the order of the source, what is held and new last."""
        with out.open("wb") as target:
            writer = _Writer(target)
            first = CONTENT_TYPES.lower()
            for key in [first, *(key for key in self._infos if key != first and key not in self._held)]:
                self._write_part(writer, key)
            for key in self._late():
                self._write_part(writer, key)
            writer.finish()

    def _late(self) -> list[str]:
        held = [key for key in self._infos if key in self._held]
        return held + [key for key in self._changed if key not in self._infos]

    def _write_part(self, writer: "_Writer", key: str) -> None:
        if key in self._dropped:
            return
        if key in self._changed:
            name, part = self._changed[key]
            writer.add(name, [part] if isinstance(part, bytes) else part())
        elif key in self._infos:
            writer.copy(self._infos[key], self._file)


class _Writer:
    """Writes zip entries one after another."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._directory: list[bytes] = []

    def copy(self, info: ZipInfo, source: IO[bytes]) -> None:
        """One entry of another zip, its compressed bytes untouched."""
        offset = self._target.tell()
        raw_name, utf8 = _encoded(info.filename)
        date, time = _dos_date(info), _dos_time(info)
        fields = (utf8, info.compress_type, time, date, info.CRC, info.compress_size, info.file_size)
        self._target.write(_LOCAL.pack(0x04034B50, 20, *fields, len(raw_name), 0) + raw_name)
        _copy_bytes(source, _start_of(info, source), info.compress_size, self._target)
        self._enter(raw_name, fields, offset, info.external_attr)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """One entry of our own, compressed as it comes; its time is fixed."""
        offset = self._target.tell()
        raw_name, utf8 = _encoded(name)
        self._target.write(bytes(_LOCAL.size) + raw_name)
        sums = _deflate(pieces, self._target)
        fields = (utf8, _DEFLATED, 0, _FIXED_DATE, *sums)
        end = self._target.tell()
        self._target.seek(offset)
        self._target.write(_LOCAL.pack(0x04034B50, 20, *fields, len(raw_name), 0))
        self._target.seek(end)
        self._enter(raw_name, fields, offset, 0)

    def finish(self) -> None:
        """Write the directory."""
        offset, directory = self._target.tell(), b"".join(self._directory)
        count = len(self._directory)
        self._target.write(directory + _END.pack(0x06054B50, 0, 0, count, count, len(directory), offset, 0))

    def _enter(self, raw_name: bytes, fields: tuple[int, ...], offset: int, attributes: int) -> None:
        head = _CENTRAL.pack(0x02014B50, 20, 20, *fields, len(raw_name), 0, 0, 0, 0, attributes, offset)
        self._directory.append(head + raw_name)


def _deflate(pieces: Iterable[bytes], target: IO[bytes]) -> tuple[int, int, int]:
    """Compress into `target`; the checksum, the compressed and the full size."""
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    checksum = written = size = 0
    for piece in pieces:
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        written += target.write(squeeze.compress(piece))
    return checksum, written + target.write(squeeze.flush()), size


def _start_of(info: ZipInfo, source: IO[bytes]) -> int:
    """Where an entry's compressed bytes begin: the local header may carry other extras than the directory."""
    source.seek(info.header_offset)
    header = source.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise ValueError("the zip is cut short")
    name_length, extra_length = _LOCAL.unpack(header)[-2:]
    return info.header_offset + _LOCAL.size + int(name_length) + int(extra_length)


def _copy_bytes(source: IO[bytes], start: int, size: int, target: IO[bytes]) -> None:
    source.seek(start)
    while size:
        piece = source.read(min(size, _CHUNK))
        if not piece:
            raise ValueError("the zip is cut short")
        size -= target.write(piece)


def _encoded(name: str) -> tuple[bytes, int]:
    return (name.encode("ascii"), 0) if name.isascii() else (name.encode(), _UTF8_NAME)


def _dos_date(info: ZipInfo) -> int:
    year, month, day = info.date_time[:3]
    return max(year - 1980, 0) << 9 | month << 5 | day


def _dos_time(info: ZipInfo) -> int:
    hour, minute, second = info.date_time[3:]
    return hour << 11 | minute << 5 | second // 2
