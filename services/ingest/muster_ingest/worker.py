"""``muster_ingest.worker:celery``, made when the command line asks for it."""

from __future__ import annotations

from functools import cache

from celery import Celery

from muster_ingest.tasks import register
from muster_shared import logs, settings
from muster_shared.context import Context
from muster_shared.tasks import prepare_worker


@cache
def _make() -> Celery:
    loaded = settings.load()
    logs.configure("ingest-worker", loaded.log_level)
    context = Context.open("ingest", loaded)
    prepare_worker(context.wake)
    register(context.celery, context)
    return context.celery


def __getattr__(name: str) -> Celery:
    if name == "celery":
        return _make()
    raise AttributeError(name)
