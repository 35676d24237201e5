"""Old issues are thinned by rule: their rows stay, their workbooks go, which can be made again from the facts.

Kept with their bytes are all issues of the last days, the current one, the last of each month (UTC), those that were
released or that another counts its changes from, and those that cannot be made again.

What is to be deleted is a row first, in the transaction that thins, so that nothing is forgotten where a process dies.
Bytes go only while no issue names them, which nobody can begin to do meanwhile: see ``named``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_report.made_file import MadeFile
from muster_shared import keeping
from muster_shared.context import Context

_log = logging.getLogger(__name__)
_FOR_EVER: Final = 0
_AT_ONCE: Final = 200  # objects that one turn deletes; the next comes within seconds

_THIN: Final = text(
    """
    UPDATE issue SET thinned_at = :now
    WHERE issue_id IN (
        SELECT issue_id FROM (
            SELECT issue_id, number, made_at,
                max(number) OVER (PARTITION BY report, params_key) AS current,
                max(number) OVER (PARTITION BY report, params_key, of_lost_log, date_trunc('month', made_at, 'UTC'))
                    AS last_of_month
            FROM issue
        ) AS ranked
        WHERE made_at < :before AND number < current AND number < last_of_month
    )
    AND thinned_at IS NULL AND released_at IS NULL AND restricted_at IS NULL AND NOT of_lost_log
    AND NOT EXISTS (SELECT FROM issue AS other WHERE other.base_issue_id = issue.issue_id)
    RETURNING sha256
    """
)
_TO_DELETE: Final = text(
    "INSERT INTO unnamed_object SELECT DISTINCT unnest(CAST(:names AS text[])) ON CONFLICT DO NOTHING"
)
_NEXT: Final = text("SELECT sha256 FROM unnamed_object ORDER BY sha256 LIMIT 1 FOR UPDATE SKIP LOCKED")
_NAMED: Final = text("SELECT EXISTS (SELECT FROM issue WHERE sha256 = :sha256 AND thinned_at IS NULL)")
_DONE: Final = text("DELETE FROM unnamed_object WHERE sha256 = :sha256")
_HOLD: Final = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:sha256, 0))")
_HOLD_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 0))")


def thin(context: Context) -> int:
    """Once a day, thin what is older than is to be kept; returns how many issues that were."""
    days, now = context.settings.keep_issues_days, context.clock.now()
    if days == _FOR_EVER:
        return 0
    with context.sessions.begin() as session:
        if not keeping.is_time(session, "issues", now=now):
            return 0
        thinned = _thin(session, before=now - timedelta(days=days), now=now)
    if thinned:
        _log.info("issues thinned", extra={"issues": thinned})
    return thinned


def _thin(session: Session, *, before: datetime, now: datetime) -> int:
    names = session.scalars(_THIN, {"before": before, "now": now}).all()
    session.execute(_TO_DELETE, {"names": [*names]})
    return len(names)


def delete_unnamed(context: Context) -> int:
    """Delete bytes that no issue names any more, some at a time; returns how many were looked at."""
    looked_at = 0
    while looked_at < _AT_ONCE and _delete_one(context):
        looked_at += 1
    return looked_at


def _delete_one(context: Context) -> bool:
    with context.sessions.begin() as session:
        name = {"sha256": session.scalar(_NEXT)}
        if name["sha256"] is None:
            return False
        session.execute(_HOLD_ALONE, name)
        if not session.scalar(_NAMED, name):
            context.objects.delete(name["sha256"])
        session.execute(_DONE, name)
    return True


@contextmanager
def named(context: Context, content: MadeFile) -> Iterator[None]:
    """Put the bytes of an issue and keep them from being deleted until the block has written the row that names them.

    They may be those of an issue that is being thinned: a look is set back, and a copy is what it was.
    """
    with context.sessions.begin() as session:
        hold(session, content.sha256)
        context.objects.put_file(content.file, content.sha256)
        yield


def hold(session: Session, sha256: str) -> None:
    """Keep bytes from being deleted as unnamed until the transaction ends."""
    session.execute(_HOLD, {"sha256": sha256})
