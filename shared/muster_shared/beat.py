"""The scheduler: it only ticks. What is due is decided by rows, so two schedulers, or none for a day, do no harm."""

from __future__ import annotations

from functools import cache

from celery import Celery

from muster_shared import logs, settings
from muster_shared.names import (
    INGEST_SWEEP,
    NOTIFY_FOLLOW,
    NOTIFY_SWEEP,
    REPORT_FOLLOW,
    REPORT_REGENERATE,
    queue_of,
)
from muster_shared.tasks import make_celery

_TICKS = {INGEST_SWEEP: 2.0, REPORT_FOLLOW: 5.0, REPORT_REGENERATE: 2.0, NOTIFY_FOLLOW: 5.0, NOTIFY_SWEEP: 5.0}


def make_beat(broker_url: str) -> Celery:
    """The app that ``celery beat`` runs; a tick that nobody took before the next one expires."""
    app = make_celery("beat", broker_url)
    app.conf.beat_schedule = {
        task: {"task": task, "schedule": seconds, "options": {"queue": queue_of(task), "expires": seconds}}
        for task, seconds in _TICKS.items()
    }
    return app


@cache
def _make() -> Celery:
    loaded = settings.load()
    logs.configure("beat", loaded.log_level)
    return make_beat(loaded.broker_url())


def __getattr__(name: str) -> Celery:
    """``muster_shared.beat:celery``, made when the command line asks for it."""
    if name == "celery":
        return _make()
    raise AttributeError(name)
