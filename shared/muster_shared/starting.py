"""What a service's ``wsgi.py`` and ``worker.py`` do when a server or the command line asks for them."""

from __future__ import annotations

import gc
from collections.abc import Callable

from celery import Celery
from flask import Flask

from muster_shared import logs, settings
from muster_shared.context import Context
from muster_shared.tasks import prepare_worker


def start_web(service: str, create_app: Callable[[Context], Flask]) -> Flask:
    """A service's application, with the settings of this process."""
    return create_app(_context(service, service))


def start_worker(service: str, register: Callable[[Celery, Context], None]) -> Celery:
    """A service's worker with its tasks, with the settings of this process."""
    context = _context(service, f"{service}-worker")
    prepare_worker(context.wake)
    register(context.celery, context)
    return context.celery


def _context(service: str, log_name: str) -> Context:
    _collect_less_often()
    loaded = settings.load()
    logs.configure(log_name, loaded.log_level)
    return Context.open(service, loaded)


def _collect_less_often() -> None:
    """Large submissions make many objects and no circles; by default much of their time goes into looking for some."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
