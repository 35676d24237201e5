"""Reminders as their page lists them: whom they were for, what they are about and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import queries, schemas
from muster_notify.models import ObligationRow, Reminder
from muster_shared.auth import Caller

PAGE: Final = 50
_SCHEMA: Final = schemas.RemindersQuery()
_NAMES: Final = {"status": "status", "project": "project_code", "recipient": "recipient", "obligation": "obligation_id"}
_LONGEST: Final = 254


def filters_of(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that an address states, by their names there; what is none is left out."""
    return {name: text for name in _NAMES if (text := _valid(name, given.get(name, "")))}


def listed(session: Session, caller: Caller, wanted: Mapping[str, str], *, after: str | None) -> dict[str, Any]:
    """A page of reminders, newest first, as ``{items, next}``; each item is ``{reminder, about}``.

    ``about`` is what of the obligation a line tells: obligation_id, project_code, office, type, due.
    """
    named: dict[str, Any] = {api: wanted.get(name) for name, api in _NAMES.items()}
    named["obligation_id"] = UUID(wanted["obligation"]) if "obligation" in wanted else None
    found = queries.reminders(session, caller, **named, after=after, limit=PAGE)
    about = _about(session, [UUID(one["obligation_ids"][0]) for one in found["items"]])
    items = [{"reminder": one, "about": about[one["obligation_ids"][0]]} for one in found["items"]]
    return {"items": items, "next": found["next"]}


def counts(session: Session, caller: Caller) -> dict[str, int]:
    """How many of the reminders that a caller sees fared how, by status."""
    query = select(Reminder.status, func.count()).join(
        ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id
    )
    found = dict(session.execute(query.where(queries.visible(caller)).group_by(Reminder.status)).all())
    return {status: found.get(status, 0) for status in schemas.REMINDER_STATUSES}


def _about(session: Session, ids: Sequence[UUID]) -> dict[str, Mapping[str, Any]]:
    columns = (
        *(ObligationRow.obligation_id, ObligationRow.project_code, ObligationRow.office),
        *(ObligationRow.type, ObligationRow.due),
    )
    rows = session.execute(select(*columns).where(ObligationRow.obligation_id.in_(ids))).mappings()
    return {str(row["obligation_id"]): dict(row) for row in rows}


def _valid(name: str, text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        return ""
    try:
        _SCHEMA.load({_NAMES[name]: text})
    except ValidationError:
        return ""
    return text
