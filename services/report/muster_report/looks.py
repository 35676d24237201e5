"""Looks as rows: whose they are, which one a copy is made in, and setting them.

A scope is ``donor:ID``, ``office:CODE`` or ``default``. Only copies that leave the house are made in a look: a donor's
report in the donor's, a report about a place in that office's, and what has none of its own in the default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.orm import Session

from muster_report.look import Look, colour, unreadable
from muster_report.models import Issue, LookRow, ReportState
from muster_report.png import NoPicture, Picture, checked
from muster_report.schedules import is_timed
from muster_report.small_cells import LEAVING, leaves_the_house
from muster_report.words import ENGLISH
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.names import DEFAULT_COPY, REPORT_REGENERATE
from muster_shared.objects import Objects
from muster_shared.problems import DataError, Problem, forbidden, not_found

DEFAULT: Final = "default"
_SCOPE: Final = re.compile(r"default|office:[A-Za-z0-9_-]{1,60}|donor:[^\x00-\x1f\x7f]{1,100}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A look as it is asked for; ``logo`` are the bytes sent, None for none."""

    name: str
    accent: str
    tint: str
    logo: bytes | None
    language: str | None


def current(
    session: Session, objects: Objects, report: str, params: Mapping[str, str], at: datetime | None = None
) -> Look | None:
    """The look that a copy is made in, now or as it stood at a time; None for the look of the house."""
    row = _row(session, report, params, at)
    return _look(objects, row) if row else None


def of_issue(session: Session, objects: Objects, issue: Issue) -> Look | None:
    """The look that an issue was made in."""
    if issue.look is None:
        return None
    return _look(objects, session.scalars(select(LookRow).where(LookRow.sha256 == issue.look).limit(1)).one())


def language(session: Session, report: str, params: Mapping[str, str]) -> str:
    """The language of a copy of which none is asked for: that of its look, else English."""
    row = _row(session, report, params, None)
    return (row.language if row else None) or ENGLISH


def put(context: Context, caller: Caller, scope: str, wanted: Wanted) -> LookRow:
    """Set the look of a scope; copies that leave the house are made anew in it, issues stay as they are.

    Raises:
        Problem: 403 for other roles than analyst and admin, 404 for what is no scope, 422 for a look that cannot be.
    """
    _check_role(caller)
    _check_scope(scope)
    look = _checked(wanted)
    logo = context.objects.put(look.logo.content) if look.logo else None
    shown = {"name": look.name, "accent": look.accent, "tint": look.tint, "logo": logo, "sha256": look.sha256}
    return _add(context, caller, scope, language=wanted.language, **shown)


def remove(context: Context, caller: Caller, scope: str) -> None:
    """Take the look of a scope away.

    Raises:
        Problem: 403 for other roles than analyst and admin, 404 where it has none.
    """
    _check_role(caller)
    last = one(context, scope)
    shown = {"name": last.name, "accent": last.accent, "tint": last.tint, "logo": None, "sha256": None}
    _add(context, caller, scope, language=None, **shown)


def one(context: Context, scope: str) -> LookRow:
    """The look of a scope.

    Raises:
        Problem: 404 where it has none.
    """
    with context.sessions() as session:
        row = _newest(session, scope, None)
    if row is None or row.sha256 is None:
        raise not_found(f"there is no look of '{scope[:60]}'; looks are of {DEFAULT}, office:CODE or donor:ID")
    return row


def every(session: Session) -> list[LookRow]:
    """The look of each scope that has one, in the order of scopes."""
    newest = select(LookRow.scope, func.max(LookRow.number)).group_by(LookRow.scope)
    query = select(LookRow).where(tuple_(LookRow.scope, LookRow.number).in_(newest), LookRow.sha256.is_not(None))
    return list(session.scalars(query.order_by(LookRow.scope)))


def look_document(row: LookRow) -> dict[str, Any]:
    """A look as the outside sees it."""
    return {
        "scope": row.scope,
        "name": row.name,
        "accent": row.accent,
        "tint": row.tint,
        "language": row.language,
        "logo": row.logo,
        "set": {"at": iso_z(row.set_at), "by": row.set_by},
    }


def _row(session: Session, report: str, params: Mapping[str, str], at: datetime | None) -> LookRow | None:
    rows = (_newest(session, scope, at) for scope in _scopes(report, params))
    return next((row for row in rows if row and row.sha256), None)


def _scopes(report: str, params: Mapping[str, str]) -> list[str]:
    if not leaves_the_house(params.get("copy", DEFAULT_COPY)):
        return []
    own = f"donor:{params['donor_id']}" if report == "donor" else f"office:{params.get('place', '')}"
    return [own, DEFAULT]


def _newest(session: Session, scope: str, at: datetime | None) -> LookRow | None:
    query = select(LookRow).where(LookRow.scope == scope)
    if at is not None:
        query = query.where(LookRow.set_at <= at)
    return session.scalars(query.order_by(LookRow.number.desc()).limit(1)).first()


def _look(objects: Objects, row: LookRow) -> Look:
    logo = checked(objects.get(row.logo)) if row.logo else None
    return Look(row.name, row.accent, row.tint, logo)


def _add(context: Context, caller: Caller, scope: str, **shown: Any) -> LookRow:
    with context.sessions.begin() as session:
        session.execute(text("LOCK TABLE look IN EXCLUSIVE MODE"))
        newest = session.execute(select(func.max(LookRow.number)).where(LookRow.scope == scope)).scalar() or 0
        row = LookRow(scope=scope, number=newest + 1, set_by=caller.name, set_at=context.clock.now(), **shown)
        session.add(row)
        action = "look_set" if row.sha256 else "look_removed"
        audit.note(session, caller, action, look_document(row), at=row.set_at)
        _make_anew(session, scope)
    context.wake(REPORT_REGENERATE)
    return row


def _make_anew(session: Session, scope: str) -> None:
    """Wish for the copies that a look is for; those with times of their own wait for them."""
    whose, _, name = scope.partition(":")
    leaving = ReportState.params["copy"].astext.in_(LEAVING)
    own = {
        "donor": (ReportState.report == "donor") & (ReportState.params["donor_id"].astext == name),
        "office": ReportState.params["place"].astext == name,
    }
    query = update(ReportState).where(leaving, ~is_timed(), ReportState.position > 0)
    session.execute(
        (query.where(own[whose]) if whose in own else query)
        .values(
            wanted=ReportState.wanted + 1,
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
        .execution_options(synchronize_session=False)
    )


def _checked(wanted: Wanted) -> Look:
    look = Look(wanted.name.strip(), _colour("accent", wanted.accent), _colour("tint", wanted.tint), _logo(wanted.logo))
    if not look.name:
        raise _wrong("name", "give the name of who the look is of: it is read out where the logo cannot be seen")
    if problem := unreadable(look.accent, look.tint):
        raise _wrong("tint" if "tint" in problem else "accent", problem)
    return look


def _colour(name: str, given: str) -> str:
    try:
        return colour(given)
    except ValueError as error:
        raise _wrong(name, str(error)) from error


def _logo(content: bytes | None) -> Picture | None:
    try:
        return None if content is None else checked(content)
    except NoPicture as error:
        raise _wrong("logo", str(error)) from error


def _check_scope(scope: str) -> None:
    if not _SCOPE.fullmatch(scope):
        raise not_found(f"'{scope[:60]}' cannot have a look: give {DEFAULT}, office:CODE or donor:ID")


def _check_role(caller: Caller) -> None:
    if caller.role not in {"analyst", "admin"}:
        raise forbidden("looks are set by analysts")


def _wrong(name: str, message: str) -> Problem:
    return Problem(422, "bad_look", "the look is not as it should be", errors=[DataError("bad_look", message, name)])
