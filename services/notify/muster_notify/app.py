"""The web application of notify."""

from __future__ import annotations

from flask import Flask

from muster_notify import calendar_routes as _calendar_routes  # noqa: F401 - importing these adds their views
from muster_notify import follow_routes as _follow_routes  # noqa: F401
from muster_notify.pages import pages
from muster_notify.routes import blueprint
from muster_notify.standing import standing
from muster_shared import web
from muster_shared.context import Context


def create_app(context: Context) -> Flask:
    """Notify on the parts that the context holds."""
    return web.create_app(context, blueprint, pages, title="Muster notify", standing=standing)
