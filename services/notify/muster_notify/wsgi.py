"""``muster_notify.wsgi:app``, made when a server asks for it."""

from __future__ import annotations

from functools import cache

from flask import Flask

from muster_notify.app import create_app
from muster_shared import logs, settings
from muster_shared.context import Context


@cache
def _make() -> Flask:
    loaded = settings.load()
    logs.configure("notify", loaded.log_level)
    return create_app(Context.open("notify", loaded))


def __getattr__(name: str) -> Flask:
    if name == "app":
        return _make()
    raise AttributeError(name)
