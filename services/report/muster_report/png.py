"""PNG pictures (ISO/IEC 15948) held against the standard before they are kept: whole, sound, and without extras.

What is kept is written anew from the critical chunks and the transparency: no text, no profile, no animation, nothing
behind the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LARGEST_BYTES: Final = 200_000
SMALLEST_SIDE, LARGEST_SIDE = 16, 2000
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_LAST_FILTER: Final = 4


class NoPicture(ValueError):
    """It is not a PNG that can be kept; the message says why, and what would be right."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG picture and its size in pixels."""

    content: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filters: int
    interlace: int

    def rows(self) -> Iterator[int]:
        """Bytes of each row of pixels as it is packed, its filter byte included."""
        passes = _PASSES if self.interlace else ((0, 0, 1, 1),)
        for left, top, across, down in passes:
            columns, lines = -(-(self.width - left) // across), -(-(self.height - top) // down)
            if columns > 0 and lines > 0:
                length = 1 + -(-columns * _SAMPLES[self.colour] * self.depth // 8)
                yield from (length for _ in range(lines))


def checked(content: bytes) -> Picture:
    """The picture, written anew.

    Raises:
        NoPicture: it is too large, too small, damaged, or no PNG at all.
    """
    if len(content) > LARGEST_BYTES:
        raise NoPicture(f"{len(content):,} bytes are too many: send a PNG of at most {LARGEST_BYTES:,}")
    if not content.startswith(_SIGNATURE):
        raise NoPicture("this is not a PNG: save the picture as PNG")
    chunks = list(_chunks(content))
    header = _header(chunks)
    _check_order([name for name, _ in chunks], header)
    _check_pixels(b"".join(inner for name, inner in chunks if name == b"IDAT"), header)
    return Picture(_written(chunks), header.width, header.height)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,), name = struct.unpack_from(">I", content, at), content[at + 4 : at + 8]
        inner, end = content[at + 8 : at + 8 + length], at + 8 + length
        if content[end : end + 4] != struct.pack(">I", zlib.crc32(name + inner)):
            raise NoPicture("the PNG is damaged: a check sum is wrong; save it again")
        yield name, inner
        if name == b"IEND":
            return
        at = end + 4
    raise NoPicture("the PNG is cut off: save it again")


def _header(chunks: list[tuple[bytes, bytes]]) -> _Header:
    name, inner = chunks[0]
    if name != b"IHDR" or len(inner) != 13:
        raise NoPicture("the PNG has no header: save it again")
    header = _Header(*struct.unpack(">II5B", inner))
    sides = (header.width, header.height)
    if not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in sides):
        allowed = f"each side has {SMALLEST_SIDE} to {LARGEST_SIDE}"
        raise NoPicture(f"{header.width} by {header.height} pixels do not fit: {allowed}")
    packed = header.depth in _DEPTHS.get(header.colour, ())
    if not packed or header.compression or header.filters or header.interlace > 1:
        raise NoPicture("the PNG says of itself what no PNG can be: save it again")
    return header


def _check_order(names: list[bytes], header: _Header) -> None:
    """Each chunk where the standard wants it; of those we do not know, only ones that may be left out."""
    critical = [name for name in names if not name[0] & 0x20]
    middle = critical[1:-1]
    palette = middle[:1] == [b"PLTE"]
    pixels = middle[1:] if palette else middle
    together = names[names.index(b"IDAT") :][: len(pixels)] if b"IDAT" in names else []
    sound = pixels and set(pixels) == {b"IDAT"} and together == pixels and critical[-1] == b"IEND"
    if not sound or (header.colour == 3 and not palette) or (palette and header.colour in {0, 4}):
        raise NoPicture("the parts of the PNG are not where they belong: save it again")


def _check_pixels(packed: bytes, header: _Header) -> None:
    rows = list(header.rows())
    unpacker = zlib.decompressobj()
    try:
        pixels = unpacker.decompress(packed, sum(rows) + 1)
    except zlib.error as error:
        raise NoPicture("the pixels of the PNG cannot be read: save it again") from error
    if len(pixels) != sum(rows) or not unpacker.eof:
        raise NoPicture("the PNG has more or fewer pixels than it says: save it again")
    at = 0
    for length in rows:
        if pixels[at] > _LAST_FILTER:
            raise NoPicture("the pixels of the PNG cannot be read: save it again")
        at += length


def _written(chunks: list[tuple[bytes, bytes]]) -> bytes:
    kept = [(name, inner) for name, inner in chunks if name in _KEPT]
    return _SIGNATURE + b"".join(_chunk(name, inner) for name, inner in kept)


def _chunk(name: bytes, inner: bytes) -> bytes:
    return struct.pack(">I", len(inner)) + name + inner + struct.pack(">I", zlib.crc32(name + inner))
