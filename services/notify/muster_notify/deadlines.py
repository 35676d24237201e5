"""What is owed as the pages show it: filtered, counted by how it stands, most overdue first, or a month of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from muster_notify import queries
from muster_notify.background import donor_names
from muster_notify.judging import NOBODY
from muster_notify.models import ObligationRow, Record, Reminder
from muster_notify.people import projects
from muster_shared.auth import Caller
from muster_shared.coverage import RETURNED

OPEN: Final = ("overdue", "returned", "due_soon", "upcoming")
HANDED_IN: Final = ("submitted", "closed")
GROUPS: Final = (*OPEN, *HANDED_IN)
PAGE: Final = 50
_LONGEST: Final = 100
_FARTHEST_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Which deadlines are looked at; what is empty does not narrow them. ``mine``: of projects the caller manages.

    ``status`` is one of ``GROUPS``; empty: all that is still owed. ``first`` and ``last`` bound the due date.
    """

    status: str = ""
    office: str = ""
    region: str = ""
    donor: str = ""
    project: str = ""
    mine: bool = False
    first: date | None = None
    last: date | None = None

    def query(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: "1" if value is True else str(value) for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by: codes of regions, offices and donors with their names."""

    offices: Mapping[str, str]
    regions: Sequence[str]
    donors: Mapping[str, str]


def filters_of(given: Mapping[str, str]) -> Filters:
    """The filters that an address states; what is none is left out."""
    status = given.get("status", "")
    texts = {name: _plain(given.get(name, "")) for name in ("office", "region", "donor", "project")}
    return Filters(
        status=status if status in GROUPS else "",
        mine=given.get("mine") == "1",
        first=_day(given.get("first", "")),
        last=_day(given.get("last", "")),
        **texts,
    )


def standings_of(wanted: Filters) -> Sequence[str]:
    """How what a list holds may stand: all that is still owed, if nothing else is asked for; of a day everything."""
    if wanted.status:
        return [wanted.status]
    return GROUPS if wanted.first and wanted.first == wanted.last else OPEN


def page_of(given: Mapping[str, str]) -> int:
    """The number of a page, from 1."""
    text = given.get("page", "")
    return min(max(int(text), 1), _FARTHEST_PAGE) if text.isdecimal() and text.isascii() and len(text) < 6 else 1


def counts(session: Session, caller: Caller, wanted: Filters, *, now: datetime) -> dict[str, int]:
    """How many obligations stand how, by ``GROUPS``; the status that is filtered by does not count here."""
    days = queries.local_days(session, now)
    group = _group(days.c.today).label("standing")
    query = (
        select(group, func.count())
        .where(*_conditions(caller, wanted))
        .join(days, days.c.zone == ObligationRow.time_zone)
    )
    found: Mapping[str, int] = dict(session.execute(query.group_by(group)).all())
    return {name: found.get(name, 0) for name in GROUPS}


def listed(
    session: Session, caller: Caller, wanted: Filters, *, now: datetime, page: int = 1, most: int = PAGE
) -> list[dict[str, Any]]:
    """Deadlines of a page, as ``shown``: what is owed in the order of due dates, what came in the newest first."""
    days = queries.local_days(session, now)
    group = _group(days.c.today)
    query = select(ObligationRow).where(*_conditions(caller, wanted)).join(days, days.c.zone == ObligationRow.time_zone)
    query = query.where(group.in_(standings_of(wanted)))
    order = ObligationRow.due.desc() if wanted.status in HANDED_IN else ObligationRow.due
    query = query.order_by(order, ObligationRow.obligation_id).offset((page - 1) * most).limit(most)
    return shown(session, session.scalars(query).all(), now=now)


def of_project(session: Session, caller: Caller, code: str, *, now: datetime, most: int) -> list[dict[str, Any]]:
    """All that a project owes and owed, in the order of due dates, as ``shown`` with ``told``: its reminders counted.

    ``told`` maps the status of reminders to how many there are, without those that nobody was to be told of.
    """
    query = select(ObligationRow).where(queries.visible(caller), ObligationRow.cancelled_at.is_(None))
    query = query.where(ObligationRow.project_code == _plain(code)).order_by(ObligationRow.due, ObligationRow.type)
    rows = session.scalars(query.limit(most)).all()
    told = _reminders(session, [row.obligation_id for row in rows])
    return [{**one, "told": told.get(one["obligation_id"], {})} for one in shown(session, rows, now=now)]


def _reminders(session: Session, ids: Sequence[UUID]) -> dict[str, dict[str, int]]:
    query = (
        select(Reminder.obligation_id, Reminder.status, func.count())
        .where(Reminder.obligation_id.in_(ids), Reminder.recipient != NOBODY)
        .group_by(Reminder.obligation_id, Reminder.status)
        .order_by(Reminder.status)
    )
    found: dict[str, dict[str, int]] = {}
    for obligation_id, status, number in session.execute(query):
        found.setdefault(str(obligation_id), {})[status] = number
    return found


def shown(session: Session, rows: Sequence[ObligationRow], *, now: datetime) -> list[dict[str, Any]]:
    """Obligations as the outside sees them, with ``title`` and ``donor``, and ``group``: one of ``GROUPS``."""
    codes = {row.project_code for row in rows}
    known, donors = projects(session, codes), donor_names(session, codes)
    return [
        {
            **(document := queries.document_of(row, now)),
            "title": known.get(row.project_code, {}).get("title", ""),
            "donor": donors.get(row.grant_id, ""),
            "returned": row.state == RETURNED,
            "group": _group_of(document),
        }
        for row in rows
    ]


def in_month(
    session: Session, caller: Caller, wanted: Filters, *, first: date, last: date, most: int, now: datetime
) -> tuple[list[dict[str, Any]], dict[date, int]]:
    """What is due from a day to another, the first ``most`` of each day as ``shown``, and how many there are."""
    days = queries.local_days(session, now)
    place = func.row_number().over(partition_by=ObligationRow.due, order_by=ObligationRow.obligation_id)
    query = select(ObligationRow.obligation_id, ObligationRow.due, place.label("place")).where(
        *_conditions(caller, wanted)
    )
    query = query.join(days, days.c.zone == ObligationRow.time_zone).where(ObligationRow.due.between(first, last))
    if wanted.status:
        query = query.where(_group(days.c.today) == wanted.status)
    due = query.subquery()
    numbers = session.execute(select(due.c.due, func.count()).group_by(due.c.due)).all()
    ids = select(due.c.obligation_id).where(due.c.place <= most)
    rows = session.scalars(
        select(ObligationRow)
        .where(ObligationRow.obligation_id.in_(ids))
        .order_by(ObligationRow.due, ObligationRow.obligation_id)
    )
    return shown(session, rows.all(), now=now), dict(numbers)


def manages_any(session: Session, caller: Caller) -> bool:
    """Whether the caller is manager or alternate manager of a project that still owes something."""
    owed = select(ObligationRow.obligation_id).where(_mine(caller), ObligationRow.cancelled_at.is_(None))
    return session.execute(owed.limit(1)).first() is not None


def choices(session: Session, caller: Caller) -> Choices:
    """What the deadlines that a caller sees can be filtered by."""
    seen = select(ObligationRow.office, ObligationRow.region).where(
        queries.visible(caller), ObligationRow.cancelled_at.is_(None)
    )
    places = session.execute(seen.distinct()).all()
    return Choices(
        offices=_offices(session, {row.office for row in places}),
        regions=sorted({row.region for row in places if row.region}),
        donors=_donors(session, caller),
    )


def _offices(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Code to the code with the name behind it."""
    query = select(Record.key, Record.fields["name"].astext).where(Record.kind == "office", Record.key.in_(codes))
    names = {key: f"{key} {name}" for key, name in session.execute(query)}
    return {code: names.get(code, code) for code in sorted(codes)}


def _donors(session: Session, caller: Caller) -> dict[str, str]:
    grants = select(ObligationRow.grant_id).where(queries.visible(caller), ObligationRow.cancelled_at.is_(None))
    donor_id = Record.fields["donor_id"].astext
    ids = select(donor_id).where(Record.kind == "grant", Record.key.in_(grants))
    query = select(Record.key, Record.fields["name"].astext).where(Record.kind == "donor", Record.key.in_(ids))
    found: Iterable[Any] = session.execute(query)
    return dict(sorted(((key, name) for key, name in found), key=lambda item: (item[1] or item[0]).casefold()))


def _conditions(caller: Caller, wanted: Filters) -> Iterable[ColumnElement[bool]]:
    yield queries.visible(caller)
    yield ObligationRow.cancelled_at.is_(None)
    columns = {"office": ObligationRow.office, "region": ObligationRow.region, "project": ObligationRow.project_code}
    yield from (column == getattr(wanted, name) for name, column in columns.items() if getattr(wanted, name))
    if wanted.donor:
        of_donor = Record.fields["donor_id"].astext == wanted.donor
        yield ObligationRow.grant_id.in_(select(Record.key).where(Record.kind == "grant", of_donor))
    if wanted.mine:
        yield _mine(caller)
    if wanted.first:
        yield ObligationRow.due >= wanted.first
    if wanted.last:
        yield ObligationRow.due <= wanted.last


def _mine(caller: Caller) -> ColumnElement[bool]:
    return ObligationRow.managers.contains([caller.name.strip().casefold()])


def _group(today: ColumnElement[date]) -> ColumnElement[str]:
    """How an obligation stands; a returned one past its due date is overdue."""
    return case(
        *((queries.is_of(name, today), name) for name in ("overdue", "returned", "due_soon", "upcoming")),
        else_=ObligationRow.state,
    )


def _group_of(document: Mapping[str, Any]) -> str:
    is_overdue = document["status"] == "overdue" or (document["status"] == "returned" and document["days_late"] > 0)
    return "overdue" if is_overdue else str(document["status"])


def _plain(text: str) -> str:
    return text[:_LONGEST].strip() if text.isprintable() else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
