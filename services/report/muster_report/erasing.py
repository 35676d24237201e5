"""A person who is erased: the facts in which they stand are rewritten in place, before the log is followed any further.

Ingest rewrites its log and gives it another epoch. As the facts are rewritten by the same rule, they say what the log
says, and nothing counts as lost: issues keep their numbers, and what is released is compared with as before.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from muster_report.leases import take_away
from muster_shared import erasing_heard
from muster_shared.changelog import ChangeLog
from muster_shared.context import Context
from muster_shared.erasing import Erasure


def take_in(session: Session, context: Context, log: ChangeLog) -> None:
    """Hear whom to erase and make a pass over the database, in the transaction that holds the cursor.

    Whoever is at work on a report has read what stood there before: they lose their lease.

    Raises:
        LogUnreachable: ingest is away.
    """
    erasing_heard.hear(session, log.erasures(), files_at=None)
    if erasing_heard.rewrite(session, _nothing_of_its_own, now=context.clock.now()):
        take_away(session)


def _nothing_of_its_own(_session: Session, _erasure: Erasure) -> dict[str, int]:
    return {}
