"""The web application of ingest."""

from __future__ import annotations

from flask import Flask

from muster_ingest import admin_pages as _admin_pages  # noqa: F401 - importing these adds their views
from muster_ingest import bookmark_pages as _bookmark_pages  # noqa: F401
from muster_ingest import handover_pages as _handover_pages  # noqa: F401
from muster_ingest import home_pages as _home_pages  # noqa: F401
from muster_ingest import project_list_pages as _project_list_pages  # noqa: F401
from muster_ingest import project_pages as _project_pages  # noqa: F401
from muster_ingest import project_routes as _project_routes  # noqa: F401
from muster_ingest import queries
from muster_ingest import record_pages as _record_pages  # noqa: F401
from muster_ingest import review_pages as _review_pages  # noqa: F401
from muster_ingest import search_pages as _search_pages  # noqa: F401
from muster_ingest import submission_pages as _submission_pages  # noqa: F401
from muster_ingest.identity import erasing_routes as _erasing_routes  # noqa: F401
from muster_ingest.identity import erasure_pages as _erasure_pages  # noqa: F401
from muster_ingest.identity import oidc, signing_out, taking_back
from muster_ingest.identity import oidc_pages as _oidc_pages  # noqa: F401
from muster_ingest.identity import routes as _identity_routes  # noqa: F401
from muster_ingest.identity import sign_in_pages as _sign_in_pages  # noqa: F401
from muster_ingest.identity import token_pages as _token_pages  # noqa: F401
from muster_ingest.identity import user_pages as _user_pages  # noqa: F401
from muster_ingest.measures import measures
from muster_ingest.pages import pages
from muster_ingest.permissions import PERMISSIONS
from muster_ingest.routes import blueprint
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared import audit_routes, erasing_routes, web
from muster_shared.context import Context

audit_routes.add_to(blueprint)
erasing_routes.add_to(blueprint)


def create_app(context: Context) -> Flask:
    """Ingest on the parts that the context holds."""
    revocation = taking_back.of_own(context)
    app = web.create_app(
        context,
        blueprint,
        pages,
        title="Muster ingest",
        table=PERMISSIONS,
        standing=queries.standing,
        measures=measures,
        revocation=revocation,
        sign_out=signing_out.of_own(context),
    )
    app.extensions["muster_readers"] = Readers()
    oidc.prepare(app, context.settings)
    return app
