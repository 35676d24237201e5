"""The sweep: rungs whose day has come become rows, once each, whoever else sweeps at the same time.

One statement judges and records a batch of obligations, as sets: ``judging.sql`` says what, ``judging.py`` says the
same of one obligation, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from muster_notify.judging import FAILS, OVERTAKEN, REPLACED, TAKEN_BACK, why_missing
from muster_notify.ladder import OWNER, ROLE_NAMES, Ladder, Ladders
from muster_notify.windows import local_day

CHANNEL: Final = "mail"
_EAST_OF_UTC: Final = timedelta(days=1)

# literals, not parameters: only so is the index of what is to be reminded used whatever the plan
_TO_REMIND: Final = "o.cancelled_at IS NULL AND o.state IN ('awaited', 'returned')"

_ZONES: Final = f"SELECT DISTINCT time_zone FROM obligation o WHERE {_TO_REMIND} AND o.next_rung_on <= :latest"  # noqa: S608

_DUE: Final = f"""
day AS (
    SELECT * FROM unnest(CAST(:zones AS text[]), CAST(:days AS date[])) AS day (zone, today)
),
due AS MATERIALIZED (
    SELECT
        o.ctid AS place, o.obligation_id, o.project_code, o.office, o.due, o.cycle, o.snoozed_until, o.acknowledged_at,
        o.known_late,
        day.today,
        CASE WHEN o.rules = ANY (CAST(:rung_ladders AS text[])) THEN o.rules ELSE '' END AS ladder,
        CASE WHEN o.snoozed_until IS NOT NULL THEN (
            SELECT 'snoozed until ' || (event ->> 'until') || ' by ' || (event ->> 'by') || ': ' || (event ->> 'reason')
            FROM jsonb_array_elements(o.history) WITH ORDINALITY AS x (event, n)
            WHERE event ->> 'event' = 'snoozed' AND event ->> 'until' = CAST(o.snoozed_until AS text)
            ORDER BY n DESC LIMIT 1
        ) END AS why_snoozed,
        CASE WHEN o.acknowledged_at IS NOT NULL THEN (
            SELECT 'acknowledged on ' || left(event ->> 'at', 10) || ' by ' || (event ->> 'by') || ': '
                || (event ->> 'reason')
            FROM jsonb_array_elements(o.history) WITH ORDINALITY AS x (event, n)
            WHERE event ->> 'event' = 'acknowledged'
            ORDER BY n DESC LIMIT 1
        ) END AS why_acknowledged
    FROM obligation o
    JOIN day ON day.zone = o.time_zone
    WHERE {_TO_REMIND} AND o.next_rung_on <= :latest AND o.next_rung_on <= day.today
"""  # noqa: S608 - put together from constants

_COUNT: Final = f"""
WITH day AS (
    SELECT * FROM unnest(CAST(:zones AS text[]), CAST(:days AS date[])) AS day (zone, today)
)
SELECT count(*) FROM obligation o JOIN day ON day.zone = o.time_zone
WHERE {_TO_REMIND} AND o.next_rung_on <= :latest AND o.next_rung_on <= day.today
"""  # noqa: S608

# Several sweeps at once: what one looks at, another passes over; a row that is there already stays as it is, unless
# it was taken back before it was sent or mail reaches its reader again. The rows looked at are found again by where
# they are, for they lie together; one that moved in between is looked at once more by the next sweep.
_RECORD: Final = """
,
recorded AS (
    INSERT INTO reminder (reminder_id, obligation_id, rung, cycle, recipient, recipient_name, office, channel, status,
        reason, created_at, instead_of)
    SELECT
        CAST(encode(substr(sha256(convert_to(concat_ws(' ', obligation_id, rung, cycle, recipient), 'UTF8')), 1, 16),
            'hex') AS uuid),
        obligation_id, rung, cycle, recipient, recipient_name, office, :channel, status, reason, :now, instead_of
    FROM fresh
    ON CONFLICT (obligation_id, rung, recipient, cycle) DO UPDATE SET
        status = excluded.status, reason = excluded.reason, recipient_name = excluded.recipient_name,
        office = excluded.office, instead_of = excluded.instead_of, created_at = excluded.created_at, mail_id = NULL
    WHERE reminder.status = 'skipped' AND reminder.recipient <> '' AND (
        reminder.reason LIKE ANY (CAST(:taken_back AS text[]))
        OR reminder.reason = :fails AND excluded.status = 'held'
    )
    RETURNING status
),
overtaken AS (
    UPDATE reminder SET status = 'skipped', reason = :overtaken
    FROM step
    WHERE reminder.obligation_id = step.obligation_id AND reminder.status = 'held' AND reminder.rung < step.send
),
replaced AS (
    UPDATE reminder SET status = 'skipped', reason = :replaced
    FROM telling
    WHERE reminder.obligation_id = telling.obligation_id AND reminder.status = 'held'
        AND reminder.cycle = telling.cycle AND reminder.rung = telling.retell
        AND NOT EXISTS (
            SELECT FROM reachable
            WHERE reachable.obligation_id = reminder.obligation_id
                AND lower(reachable.recipient) = lower(reminder.recipient)
        )
),
moved AS (
    UPDATE obligation SET next_rung_on = CASE
        WHEN due.snoozed_until >= due.today THEN due.snoozed_until + 1
        ELSE (
            SELECT min(due.due + rung.days) FROM rung
            WHERE rung.ladder = due.ladder AND rung.days > due.today - due.due
        )
    END
    FROM due
    WHERE obligation.ctid = due.place
)
SELECT
    (SELECT count(*) FROM due) AS looked_at,
    (SELECT count(*) FROM recorded WHERE status = 'held') AS held,
    coalesce((
        SELECT jsonb_agg(DISTINCT jsonb_build_array(office, project_code)) FROM telling
        WHERE NOT EXISTS (SELECT FROM reachable WHERE reachable.obligation_id = telling.obligation_id)
    ), '[]') AS unreached
"""

_LIST: Final = """
SELECT fresh.recipient, fresh.recipient_name, step.office, fresh.rung, count(*) AS reminders
FROM fresh JOIN step USING (obligation_id)
WHERE fresh.status = 'held'
GROUP BY fresh.recipient, fresh.recipient_name, step.office, fresh.rung
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch came to: ``unreached`` are ``(office, project_code)`` of whom nobody could be told."""

    looked_at: int
    held: int
    unreached: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WhereItIs:
    """The day it is at one time in every time zone where something may be due."""

    now: datetime
    days: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Sending:
    """How many reminders of a rung would go to somebody, about what an office owes."""

    recipient: str
    name: str
    office: str
    rung: int
    reminders: int


def where_it_is(session: Session, now: datetime) -> WhereItIs:
    """The days of the offices that may have a rung due at ``now``; each office has its own."""
    zones = session.scalars(text(_ZONES), {"latest": _latest(now)})
    return WhereItIs(now, {zone: local_day(now, zone) for zone in zones})


def remind_some(session: Session, at: WhereItIs, ladders: Ladders, *, most: int) -> Recorded:
    """Record what is due for up to ``most`` obligations; those another sweep is at are left to it."""
    _plan_anew(session)
    given = _parameters(at, ladders) | {"now": at.now, "most": most, "channel": CHANNEL, "replaced": REPLACED}
    row = session.execute(_recording(), given).one()
    return Recorded(row.looked_at, row.held, tuple((office, code) for office, code in row.unreached))


def due_count(session: Session, at: WhereItIs) -> int:
    """How many obligations a sweep would look at."""
    given = {"zones": list(at.days), "days": list(at.days.values()), "latest": _latest(at.now)}
    found: int = session.execute(text(_COUNT), given).scalar_one()
    return found


def sending(session: Session, at: WhereItIs, ladders: Ladders) -> list[Sending]:
    """What a sweep would record to be sent, and to whom; records nothing."""
    _plan_anew(session)
    rows = session.execute(_listing(), _parameters(at, ladders))
    return [Sending(r.recipient, r.recipient_name, r.office, r.rung, r.reminders) for r in rows]


def reminder_id(obligation_id: UUID, rung: int, cycle: int, recipient: str) -> UUID:
    """The id of a reminder: the same for the same one, in any process, as the sweep makes it."""
    return UUID(bytes=sha256(f"{obligation_id} {rung} {cycle} {recipient}".encode()).digest()[:16])


@cache
def _recording() -> TextClause:
    return text(f"WITH {_DUE} LIMIT :most FOR UPDATE OF o SKIP LOCKED),\n{_judging()}{_RECORD}")


@cache
def _listing() -> TextClause:
    return text(f"WITH {_DUE}),\n{_judging()}{_LIST}")


def _judging() -> str:
    return (files("muster_notify") / "judging.sql").read_text(encoding="utf-8")


def _plan_anew(session: Session) -> None:
    """A plan for this batch and not for any: the statement is long, and what is due is few or very many.

    Its intermediate results stay in memory: a full batch takes some ten megabytes at a time.
    """
    session.execute(text("SET LOCAL jit = off"))
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))


def _latest(now: datetime) -> date:
    return (now + _EAST_OF_UTC).date()


def _parameters(at: WhereItIs, ladders: Ladders) -> dict[str, Any]:
    rungs = [(name, rung) for name, ladder in _named(ladders) for rung in ladder.rungs]
    tells = [(name, rung.days, role) for name, rung in rungs for role in rung.tell]
    return {
        "zones": list(at.days),
        "days": list(at.days.values()),
        "latest": _latest(at.now),
        "rung_ladders": [name for name, _ in rungs],
        "rung_days": [rung.days for _, rung in rungs],
        "rung_announces": [rung.only_announces for _, rung in rungs],
        "tell_ladders": [name for name, _, _ in tells],
        "tell_days": [days for _, days, _ in tells],
        "tell_roles": [role for _, _, role in tells],
        "roles": list(ROLE_NAMES),
        "owner": OWNER,
        "why_missing": [why_missing(role) for role in ROLE_NAMES],
        "taken_back": [f"{beginning}%" for beginning in TAKEN_BACK],
        "overtaken": OVERTAKEN,
        "fails": FAILS,
    }


def _named(ladders: Ladders) -> Sequence[tuple[str, Ladder]]:
    return [("", ladders.default), *ladders.by_rules.items()]
