"""Report's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery

from muster_report import erasing_issues, mending, telling, thinning, troubles
from muster_report.follow import follow
from muster_report.held_facts import hold
from muster_report.regenerating import regenerate_due
from muster_report.scheduling import wish_for_due
from muster_shared import audit, keeping
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context
from muster_shared.names import REPORT_FOLLOW, REPORT_ISSUES_HEARD, REPORT_REGENERATE, REPORT_TROUBLES_HEARD

_log = logging.getLogger(__name__)


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""
    log = ChangeLog(context.settings, "report")
    hold(context.engine, context.settings.facts_held)

    @celery.task(name=REPORT_FOLLOW, shared=False)
    def follow_log() -> None:
        """Apply what the change log holds."""
        try:
            if applied := follow(context, log):
                _log.info("changes applied", extra={"changes": applied})
            if mended := mending.retry_due(context, log):
                _log.info("changes applied that were set aside", extra={"changes": mended})
        except LogUnreachable as error:
            _log.warning("ingest is away, trying again at the next tick", extra={"reason": str(error)})

    @celery.task(name=REPORT_REGENERATE, shared=False)
    def regenerate() -> None:
        """Regenerate what is stale and due, and what a schedule asks for by now."""
        wish_for_due(context)
        regenerate_due(context)
        telling.tell(context)
        troubles.tell(context)
        audit.seal(context.sessions)
        keeping.forget_old_entries(context)
        erasing_issues.look_through(context)
        thinning.thin(context)
        thinning.delete_unnamed(context)

    @celery.task(name=REPORT_ISSUES_HEARD, shared=False)
    def issues_heard(issue_ids: list[str]) -> None:
        """Notify has heard of these issues."""
        telling.heard(context, issue_ids)

    @celery.task(name=REPORT_TROUBLES_HEARD, shared=False)
    def troubles_heard(told: list[dict[str, Any]]) -> None:
        """Notify has heard of what is wrong here, or is no more."""
        troubles.heard(context, told)
