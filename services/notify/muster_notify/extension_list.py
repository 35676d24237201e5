"""The extensions a caller sees, with the end each one changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from muster_notify import queries
from muster_notify.extension_dates import OPEN, old_end, status_of
from muster_notify.models import Record
from muster_shared.auth import Caller
from muster_shared.problems import forbidden, not_found
from muster_shared.schedules import Fields

_PROJECT = aliased(Record, name="project")
_OFFICE = aliased(Record, name="office")
_REQUESTED = Record.fields["requested_on"].astext
_DECISION = Record.fields["decision"].astext


def extensions(
    session: Session,
    caller: Caller,
    *,
    status: str | None,
    region: str | None,
    office: str | None,
    project_code: str | None,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """Extensions, those asked for last first, as ``{items, next}``."""
    query = _seen(caller).order_by(_REQUESTED.desc(), Record.key.desc())
    if status:
        query = query.where(_DECISION.is_not_distinct_from(None if status == OPEN else status))
    for column, value in ((_OFFICE.fields["region"].astext, region), (_PROJECT.office, office)):
        query = query.where(column == value) if value else query
    if project_code:
        query = query.where(Record.project_code == project_code)
    if after:
        query = query.where(tuple_(_REQUESTED, Record.key) < queries.place_in_list(after))
    rows = session.execute(query.limit(limit + 1)).all()
    others = _others(session, {row.project["project_code"] for row in rows})
    items = [_document(row.extension, row.project, row.region, others) for row in rows]
    return queries.listed(items, [[row.extension["requested_on"], row.key] for row in rows], limit)


def waiting(session: Session, caller: Caller) -> int:
    """How many of the extensions that a caller sees wait for a decision.

    Raises:
        Problem: 403, the role has nothing to do with extensions.
    """
    still_open = _seen(caller).where(_DECISION.is_(None)).subquery()
    return session.execute(select(func.count()).select_from(still_open)).scalar_one()


def project_seen(session: Session, caller: Caller, project_code: str) -> Fields:
    """A project that the caller may see.

    Raises:
        Problem: 404.
    """
    query = (
        select(_PROJECT.fields)
        .select_from(_PROJECT)
        .outerjoin(_OFFICE, (_OFFICE.kind == "office") & (_OFFICE.key == _PROJECT.office))
        .where(_PROJECT.kind == "project", _PROJECT.project_code == project_code, _visible(caller))
    )
    project = session.scalars(query).first() if project_code.isprintable() else None
    if project is None:
        raise not_found(f"there is no project {project_code[:100]} that you may see")
    return dict(project)


def _seen(caller: Caller) -> Select[Any]:
    region = _OFFICE.fields["region"].astext.label("region")
    return (
        select(Record.key, Record.fields.label("extension"), _PROJECT.fields.label("project"), region)
        .join(_PROJECT, (_PROJECT.kind == "project") & (_PROJECT.project_code == Record.project_code))
        .outerjoin(_OFFICE, (_OFFICE.kind == "office") & (_OFFICE.key == _PROJECT.office))
        .where(Record.kind == "extension", _visible(caller))
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    """What of the projects a caller sees: as of what they owe."""
    if caller.sees_all_offices:
        return true()
    region: ColumnElement[str] = _OFFICE.fields["region"].astext
    if caller.role in queries.ROLES_BY_OFFICE:
        return or_(_PROJECT.office.in_(caller.offices), region.in_(queries.headed(caller)))
    if caller.role == "reviewer":
        return region.in_(caller.regions)
    if caller.role == "project_manager":
        named = [_PROJECT.fields[who]["email"].astext for who in ("manager", "alternate_manager")]
        return or_(*(func.lower(email) == caller.name.strip().lower() for email in named))
    raise forbidden("extensions are not for donors: ask for the reports released to you")


def _others(session: Session, codes: set[str]) -> Mapping[str, Sequence[Fields]]:
    query = select(Record.project_code, Record.fields).where(Record.kind == "extension", Record.project_code.in_(codes))
    found: dict[str, list[Fields]] = defaultdict(list)
    for row in session.execute(query):
        found[row.project_code].append(row.fields)
    return found


def _document(
    extension: Fields, project: Fields, region: str | None, others: Mapping[str, Sequence[Fields]]
) -> dict[str, Any]:
    code = project["project_code"]
    told = ("requested_on", "new_end", "reason", "requested_by", "decided_by", "decided_on", "comment")
    return {
        "project_code": code,
        "title": project["title"],
        "office": project["office"],
        "region": region,
        "old_end": old_end(project, others[code], extension).isoformat(),
        **{name: extension.get(name) for name in told},
        "status": status_of(extension),
    }
