"""``muster_notify.wsgi:app``, made when a server asks for it."""

from __future__ import annotations

from functools import cache

from flask import Flask

from muster_notify.app import create_app
from muster_shared.starting import start_web


@cache
def _make() -> Flask:
    return start_web("notify", create_app)


def __getattr__(name: str) -> Flask:
    if name == "app":
        return _make()
    raise AttributeError(name)
