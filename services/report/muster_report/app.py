"""The web application of report."""

from __future__ import annotations

from flask import Flask

from muster_report import admin_pages as _admin_pages  # noqa: F401 - importing these adds their views
from muster_report import calendar_pages as _calendar_pages  # noqa: F401
from muster_report import catalogue_pages as _catalogue_pages  # noqa: F401
from muster_report import comparing_pages as _comparing_pages  # noqa: F401
from muster_report import figures_pages as _figures_pages  # noqa: F401 - importing these adds their views
from muster_report import issue_pages as _issue_pages  # noqa: F401
from muster_report import look_routes as _look_routes  # noqa: F401
from muster_report import queries
from muster_report import reading_pages as _reading_pages  # noqa: F401
from muster_report import report_pages as _report_pages  # noqa: F401
from muster_report import schedule_routes as _schedule_routes  # noqa: F401
from muster_report.measures import measures
from muster_report.pages import pages
from muster_report.permissions import PERMISSIONS
from muster_report.routes import blueprint
from muster_shared import audit_routes, erasing_routes, set_aside_routes, web
from muster_shared.context import Context
from muster_shared.names import REPORT_FOLLOW

audit_routes.add_to(blueprint)
erasing_routes.add_to(blueprint)
set_aside_routes.add_to(blueprint, task=REPORT_FOLLOW)


def create_app(context: Context) -> Flask:
    """Report on the parts that the context holds."""
    return web.create_app(
        context,
        blueprint,
        pages,
        title="Muster report",
        table=PERMISSIONS,
        standing=queries.standing,
        measures=measures,
    )
