"""The web application of notify."""

from __future__ import annotations

from flask import Flask

from muster_notify import act_pages as _act_pages  # noqa: F401
from muster_notify import calendar_routes as _calendar_routes  # noqa: F401 - importing these adds their views
from muster_notify import deadline_pages as _deadline_pages  # noqa: F401
from muster_notify import extension_pages as _extension_pages  # noqa: F401
from muster_notify import follow_pages as _follow_pages  # noqa: F401
from muster_notify import follow_routes as _follow_routes  # noqa: F401
from muster_notify import obligation_pages as _obligation_pages  # noqa: F401
from muster_notify import operating_pages as _operating_pages  # noqa: F401
from muster_notify import operating_routes as _operating_routes  # noqa: F401
from muster_notify import people_routes as _people_routes  # noqa: F401
from muster_notify import preference_pages as _preference_pages  # noqa: F401
from muster_notify import reminder_pages as _reminder_pages  # noqa: F401
from muster_notify import unsubscribe_pages as _unsubscribe_pages  # noqa: F401
from muster_notify.measures import measures
from muster_notify.pages import pages
from muster_notify.permissions import PERMISSIONS
from muster_notify.records import Records
from muster_notify.routes import blueprint
from muster_notify.standing import standing
from muster_shared import audit_routes, erasing_routes, set_aside_routes, web
from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW

audit_routes.add_to(blueprint)
erasing_routes.add_to(blueprint)
set_aside_routes.add_to(blueprint, task=NOTIFY_FOLLOW)


def create_app(context: Context) -> Flask:
    """Notify on the parts that the context holds."""
    app = web.create_app(
        context,
        blueprint,
        pages,
        title="Muster notify",
        table=PERMISSIONS,
        standing=standing,
        measures=measures,
    )
    app.extensions["muster_records"] = Records.of(context.settings)
    return app
