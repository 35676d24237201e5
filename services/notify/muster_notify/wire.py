"""A composed mail as the bytes that go over the wire: what ``as_bytes`` of the standard library gives, but faster.

That generator looks at every line of every part; the parts of our letters are encoded already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from typing import Any, Final

from muster_notify.letters.head import EncodedPart

_CRLF = b"\r\n"
_BOUNDARY: Final = re.compile(r'\bboundary="([^"]+)"')


def wire(message: Message[Any, Any]) -> bytes:
    """The mail, its lines ending in CR LF.

    Raises:
        ValueError: a part is not encoded in ASCII yet, or has no boundary of its own.
    """
    return b"".join(_part(message))


def _part(part: Message[Any, Any]) -> Iterator[bytes]:
    for name, value in part.raw_items():
        yield part.policy.fold_binary(name, value)
    yield _CRLF
    payload: Any = part.encoded if isinstance(part, EncodedPart) else part.get_payload()
    if isinstance(payload, str):
        yield payload.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
        return
    delimiter = b"--" + _boundary(part)
    for inner in payload:
        yield delimiter + _CRLF
        yield from _part(inner)
        yield _CRLF
    yield delimiter + b"--" + _CRLF


def _boundary(part: Message[Any, Any]) -> bytes:
    """What stands between the parts inside a part; looked for in the header as it stands, for parsing it takes long."""
    kept = next((str(value) for name, value in part.raw_items() if name == "Content-Type"), "")
    found = _BOUNDARY.search(kept)
    if found is None:
        raise ValueError("a part that holds others has no boundary")
    return found[1].encode("ascii")
