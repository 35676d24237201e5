"""Whether a piece of XML is plain enough to be read without a parser: all that a parser would refuse is excluded.

What is left to the patterns of the plain lanes is the grammar of elements: they account for every "<".
"""

from __future__ import annotations

import re

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n")  # a carriage return needs a parser's line ends
_REFERENCE = re.compile(rb"&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_HIGHEST = 0x10FFFF


def is_plain(piece: bytes) -> bool:
    """True where characters, references and text are as XML 1.0 (2.2, 2.4, 4.1) wants them, in UTF-8."""
    if len(piece.translate(None, _CONTROLS)) != len(piece) or b"]]>" in piece:
        return False
    if not piece.isascii() and not _is_text(piece):
        return False
    return b"&" not in piece or _refers_well(piece)


def _is_text(piece: bytes) -> bool:
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\xef\xbf\xbe" not in piece and b"\xef\xbf\xbf" not in piece


def _refers_well(piece: bytes) -> bool:
    found = _REFERENCE.findall(piece)
    if len(found) != piece.count(b"&"):
        return False
    return all(_is_character(decimal, hexadecimal) for decimal, hexadecimal in found if decimal or hexadecimal)


def _is_character(decimal: bytes, hexadecimal: bytes) -> bool:
    code = int(decimal) if decimal else int(hexadecimal, 16)
    allowed = code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
    return allowed or 0x10000 <= code <= _HIGHEST
