"""What ingest tells Prometheus: how far its change log is, and what waits."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric
from sqlalchemy import select

from muster_ingest.identity.models import ErasureRow
from muster_ingest.models import ChangeLogState, Revision, Submission
from muster_shared.context import Context
from muster_shared.measuring import gauge, reading, waiting, waits


def measures(context: Context) -> Iterator[Metric]:
    """The newest position; changes without one, workbooks that were answered with 202, people to be erased."""
    now = context.clock.now()
    with reading(context) as session:
        last = session.scalars(select(ChangeLogState.last)).one()
        yield gauge("muster_log_position", "Newest position of the change log", last)
        yield from waiting(
            {
                "positions": waits(session, Revision.occurred_at, Revision.position.is_(None), now=now),
                "workbooks": waits(session, Submission.received_at, Submission.status == "processing", now=now),
                "erasures": waits(session, ErasureRow.asked_at, ErasureRow.done_at.is_(None), now=now),
            }
        )
