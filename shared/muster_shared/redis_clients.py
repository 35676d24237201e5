"""Clients of Redis that never wait long: its answer in time, or none."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def redis_at(url: str, *, seconds: float) -> Redis:
    """A client that gives up connecting and waiting for an answer after ``seconds`` each, and tries nothing twice."""
    retry = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=retry)
