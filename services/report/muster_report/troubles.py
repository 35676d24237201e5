"""What an administrator is to hear of: told to notify until it says that it heard, which raises one alarm a spell.

A report that failed a few times in a row is a trouble until it is made, and so are changes that are set aside until
none is. A message that got lost is sent again; one that comes late is answered by how it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_report.models import ReportState, Trouble
from muster_shared import set_aside
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.names import NOTIFY_TROUBLES, REPORT_FAILS, SET_ASIDE

_OFTEN: Final = 3  # failures in a row: what mends itself within seconds is no trouble
_MOST: Final = 100
_PATIENCE: Final = timedelta(seconds=30)


def tell(context: Context) -> int:
    """Note what began and what is over, and tell notify of what it has not heard; returns how much that was."""
    now = real_now()
    with context.sessions.begin() as session:
        _keep(session, _standing(session), now=now)
        rows = session.scalars(_unheard(now)).all()
        if rows and context.wake.send(NOTIFY_TROUBLES, [_told(row) for row in rows]):
            for row in rows:
                row.told_at = now
    return len(rows)


def heard(context: Context, told: Sequence[Mapping[str, Any]]) -> None:
    """Notify knows of these, as they were told: what is over is forgotten.

    Of one that stands there and not here any more, a message came late: that it is over is told once more.
    """
    with context.sessions.begin() as session:
        for one in told:
            row = session.get(Trouble, (one["kind"], one["subject"]), with_for_update=True)
            if row is None:
                if one["stands"]:
                    session.add(_over(one))
            elif row.stands == one["stands"] and iso_z(row.since) == one["since"]:
                _hear(session, row)


def _hear(session: Session, row: Trouble) -> None:
    if row.stands:
        row.heard = True
    else:
        session.delete(row)


def _standing(session: Session) -> dict[tuple[str, str], str]:
    """Kind and subject to the detail of everything that is wrong now."""
    failing = select(ReportState).where(ReportState.failures >= _OFTEN)
    rows = session.scalars(failing.order_by(ReportState.report, ReportState.params_key).limit(_MOST))
    found = {(REPORT_FAILS, _subject(row)): f"{row.error}, at {_OFTEN} attempts in a row or more" for row in rows}
    if set_aside.count(session):
        found[SET_ASIDE, "report"] = "See /report/admin#set-aside"
    return found


def _subject(state: ReportState) -> str:
    params = ", ".join(f"{name} {value}" for name, value in sorted(state.params.items()))
    return f"{state.report} ({params})"


def _keep(session: Session, standing: Mapping[tuple[str, str], str], *, now: datetime) -> None:
    name = tuple_(Trouble.kind, Trouble.subject)
    over = update(Trouble).where(Trouble.stands).values(stands=False, heard=False, told_at=None)
    session.execute(over.where(name.not_in(standing.keys())) if standing else over)
    for (kind, subject), detail in standing.items():
        row = {"kind": kind, "subject": subject, "detail": detail, "since": now, "stands": True, "heard": False}
        begins = insert(Trouble).values(row)
        again = {column: begins.excluded[column] for column in ("detail", "since", "stands", "heard", "told_at")}
        keys = ["kind", "subject"]
        session.execute(begins.on_conflict_do_update(index_elements=keys, set_=again, where=~Trouble.stands))


def _unheard(now: datetime) -> Any:
    waiting = or_(Trouble.told_at.is_(None), Trouble.told_at < now - _PATIENCE)
    return select(Trouble).where(~Trouble.heard, waiting).limit(_MOST).with_for_update(skip_locked=True)


def _told(row: Trouble) -> dict[str, Any]:
    about = {"kind": row.kind, "subject": row.subject, "detail": row.detail}
    return {**about, "since": iso_z(row.since), "stands": row.stands}


def _over(told: Mapping[str, Any]) -> Trouble:
    since = datetime.fromisoformat(told["since"])
    about = {"kind": told["kind"], "subject": told["subject"], "detail": told["detail"]}
    return Trouble(**about, since=since, stands=False, told_at=None, heard=False)
