"""What of the records and submissions a caller sees: their offices', their regions', and of a manager own projects."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from muster_ingest.models import Record, Revision, Submission
from muster_shared.auth import Caller

FOR_ALL: Final = ("office", "donor", "partner", "exchange_rate", "published_total", "initiative", "indicator_value")
_MANAGERS: Final = ("manager", "alternate_manager")


def offices_seen(session: Session, caller: Caller) -> set[str] | None:
    """The offices a caller sees; None means all."""
    if caller.sees_all_offices:
        return None
    seen = set(caller.offices)
    if caller.regions:
        region = Record.fields["region"].astext
        query = select(Record.key).where(Record.kind == "office", region.in_(caller.regions))
        seen |= set(session.scalars(query))
    return seen


def records_seen(session: Session, caller: Caller, kind: str) -> ColumnElement[bool]:
    """Which records of a kind a caller sees."""
    seen = offices_seen(session, caller)
    if caller.role == "donor":
        return false()
    if seen is None or kind in FOR_ALL:
        return true()
    if kind == "project" and caller.role == "project_manager":
        return or_(Record.office.in_(seen), Record.key.in_(_own_projects(caller)))  # a key is read faster than a field
    return or_(Record.office.in_(seen), of_own_projects(caller))


def of_own_projects(caller: Caller) -> ColumnElement[bool]:
    """Whether a record is, or is of, a project that the caller manages or stands in for."""
    if caller.role != "project_manager":
        return false()
    code: ColumnElement[str] = Record.fields["project_code"].astext
    return code.in_(_own_projects(caller))


def submissions_seen(session: Session, caller: Caller) -> ColumnElement[bool]:
    """Which submissions a caller sees; of what could not be read, and so has no office, only its sender's."""
    seen = offices_seen(session, caller)
    if seen is None:
        return true()
    own_unreadable = and_(Submission.office.is_(None), Submission.caller == caller.name)
    return or_(Submission.office.in_(seen), own_unreadable, _only_of_own_projects(caller))


def _own_projects(caller: Caller) -> Select[str]:
    project = aliased(Record)
    named = (func.lower(project.fields[name]["email"].astext) == caller.name.strip().lower() for name in _MANAGERS)
    return select(project.key).where(project.kind == "project", or_(*named))


def _only_of_own_projects(caller: Caller) -> ColumnElement[bool]:
    """What tells of other projects as well is not shown: the file as it was received would tell of those."""
    if caller.role != "project_manager":
        return false()
    written = (
        select(Revision.change_id)
        .join(Record, and_(Record.kind == Revision.kind, Record.key == Revision.key))
        .where(Revision.submission_id == Submission.submission_id)
    )
    own = of_own_projects(caller)
    return and_(exists(written.where(own)), ~exists(written.where(func.coalesce(own, false()).is_(false()))))
