"""The bytes of submissions that name somebody who was erased: kept as evidence, for administrators only."""

from __future__ import annotations

from typing import Final

from muster_ingest.models import Submission
from muster_shared import restricted
from muster_shared.auth import Caller
from muster_shared.context import Context

_WHY: Final = (
    "what was sent names a person who was erased: it is kept as evidence, for administrators only. "
    "The records that came of it can be read as ever"
)


def check(context: Context, caller: Caller, row: Submission) -> None:
    """Let what was sent be read; of a restricted submission, each reading is noted.

    Raises:
        Problem: 403, it is restricted and the caller no administrator.
    """
    subject = {"submission_id": str(row.submission_id), "sha256": row.sha256}
    restricted.check(context, caller, row.restricted_at, subject, why=_WHY)
