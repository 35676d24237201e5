"""The parts of an address that may name several servers."""

from __future__ import annotations

from urllib.parse import SplitResult


def parts_of(url: str) -> SplitResult:
    """As ``urlsplit`` gives them, which refuses ``one:5432,[::1]:5432``."""
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    servers, slash, path = rest.partition("/")
    return SplitResult(scheme, servers, slash + path, query, "")
