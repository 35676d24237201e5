"""What people do about an obligation: put it off with a reason, acknowledge it, ask for more time.

Whatever is done is a record that ingest takes in; the obligation shows it once notify has followed the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import extensions, queries
from muster_notify.actors import Actor, actor_of_caller, actor_of_recipient
from muster_notify.deeds import ACKNOWLEDGED, Deed, Done, check_snooze, not_owed
from muster_notify.extensions import Decision
from muster_notify.links import Link
from muster_notify.models import ObligationRow, Record, UsedLink
from muster_notify.records import Records, Taken
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.coverage import AWAITED, RETURNED
from muster_shared.names import NOTIFY_FOLLOW
from muster_shared.problems import busy

_TRIES: Final = 20
_ONE_SECOND: Final = timedelta(seconds=1)


class LinkClosed(Exception):
    """A link does nothing any more: it is ``used``, its reader is ``not_theirs``, or the report is ``not_owed``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def act(context: Context, records: Records, caller: Caller, obligation_id: UUID, deed: Deed) -> Done:
    """Do something about an obligation as the bearer of a token.

    Raises:
        Problem: 404 none that the caller may see, 403 not theirs to act on, 409 it is no longer owed, 422 beyond what
            the actor may, 503 ingest is away; nothing was changed.
    """
    with context.sessions() as session:
        row = queries.obligation_row(session, caller, obligation_id)
        actor = actor_of_caller(session, caller, region=row.region)
        if not is_owed(row):
            raise not_owed()
        done = _do(session, records, row, actor, deed, now=context.clock.now())
    context.wake(NOTIFY_FOLLOW)
    return done


def use_link(context: Context, records: Records, link: Link, asked: Deed | Decision) -> Done:
    """Do something with the link of a mail, which is used up by it.

    Raises:
        LinkClosed: nothing was changed.
        Problem: as for ``act``; the link can be used again.
    """
    now = context.clock.now()
    with context.sessions.begin() as session:
        row, actor = behind(session, link, now=now)
        if isinstance(asked, Deed):
            _use_up(session, link, asked.action, now=now)
            done = _do(session, records, row, actor, asked, now=now)
        else:
            _use_up(session, link, asked.decision, now=now)
            today = local_day(now, row.time_zone)
            done = extensions.decide_as(session, records, row.project_code, actor, asked, today=today)
    context.wake(NOTIFY_FOLLOW)
    return done


def behind(session: Session, link: Link, *, now: datetime) -> tuple[ObligationRow, Actor]:
    """The obligation behind a link that can be used, and who its reader is.

    Raises:
        LinkClosed: it cannot.
    """
    if session.get(UsedLink, link.link_id) is not None:
        raise LinkClosed("used")
    row = session.get(ObligationRow, link.obligation_id)
    if row is None or not (is_owed(row) or link.extension):
        raise LinkClosed("not_owed")
    actor = actor_of_recipient(session, link.recipient, row.project_code, today=local_day(now, row.time_zone))
    if actor is None or (link.extension and not actor.decides):
        raise LinkClosed("not_theirs")
    return row, actor


def _use_up(session: Session, link: Link, action: str, *, now: datetime) -> None:
    """Take a link in this transaction; whoever uses it at the same time waits here until this one has ended.

    Raises:
        LinkClosed: somebody was faster.
    """
    row = {"link_id": link.link_id, "used_at": now, "obligation_id": link.obligation_id, "action": action}
    taken = insert(UsedLink).values(row).on_conflict_do_nothing().returning(UsedLink.link_id)
    if session.execute(taken).first() is None:
        raise LinkClosed("used")


def is_owed(row: ObligationRow) -> bool:
    """Whether somebody still has to hand the report in."""
    return row.cancelled_at is None and row.state in (AWAITED, RETURNED)


def _do(session: Session, records: Records, row: ObligationRow, actor: Actor, deed: Deed, *, now: datetime) -> Done:
    today = local_day(now, row.time_zone)
    if deed.action == "extension":
        return extensions.ask(session, records, row, actor, deed, today=today)
    if deed.action == "snooze" and deed.day is not None:
        check_snooze(deed.day, due=row.due, today=today, actor=actor)
    return Done(_write(session, records, row, _follow_up(row, actor, deed), now=now))


def _follow_up(row: ObligationRow, actor: Actor, deed: Deed) -> dict[str, Any]:
    return {
        "kind": "follow_up",
        "project_code": row.project_code,
        "grant_id": row.grant_id,
        "type": row.type,
        "period_end": row.period_end.isoformat(),
        "action": deed.action,
        "until": deed.day.isoformat() if deed.day else None,
        "reason": deed.reason or ACKNOWLEDGED,
        "by": actor.email,
        "base_revision": 0,
    }


def _write(
    session: Session, records: Records, row: ObligationRow, follow_up: Mapping[str, Any], *, now: datetime
) -> str:
    """The receipt. A record's key is its time: two people who act at once get seconds of their own.

    The same deed done again within a minute is one deed: a browser or a program that asks twice writes once.
    """
    at = _first_time(session, row, follow_up, now)
    for _ in range(_TRIES):
        try:
            return records.write(row.office, {**follow_up, "at": iso_z(at)})
        except Taken:
            at += _ONE_SECOND
    raise busy("too many people act on this report at once; try again shortly", retry_after=5)


def _first_time(session: Session, row: ObligationRow, follow_up: Mapping[str, Any], now: datetime) -> datetime:
    """This minute, or behind what is known to have been done since: the newest deed counts."""
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    newest = _newest(session, row)
    if newest is None or (known_at := datetime.fromisoformat(newest["at"])) < minute:
        return minute
    is_repeat = all(newest.get(name) == follow_up[name] for name in ("action", "until", "reason", "by"))
    return known_at if is_repeat else known_at + _ONE_SECOND


def _newest(session: Session, row: ObligationRow) -> Mapping[str, Any] | None:
    known = session.scalars(
        select(Record.fields).where(Record.kind == "follow_up", Record.project_code == row.project_code)
    )
    about = (row.grant_id, row.type, row.period_end.isoformat())
    ours = [f for f in known if (f.get("grant_id"), f["type"], f["period_end"]) == about]
    return max(ours, key=lambda fields: datetime.fromisoformat(fields["at"]), default=None)
