"""Issues that are kept as they left the house though they name somebody who was erased: for administrators only."""

from __future__ import annotations

from typing import Final

from muster_report.models import Issue
from muster_shared import restricted
from muster_shared.auth import Caller
from muster_shared.context import Context

_WHY: Final = (
    "this workbook names a person who was erased: it is kept as it was released, for administrators only. "
    "Ask for the newest issue, or for this one as .html, .csv or .json: those show a pseudonym"
)


def check(context: Context, caller: Caller, issue: Issue) -> None:
    """Let an issue be read; of a restricted one, each reading is noted.

    Raises:
        Problem: 403, it is restricted and the caller no administrator.
    """
    subject = {"issue_id": str(issue.issue_id), "sha256": issue.sha256}
    restricted.check(context, caller, issue.restricted_at, subject, why=_WHY)
