"""Report's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

import logging

from celery import Celery

from muster_report.follow import follow
from muster_report.regenerating import regenerate_due
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context
from muster_shared.names import REPORT_FOLLOW, REPORT_REGENERATE

_log = logging.getLogger(__name__)


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""
    log = ChangeLog(context.settings, "report")

    @celery.task(name=REPORT_FOLLOW, shared=False)
    def follow_log() -> None:
        """Apply what the change log holds."""
        try:
            follow(context, log)
        except LogUnreachable as error:
            _log.warning("ingest is away, trying again at the next tick", extra={"reason": str(error)})

    @celery.task(name=REPORT_REGENERATE, shared=False)
    def regenerate() -> None:
        """Regenerate what is stale and due."""
        regenerate_due(context)
