"""``python -m muster_notify.rebuild``: derive everything anew from the change log; what is owed must come out alike.

Reminders that were sent stay: they happened. Prints one JSON object; exits 1 where something came out otherwise.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import following, mending, owed
from muster_notify.ladder import shipped_ladders
from muster_notify.models import ObligationRow, Record, RoleHolder
from muster_notify.usecases import follow
from muster_shared import set_aside, settings
from muster_shared.changelog import ChangeLog
from muster_shared.clock import real_now
from muster_shared.context import Context

_PROJECTS_AT_ONCE = 1000
_COMPARED = (
    "project_code",
    "grant_id",
    "type",
    "period_start",
    "period_end",
    "due",
    "office",
    "region",
    "time_zone",
    "owner",
    "managers",
    "state",
    "submitted_on",
    "cycle",
    "cancelled_at",
    "rules",
    "snoozed_until",
    "acknowledged_at",
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found; ``differing`` names the obligations and holders of roles that came out otherwise."""

    records: int
    obligations: int
    differing: tuple[str, ...]


def rebuild(context: Context, log: ChangeLog) -> Rebuilt:
    """Follow the log to its end, then derive the same once more from its beginning, in one transaction.

    Raises:
        LogUnreachable: ingest is away; everything is as before.
    """
    follow(context, log)
    with context.sessions.begin() as session:
        held = following.cursor(session, locked=True)
        before = _derived(session)
        following.begin_anew(session)
        held.position, last = 0, held.position
        while held.position < last:
            page = log.after(held.position)
            following.apply_page(session, page, read_from=(held.epoch, held.position), real_now=real_now())
        while codes := following.take_touched(session, _PROJECTS_AT_ONCE):
            _renew(session, context, codes)
        session.flush()
        obligations, after = session.scalar(select(func.count()).select_from(ObligationRow)) or 0, _derived(session)
        records = session.scalar(select(func.count()).select_from(Record)) or 0
    return Rebuilt(records, obligations, tuple(_named(before, after)))


def _renew(session: Session, context: Context, codes: Sequence[str]) -> None:
    def take(some: Sequence[str]) -> None:
        owed.renew_all(session, some, now=context.clock.now(), ladders=shipped_ladders())

    mending.note_projects(session, codes, set_aside.taken(session, codes, take), now=real_now())


def _derived(session: Session) -> dict[str, tuple[Any, ...]]:
    """What was worked out from the log, by what it is called."""
    rows = session.scalars(select(ObligationRow).execution_options(populate_existing=True)).all()
    owed = {f"obligation {row.obligation_id}": tuple(getattr(row, name) for name in _COMPARED) for row in rows}
    people = session.scalars(select(RoleHolder).execution_options(populate_existing=True)).all()
    holders = {f"{row.role} of {row.project_code}": (row.email, row.name, row.office) for row in people}
    return owed | holders


def _named(before: Mapping[str, tuple[Any, ...]], after: Mapping[str, tuple[Any, ...]]) -> list[str]:
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def main() -> None:
    """Rebuild the instance that the settings name."""
    loaded = settings.load()
    rebuilt = rebuild(Context.open("notify", loaded), ChangeLog(loaded, "notify"))
    sys.stdout.write(json.dumps(asdict(rebuilt)) + "\n")
    sys.exit(1 if rebuilt.differing else 0)


if __name__ == "__main__":
    main()
