"""Report's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

import logging

from celery import Celery

from muster_report import erasing_issues, telling
from muster_report.follow import follow
from muster_report.held_facts import hold
from muster_report.regenerating import regenerate_due
from muster_report.scheduling import wish_for_due
from muster_shared import audit, keeping
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context
from muster_shared.names import REPORT_FOLLOW, REPORT_ISSUES_HEARD, REPORT_REGENERATE

_log = logging.getLogger(__name__)


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""
    log = ChangeLog(context.settings, "report")
    hold(context.engine, context.settings.facts_held)

    @celery.task(name=REPORT_FOLLOW, shared=False)
    def follow_log() -> None:
        """Apply what the change log holds."""
        try:
            follow(context, log)
        except LogUnreachable as error:
            _log.warning("ingest is away, trying again at the next tick", extra={"reason": str(error)})

    @celery.task(name=REPORT_REGENERATE, shared=False)
    def regenerate() -> None:
        """Regenerate what is stale and due, and what a schedule asks for by now."""
        wish_for_due(context)
        regenerate_due(context)
        telling.tell(context)
        audit.seal(context.sessions)
        keeping.forget_old_entries(context)
        erasing_issues.look_through(context)

    @celery.task(name=REPORT_ISSUES_HEARD, shared=False)
    def issues_heard(issue_ids: list[str]) -> None:
        """Notify has heard of these issues."""
        telling.heard(context, issue_ids)
