"""From which traces rows come: kept in Redis beside the rows, for a day, where processes trace.

Work is claimed from rows and not from messages, so no message says what it comes from. Of the change log it is kept
by position, which every row that is derived from it knows. Lost with the broker, a trace ends there, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from muster_shared import tracing
from muster_shared.tasks import Wake

TRACEPARENT: Final = "traceparent"  # its name in the content of a row
_POSITIONS: Final = "muster:traces:positions"
_ISSUES: Final = "muster:traces:issue:"
_KEPT_SECONDS: Final = 86_400
_KEPT: Final = 10_000
_AT_ONCE: Final = 100  # links of one span
_WHAT: Final = "trace of rows"


def note_positions(wake: Wake, last: int) -> None:
    """The changes up to this position, from where somebody else noted one, were published within this trace."""
    if not tracing.is_on():
        return

    def note(redis: Any) -> None:
        asked = redis.pipeline(transaction=False)
        asked.zadd(_POSITIONS, {f"{last} {tracing.origin()}": last})
        asked.zremrangebyrank(_POSITIONS, 0, -_KEPT - 1)
        asked.expire(_POSITIONS, _KEPT_SECONDS)
        asked.execute()

    wake.with_redis(_WHAT, note)


def of_positions(wake: Wake, after: int, upto: int) -> list[str]:
    """Where the changes after a position and up to another come from, the oldest first; the newest hundred."""
    found: list[tuple[bytes, float]] = []
    if tracing.is_on():
        wake.with_redis(_WHAT, lambda redis: found.extend(_between(redis, after, upto)))
    return [origin for member, _ in found if (origin := member.decode().partition(" ")[2])]


def _between(redis: Any, after: int, upto: int) -> Iterator[tuple[bytes, float]]:
    """Each entry tells of the positions since the one before it: the first at or above ``upto`` is the last of them."""
    yield from redis.zrevrangebyscore(_POSITIONS, upto - 1, f"({after}", 0, _AT_ONCE, withscores=True)[::-1]
    yield from redis.zrangebyscore(_POSITIONS, upto, "+inf", 0, 1, withscores=True)


def note_issue(wake: Wake, issue_id: str) -> None:
    """An issue of a report was made within this trace."""
    if origin := tracing.origin():
        wake.with_redis(_WHAT, lambda redis: redis.set(_ISSUES + issue_id, origin, ex=_KEPT_SECONDS))


def of_issue(wake: Wake, issue_id: str) -> list[str]:
    """Where an issue of a report comes from; empty where it is not known."""
    found: list[bytes | None] = []
    if tracing.is_on():
        wake.with_redis(_WHAT, lambda redis: found.append(redis.get(_ISSUES + issue_id)))
    return [origin.decode() for origin in found if origin]
