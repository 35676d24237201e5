"""A composed mail as the bytes that go over the wire: what ``as_bytes`` of the standard library gives, but faster.

That generator looks at every line of every part; the parts of our letters are encoded already.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from typing import Any

_CRLF = b"\r\n"


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
    payload: Any = part.get_payload()
    if isinstance(payload, str):
        yield payload.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
        return
    boundary = part.get_boundary()
    if not boundary:
        raise ValueError("a part that holds others has no boundary")
    delimiter = b"--" + boundary.encode("ascii")
    for inner in payload:
        yield delimiter + _CRLF
        yield from _part(inner)
        yield _CRLF
    yield delimiter + b"--" + _CRLF
