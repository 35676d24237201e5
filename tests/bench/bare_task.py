"""``celery -A bench.bare_task:celery worker``: a task that does nothing but say that it was done."""

from __future__ import annotations

from functools import cache
from typing import Final

from celery import Celery

from muster_shared.redis_clients import redis_at
from muster_shared.settings import load
from muster_shared.tasks import FINISHED, make_celery

QUEUE: Final = "bare"
NOTHING: Final = "bare.nothing"


@cache
def _make() -> Celery:
    url = load().broker_url()
    app, redis = make_celery(QUEUE, url), redis_at(url, seconds=5)

    @app.task(name=NOTHING, shared=False)
    def nothing(mark: str) -> None:
        redis.hset(FINISHED, NOTHING, mark)

    return app


def __getattr__(name: str) -> Celery:
    if name == "celery":
        return _make()
    raise AttributeError(name)
