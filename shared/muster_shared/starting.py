"""What a service's ``wsgi.py`` and ``worker.py`` do when a server or the command line asks for them."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery
from flask import Flask

from muster_shared import logs, tracing
from muster_shared.context import Context
from muster_shared.db import Patience
from muster_shared.garbage import collect_less_often
from muster_shared.settings import Settings, load
from muster_shared.tasks import prepare_worker


def start_web(service: str, create_app: Callable[[Context], Flask]) -> Flask:
    """A service's application, with the settings of this process."""
    loaded = _settings(service)
    return create_app(Context.open(service, loaded, Patience.of_requests(loaded)))


def start_worker(service: str, register: Callable[[Celery, Context], None]) -> Celery:
    """A service's worker with its tasks, with the settings of this process."""
    context = Context.open(service, _settings(f"{service}-worker"))
    prepare_worker(context.wake)
    register(context.celery, context)
    return context.celery


def _settings(log_name: str) -> Settings:
    collect_less_often()
    loaded = load()
    logs.configure(log_name, loaded.log_level)
    tracing.begin(log_name)
    return loaded
