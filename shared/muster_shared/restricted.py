"""Bytes that name somebody who was erased and are kept all the same: for administrators only, each reading noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem


def check(context: Context, caller: Caller, since: datetime | None, subject: Mapping[str, str], *, why: str) -> None:
    """Let something be read; where it is restricted (``since`` is given), the reading of ``subject`` is noted.

    Raises:
        Problem: 403, it is restricted and the caller no administrator; ``why`` is told.
    """
    if since is None:
        return
    if caller.role != "admin":
        raise Problem(403, "restricted", why)
    with context.sessions.begin() as session:
        audit.note(session, caller, "restricted_read", dict(subject), at=context.clock.now())
