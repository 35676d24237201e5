"""Zip archives that come out the same, byte for byte, wherever and whenever they are made.

Every entry carries the same time and attributes, entries stand in the order given, and the compressor is
zlib-ng from a locked wheel: the machine's own zlib would make bytes differ from machine to machine.
Layout after PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; archives below 4 GB.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from zlib_ng import zlib_ng

LEVEL = 6
_VERSION = 20
_UTF8_NAMES = 0x0800
_DEFLATED = 8
_TIME, _DATE = 0, (1980 - 1980) << 9 | 1 << 5 | 1  # 1 January 1980, the first day a zip can name
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """The archive of these parts (name to content), in their order."""
    body, directory = bytearray(), bytearray()
    for name, content in parts.items():
        packed, encoded = _deflated(content), name.encode()
        sizes = (zlib_ng.crc32(content), len(packed), len(content))
        common = (_VERSION, _UTF8_NAMES, _DEFLATED, _TIME, _DATE, *sizes, len(encoded), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, len(body)) + encoded
        body += _LOCAL.pack(b"PK\x03\x04", *common) + encoded + packed
    end = _END.pack(b"PK\x05\x06", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    return bytes(body + directory + end)


def _deflated(content: bytes) -> bytes:
    packer = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    packed: bytes = packer.compress(content) + packer.flush()
    return packed
