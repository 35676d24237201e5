"""The change log is compacted: the fields of old revisions that are not current any more stand packed, many in a row.

Each revision keeps its row with its position, who wrote it, when and where it came from; only its fields move, into a
document that PostgreSQL compresses. ``Revision.fields`` reads them from either place, so that history, the change log
and every ``as_of`` are what they were.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import keeping
from muster_shared.context import Context

_log = logging.getLogger(__name__)
_NEVER: Final = 0
TOGETHER: Final = 32  # revisions in a pack: more compress hardly better, and each that is read opens a whole pack
_AT_ONCE: Final = 100 * TOGETHER  # revisions that one transaction packs
_IN_A_DAY: Final = 100  # transactions; the others follow on the days after

_BEGUN: Final = text("SELECT EXISTS (SELECT FROM keeping WHERE what = 'compaction')")
# locked before it is read: what an erasure rewrites at the same time is packed as it is afterwards
_PACK: Final = text(
    """
    WITH due AS (
        SELECT change_id, fields FROM revision AS old
        WHERE change_id > :after AND fields IS NOT NULL AND position IS NOT NULL AND EXISTS (
            SELECT FROM revision AS next
            WHERE next.kind = old.kind AND next.key = old.key AND next.revision = old.revision + 1
                AND next.position IS NOT NULL AND next.occurred_at < :before
        )
        ORDER BY change_id LIMIT :at_once FOR UPDATE SKIP LOCKED
    ), numbered AS (
        SELECT change_id, fields, (row_number() OVER (ORDER BY change_id) - 1) / :together AS pack FROM due
    ), packed AS (
        SELECT change_id, fields, min(change_id) OVER same AS pack_id, count(*) OVER same AS together
        FROM numbered WINDOW same AS (PARTITION BY pack)
    ), made AS (
        INSERT INTO revision_pack (pack_id, content)
        SELECT pack_id, jsonb_object_agg(change_id::text, fields) FROM packed
        WHERE together = :together GROUP BY pack_id
    ), moved AS (
        UPDATE revision SET fields = NULL, pack_id = packed.pack_id FROM packed
        WHERE revision.change_id = packed.change_id AND packed.together = :together
        RETURNING revision.change_id
    )
    SELECT count(*) AS revisions, coalesce(max(change_id), 0) AS newest FROM moved
    """
)


def compact(context: Context) -> int:
    """Once a day, pack what was followed by a newer revision long enough ago; returns how many revisions that were.

    The first time is a day after this is first asked: until an upgrade is through, a process of the version before may
    read the log, and knows of no packs.
    """
    days, now = context.settings.compact_log_days, context.clock.now()
    if days == _NEVER or not _is_time(context, now):
        return 0
    packed = pack_before(context, now - timedelta(days=days))
    if packed:
        _log.info("change log compacted", extra={"revisions": packed})
    return packed


def pack_before(context: Context, before: datetime) -> int:
    """Pack revisions that were followed by a newer one before a time; returns how many."""
    packed = after = 0
    for _ in range(_IN_A_DAY):
        with context.sessions.begin() as session:
            revisions, after = _pack(session, before=before, after=after)
        packed += revisions
        if revisions < _AT_ONCE:
            break
    return packed


def _is_time(context: Context, now: datetime) -> bool:
    with context.sessions.begin() as session:
        begun = session.scalar(_BEGUN)
        return keeping.is_time(session, "compaction", now=now) and bool(begun)


def _pack(session: Session, *, before: datetime, after: int) -> tuple[int, int]:
    """How many revisions were packed, and the newest of them; full packs only."""
    given = {"before": before, "after": after, "at_once": _AT_ONCE, "together": TOGETHER}
    row = session.execute(_PACK, given).one()
    return row.revisions, row.newest
