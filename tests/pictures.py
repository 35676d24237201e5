"""PNG pictures made for tests, of every colour type, interlaced or not."""

from __future__ import annotations

import struct
import zlib

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(width: int, height: int, *, colour_type: int = 2, interlaced: bool = False) -> bytes:
    header = struct.pack(">II5B", width, height, 8, colour_type, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", bytes(range(6))) if colour_type == 3 else b""
    pixels = b"".join(_rows(width, height, _SAMPLES[colour_type], interlaced=interlaced))
    parts = (chunk(b"IHDR", header), palette, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def chunk(name: bytes, inner: bytes) -> bytes:
    return struct.pack(">I", len(inner)) + name + inner + struct.pack(">I", zlib.crc32(name + inner))


def _rows(width: int, height: int, samples: int, *, interlaced: bool) -> list[bytes]:
    rows = []
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, lines = len(range(left, width, across)), len(range(top, height, down))
        rows += [b"\x00" + bytes(samples) * columns] * (lines if columns else 0)
    return rows
