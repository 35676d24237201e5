"""Clients of Redis that never wait long: its answer in time, or none."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from muster_shared.sentinels import SCHEME, Sentinels


def redis_at(url: str, *, seconds: float) -> Redis:
    """A client that gives up connecting and waiting for an answer after ``seconds`` each, and tries nothing twice.

    At ``sentinel://`` it is one of the primary, and each Sentinel that is asked for it has so many seconds too.
    """
    if url.startswith(f"{SCHEME}://"):
        return Sentinels.of(url).primary(seconds=seconds)
    retry = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=retry)
