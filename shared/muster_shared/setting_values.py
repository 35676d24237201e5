"""What the text of a setting may be: each function reads one sort of value.

All raise ``ValueError`` with a message that says what is wrong and what to give.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from muster_shared import sentinels


def whole(low: int, high: int, what: str, give: str = "a whole number") -> Callable[[str], int]:
    """A whole number between two bounds; ``what`` it is, and what to ``give``, stand in the message."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"'{text}' is not {what}: give {give} from {low} to {high}")
        return int(text)

    return parse


def times(text: str) -> float:
    """A factor from 1 to 1000."""
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 1000:
        raise ValueError(f"'{text}' is not a factor: give a number from 1 to 1000")
    return factor


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise ValueError(f"'{text}' is not a count: give a whole number, 0 or more")
    return int(text)


def yes_or_no(text: str) -> str:
    """``yes`` or ``no``."""
    if text.lower() not in {"yes", "no"}:
        raise ValueError(f"'{text}' is neither yes nor no")
    return text.lower()


def seconds(text: str) -> float:
    """A time span of up to a day."""
    try:
        span = float(text)
    except ValueError:
        span = -1.0
    if not 0 <= span <= 86400:
        raise ValueError(f"'{text}' is not a time span: give seconds from 0 to 86400")
    return span


def moment(text: str) -> datetime:
    """An ISO time with a time zone, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not an ISO time: write it like 2016-11-30T08:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone: write it like 2016-11-30T08:00:00Z")
    return moment.astimezone(UTC)


def url(*schemes: str) -> Callable[[str], str]:
    """An address with one of these schemes."""

    def parse(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"not an address Muster can use: it starts with {' or '.join(s + '://' for s in schemes)}")
        return text

    return parse


def issuer(text: str) -> str:
    """The address of an OpenID provider: https, or on this machine."""
    parts = urlsplit(text)
    at_home = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or at_home):
        raise ValueError("not an address of a provider: it starts with https://")
    return text.rstrip("/")


def broker(text: str) -> str:
    """The address of Redis, or of the Sentinels that know it."""
    if text.startswith(f"{sentinels.SCHEME}://"):
        sentinels.Sentinels.of(text)  # which says what is wrong
        return text
    return url("redis", "rediss", "redis+socket", sentinels.SCHEME)(text)


def level(text: str) -> str:
    """A level of the log."""
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError(f"'{text}' is not a level: give DEBUG, INFO, WARNING or ERROR")
    return text.upper()
