"""One report owed as its page tells of it: the matter, its ladder, what was done and can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import deadlines, queries
from muster_notify.acting import is_owed
from muster_notify.actors import Actor, actor_of_caller
from muster_notify.deed_forms import Forms, snooze_days
from muster_notify.extension_dates import end_of
from muster_notify.extensions import of_project
from muster_notify.ladder import Rung, shipped_ladders
from muster_notify.letters.language import Language
from muster_notify.models import ObligationRow, Reminder
from muster_notify.people import Offices, projects
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.problems import Problem
from muster_shared.schedules import Fields


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder: when it is reached, whom it tells by role and name, and what became of it.

    ``reminders`` are those of the present cycle; ``ahead`` where it is still to come, ``next`` if it is the next one.
    """

    days: int
    on: date
    tells: Sequence[tuple[str, str]]
    breaks_digest: bool
    reminders: Sequence[Reminder]
    ahead: bool
    next: bool


@dataclass(frozen=True, slots=True)
class Story:
    """``row`` is the obligation as ``deadlines.shown`` has it; ``forms`` are None where the reader can do nothing.

    ``climbs`` while its ladder is still climbed, ``known_late`` where that tells the manager alone. ``reminders``
    counts all that are on record, of earlier cycles too.
    """

    row: Mapping[str, Any]
    cancelled: bool
    climbs: bool
    known_late: bool
    end: date | None
    steps: Sequence[Step]
    reminders: int
    extensions: Sequence[Fields]
    forms: Forms | None

    @property
    def events(self) -> int:
        """How much has been done about it and its project: more by one with each deed that the log has told of."""
        return len(self.row["history"]) + len(self.extensions)


def story_of(session: Session, caller: Caller, obligation_id: UUID, language: Language, *, now: datetime) -> Story:
    """All there is to tell about a report that the caller sees.

    Raises:
        Problem: 404, there is none, or none that the caller may see.
    """
    row = queries.obligation_row(session, caller, obligation_id)
    known, today = of_project(session, row.project_code), local_day(now, row.time_zone)
    [shown] = deadlines.shown(session, [row], now=now)
    end = end_of(known.project, known.extensions) if known.project else None
    told = select(func.count()).where(Reminder.obligation_id == obligation_id)
    return Story(
        row=shown,
        cancelled=row.cancelled_at is not None,
        climbs=is_owed(row) and row.next_rung_on is not None,
        known_late=row.known_late,
        end=end,
        steps=_steps(session, row, today),
        reminders=session.execute(told).scalar_one(),
        extensions=sorted(known.extensions, key=lambda one: str(one["requested_on"]), reverse=True),
        forms=_forms(session, caller, row, language, today=today, end=end),
    )


def _forms(
    session: Session, caller: Caller, row: ObligationRow, language: Language, *, today: date, end: date | None
) -> Forms | None:
    actor = _actor(session, caller, row)
    if actor is None or not is_owed(row):
        return None
    return Forms(language, end=end, snooze_days=snooze_days(row.due, today, actor))


def _actor(session: Session, caller: Caller, row: ObligationRow) -> Actor | None:
    try:
        return actor_of_caller(session, caller, region=row.region)
    except Problem:
        return None


def _steps(session: Session, row: ObligationRow, today: date) -> list[Step]:
    project = projects(session, [row.project_code]).get(row.project_code)
    people = Offices.of(session).people_of(project) if project else {}
    names = {role: person.name for role, person in people.items()}
    told = session.scalars(
        select(Reminder)
        .where(Reminder.obligation_id == row.obligation_id, Reminder.cycle == row.cycle)
        .order_by(Reminder.created_at, Reminder.recipient)
    ).all()
    ladder = shipped_ladders().of(row.rules)
    rungs = [rung.telling(known_late=row.known_late) for rung in ladder.rungs]
    following = next((rung for rung in rungs if rung.on(row.due) > today), None)
    return [_step(rung, row, names, told, today=today, is_next=rung is following) for rung in rungs]


def _step(
    rung: Rung, row: ObligationRow, names: Mapping[str, str], told: Sequence[Reminder], *, today: date, is_next: bool
) -> Step:
    return Step(
        days=rung.days,
        on=rung.on(row.due),
        tells=[(role, names.get(role, "")) for role in rung.tell],
        breaks_digest=rung.breaks_digest,
        reminders=[one for one in told if one.rung == rung.days],
        ahead=rung.on(row.due) > today,
        next=is_next,
    )
