"""``muster_notify.worker:celery``, made when the command line asks for it."""

from __future__ import annotations

from functools import cache

from celery import Celery

from muster_notify.tasks import register
from muster_shared.starting import start_worker


@cache
def _make() -> Celery:
    return start_worker("notify", register)


def __getattr__(name: str) -> Celery:
    if name == "celery":
        return _make()
    raise AttributeError(name)
