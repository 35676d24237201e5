"""What a mail tells of: its reminders, each with the obligation it is about as that stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, and_, cast, func, select
from sqlalchemy.orm import Session

from muster_notify.models import ObligationRow, Reminder
from muster_shared.coverage import AWAITED, RETURNED
from muster_shared.one_of import one_of

_IS_OWED: Final = and_(ObligationRow.cancelled_at.is_(None), ObligationRow.state.in_([AWAITED, RETURNED]))
_OWED: Final = (
    ObligationRow.obligation_id,
    ObligationRow.project_code,
    ObligationRow.grant_id,
    ObligationRow.type,
    ObligationRow.period_start,
    ObligationRow.period_end,
    ObligationRow.due,
    ObligationRow.office,
    ObligationRow.time_zone,
    ObligationRow.owner,
    ObligationRow.state,
    ObligationRow.cycle,
    ObligationRow.rules,
    ObligationRow.snoozed_until,
    ObligationRow.acknowledged_at,
)


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation, as much of it as a mail tells."""

    obligation_id: UUID
    project_code: str
    grant_id: str
    type: str
    period_start: date
    period_end: date
    due: date
    office: str
    time_zone: str
    owner: Mapping[str, Any]
    state: str
    cycle: int
    rules: str
    snoozed_until: date | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """One reminder of a mail; ``holds`` while the obligation it was recorded for is still owed in the same cycle."""

    owed: Owed
    reminder_id: UUID
    rung: int
    instead_of: str | None
    holds: bool
    is_snoozed: bool


def told_in(session: Session, mail_ids: Sequence[UUID], now: datetime) -> Mapping[UUID, list[Told]]:
    """What is still to be told of each mail, most overdue first."""
    query = (
        select(
            Reminder.mail_id,
            Reminder.reminder_id,
            Reminder.rung,
            Reminder.instead_of,
            and_(_IS_OWED, ObligationRow.cycle == Reminder.cycle),
            func.coalesce(ObligationRow.snoozed_until >= _local_day(now), False),
            *_OWED,
        )
        .join(ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id)
        .where(one_of(Reminder.mail_id, mail_ids), Reminder.status.in_(["held", "sending"]))
        .order_by(ObligationRow.due, ObligationRow.obligation_id)
    )
    found: dict[UUID, list[Told]] = defaultdict(list)
    for mail_id, *told in session.execute(query):
        found[mail_id].append(Told(Owed(*told[5:]), *told[:5]))
    return found


def overdue_in(session: Session, offices: Sequence[str], now: datetime) -> Mapping[str, list[Owed]]:
    """What is overdue by office, most overdue first, without what is snoozed."""
    query = select(*_OWED).where(
        one_of(ObligationRow.office, offices),
        _IS_OWED,
        ObligationRow.due < _local_day(now),
        func.coalesce(ObligationRow.snoozed_until < _local_day(now), True),
    )
    found: dict[str, list[Owed]] = defaultdict(list)
    for row in session.execute(query.order_by(ObligationRow.due, ObligationRow.obligation_id)):
        owed = Owed(*row)
        found[owed.office].append(owed)
    return found


def _local_day(now: datetime) -> Any:
    """The day it is in an obligation's office, by the database: as the last look before sending has it."""
    return cast(func.timezone(ObligationRow.time_zone, now), Date)
