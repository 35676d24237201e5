"""``python -m muster_notify.rebuild``: derive everything anew from the change log; what is owed must come out alike.

Reminders that were sent stay: they happened. Prints one JSON object; exits 1 where something came out otherwise.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import following, owed
from muster_notify.ladder import shipped_ladder
from muster_notify.models import ObligationRow, Record
from muster_notify.usecases import follow
from muster_shared import settings
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
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found; ``differing`` names the obligations that came out otherwise."""

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
        before = _obligations(session)
        following.begin_anew(session)
        held.position, last = 0, held.position
        while held.position < last:
            page = log.after(held.position)
            following.apply_page(session, page, read_from=(held.epoch, held.position), real_now=real_now())
        while codes := following.take_touched(session, _PROJECTS_AT_ONCE):
            for code in codes:
                owed.renew(session, code, now=context.clock.now(), ladder=shipped_ladder())
        session.flush()
        after = _obligations(session)
        records = session.scalar(select(func.count()).select_from(Record)) or 0
    return Rebuilt(records, len(after), tuple(_named(before, after)))


def _obligations(session: Session) -> dict[str, dict[str, Any]]:
    rows = session.scalars(select(ObligationRow)).all()
    return {str(row.obligation_id): {name: getattr(row, name) for name in _COMPARED} for row in rows}


def _named(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [f"obligation {name}" for name in names]


def main() -> None:
    """Rebuild the instance that the settings name."""
    loaded = settings.load()
    rebuilt = rebuild(Context.open("notify", loaded), ChangeLog(loaded, "notify"))
    sys.stdout.write(json.dumps(asdict(rebuilt)) + "\n")
    sys.exit(1 if rebuilt.differing else 0)


if __name__ == "__main__":
    main()
