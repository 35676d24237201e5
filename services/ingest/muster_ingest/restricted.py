"""The bytes of submissions that name somebody who was erased: kept as evidence, for administrators only."""

from __future__ import annotations

from muster_ingest.models import Submission
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem


def check(context: Context, caller: Caller, row: Submission) -> None:
    """Let what was sent be read; of a restricted submission, each reading is noted.

    Raises:
        Problem: 403, it is restricted and the caller no administrator.
    """
    if row.restricted_at is None:
        return
    if caller.role != "admin":
        detail = (
            "what was sent names a person who was erased: it is kept as evidence, for administrators only. "
            "The records that came of it can be read as ever"
        )
        raise Problem(403, "restricted", detail)
    with context.sessions.begin() as session:
        subject = {"submission_id": str(row.submission_id), "sha256": row.sha256}
        audit.note(session, caller, "restricted_read", subject, at=context.clock.now())
