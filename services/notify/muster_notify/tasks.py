"""Notify's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery

from muster_notify import issues_heard, keeping_mails, sign_in_mail, troubles_heard, usecases
from muster_shared import audit, keeping
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context
from muster_shared.names import (
    NOTIFY_DELIVER,
    NOTIFY_FOLLOW,
    NOTIFY_ISSUED,
    NOTIFY_SIGN_IN_LINK,
    NOTIFY_SWEEP,
    NOTIFY_TROUBLES,
    REPORT_ISSUES_HEARD,
    REPORT_TROUBLES_HEARD,
)

_log = logging.getLogger(__name__)


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""

    @celery.task(name=NOTIFY_FOLLOW, shared=False)
    def follow() -> None:
        """Apply what is new in the change log."""
        try:
            usecases.follow(context, ChangeLog(context.settings, "notify"))
        except LogUnreachable as error:
            _log.warning("ingest away, following at the next turn", extra={"reason": str(error)})

    @celery.task(name=NOTIFY_SWEEP, shared=False)
    def sweep() -> None:
        """Record the reminders that are due and have them delivered."""
        usecases.sweep(context, ChangeLog(context.settings, "notify"))
        audit.seal(context.sessions)
        keeping_mails.forget_old(context)
        keeping.forget_old_entries(context)

    @celery.task(name=NOTIFY_ISSUED, shared=False)
    def report_issued(told: list[dict[str, Any]]) -> None:
        """Hear of new issues of reports, and say so to report."""
        context.wake.send(REPORT_ISSUES_HEARD, issues_heard.hear(context, told))

    @celery.task(name=NOTIFY_TROUBLES, shared=False)
    def report_troubles(told: list[dict[str, Any]]) -> None:
        """Hear of what is wrong in report, or is no more, and say so to report."""
        context.wake.send(REPORT_TROUBLES_HEARD, troubles_heard.hear(context, told))

    @celery.task(name=NOTIFY_SIGN_IN_LINK, shared=False)
    def sign_in_link(email: str, name: str, language: str, url: str) -> None:
        """Send a link to sign in with; of this nothing stands as a row, as the link must stand nowhere."""
        sign_in_mail.send(context.settings, sign_in_mail.SignIn(email, name, language, url))

    @celery.task(name=NOTIFY_DELIVER, shared=False)
    def deliver() -> None:
        """Send what is held."""
        usecases.deliver(context)
