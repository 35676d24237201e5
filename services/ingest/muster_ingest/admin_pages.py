"""Administration: how the parts are, what runs or failed, what is kept, and the audit trails of all services."""

from __future__ import annotations

from flask import render_template, request

from muster_ingest import administration, queries
from muster_ingest.pages import pages
from muster_shared.pages import audit_pages, health_pages
from muster_shared.web import context

_POSITIONS = 2**63


@pages.get("/admin")
def admin() -> str:
    """The health of every part, and the room that is left; what is another service's is filled in by it."""
    with context().sessions() as session:
        kept = administration.kept(session)
    return render_template("admin.html", kept=kept, **health_pages.told(context(), queries.standing))


@pages.get("/admin/jobs")
def admin_jobs() -> str:
    """What runs and what failed."""
    with context().sessions() as session:
        rows = [queries.summary(row) for row in administration.being_read(session)]
    return render_template("admin_jobs.html", being_read=rows)


@pages.get("/admin/audit")
def admin_audit() -> str:
    """The audit trails of all services, searched at once."""
    return render_template("admin_audit.html", **audit_pages.told(), all_query=request.query_string.decode("ascii"))


@pages.get("/parts/behind")
def behind_part() -> str:
    """How far somebody at the position ``after`` is behind the change log."""
    after = min(max(request.args.get("after", 0, type=int), 0), _POSITIONS - 1)
    with context().sessions() as session:
        waiting, oldest = administration.behind(session, after)
    return render_template("part_behind.html", waiting=waiting, oldest=oldest)
