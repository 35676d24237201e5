"""What notify does: follow the log, sweep for rungs that are due, deliver what is held."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from muster_notify import (
    delivering,
    erasing,
    extension_answers,
    following,
    handovers,
    issues_heard,
    mending,
    owed,
    reviews,
    step_answers,
    sweeping,
)
from muster_notify.ladder import shipped_ladders
from muster_notify.workflow_news import shipped_rules
from muster_shared import erasing_heard, set_aside, tracing, tracing_rows
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import NOTIFY_DELIVER

_log = logging.getLogger(__name__)
_PROJECTS_AT_ONCE = 200
_PATIENCE = 5  # a reminder may wait longer than a report, and better goes out as one mail than as two


def follow(context: Context, log: ChangeLog) -> int:
    """Apply the change log to its end and renew what is owed; returns the position reached.

    Raises:
        LogUnreachable: ingest is away; what was read before stays applied.
    """
    while not _apply_next_page(context, log):
        pass
    mending.retry_due(context, log)
    while _renew_some(context):
        pass
    _tell_handovers(context)
    with context.sessions.begin() as session:
        mending.keep_alarm(session, now=context.clock.now())
    erasing_heard.tell(context, log)
    with context.sessions() as session:
        return following.cursor(session).position


def sweep(context: Context, log: ChangeLog) -> bool:
    """Record every reminder that is due now, then ask for the delivery; False where the log still moves.

    Ingest being away holds nothing up: what is known is judged.
    """
    try:
        follow(context, log)
    except LogUnreachable as error:
        _log.warning("ingest away, judging what is known", extra={"reason": str(error)})
    settled = _is_settled(context)
    if settled:
        sweeping.record_due(context)
        _record_waiting(context)
    _tell_followers(context)
    context.wake(NOTIFY_DELIVER)
    return settled


def deliver(context: Context) -> int:
    """Send what is held to people whose sending window is open; returns how many mails went out."""
    return delivering.deliver(context)


def _apply_next_page(context: Context, log: ChangeLog) -> bool:
    """Apply one page; True at the log's end."""
    with context.sessions() as session:
        held = following.cursor(session)
        read_from = (held.epoch, held.position)
    page = log.after(read_from[1])
    if page.end is not None:
        tracing.come_from(tracing_rows.of_positions(context.wake, read_from[1], page.end))
    with context.sessions.begin() as session:
        if page.erasing:
            erasing.take_in(session, context, log)
        following.apply_page(session, page, read_from=read_from, real_now=real_now())
        if page.items:
            _log.info("changes applied", extra={"changes": len(page.items), "position": page.items[-1].position})
        reached = following.cursor(session)
        at_its_end = not page.size and page.epoch == read_from[0]
        return at_its_end or reached.position >= reached.last


def _renew_some(context: Context) -> bool:
    """Work out anew what a batch of projects owes; True where there was one."""
    with context.sessions.begin() as session:
        codes = following.take_touched(session, _PROJECTS_AT_ONCE)
        failed = set_aside.taken(session, codes, partial(_renew, context, session))
        mending.note_projects(session, codes, failed, now=real_now())
    return bool(codes)


def _renew(context: Context, session: Session, codes: Sequence[str]) -> None:
    owed.renew_all(session, codes, now=context.clock.now(), ladders=shipped_ladders())
    extension_answers.tell(session, codes, delivering.moment_of(context))
    step_answers.tell(session, codes, delivering.moment_of(context), shipped_rules())


def _tell_handovers(context: Context) -> None:
    with context.sessions.begin() as session:
        handovers.tell(session, delivering.moment_of(context), shipped_rules())


def _record_waiting(context: Context) -> None:
    with context.sessions.begin() as session:
        reviews.record_waiting(session, context.clock.now(), shipped_rules())


def _is_settled(context: Context) -> bool:
    settings = context.settings
    with context.sessions.begin() as session:
        return following.is_settled(
            session,
            real_now=real_now(),
            quiet=_PATIENCE * timedelta(seconds=settings.quiet_seconds),
            cap=_PATIENCE * timedelta(seconds=settings.quiet_cap_seconds),
        )


def _tell_followers(context: Context) -> None:
    domain = context.settings.mail_from.rpartition("@")[2] or "localhost"
    with context.sessions.begin() as session:
        issues_heard.tell_followers(session, now=context.clock.now(), domain=domain)
