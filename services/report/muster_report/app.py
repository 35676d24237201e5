"""The web application of report."""

from __future__ import annotations

from flask import Flask

from muster_report import queries
from muster_report.pages import pages
from muster_report.routes import blueprint
from muster_shared import web
from muster_shared.context import Context


def create_app(context: Context) -> Flask:
    """Report on the parts that the context holds."""
    return web.create_app(context, blueprint, pages, title="Muster report", standing=queries.standing)
