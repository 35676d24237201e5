"""People who may sign in: added, changed, closed and reopened by administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_ingest.identity.models import PersonRow
from muster_ingest.identity.taking_back import sign_out
from muster_shared import audit
from muster_shared.auth import Caller, check_scope
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden, not_found

_SCOPE = ("role", "offices", "regions", "donor")


def listed(context: Context, caller: Caller) -> dict[str, Any]:
    """Everybody, by address.

    Raises:
        Problem: 403, the caller is no administrator.
    """
    only_administrators(caller)
    with context.sessions() as session:
        rows = session.scalars(select(PersonRow).order_by(PersonRow.email))
        return {"items": [document(row) for row in rows], "next": None}


def one(context: Context, caller: Caller, email: str) -> dict[str, Any]:
    """Somebody by address, in any case of letters.

    Raises:
        Problem: 403 no administrator, 404 nobody with this address.
    """
    only_administrators(caller)
    with context.sessions() as session:
        row = session.get(PersonRow, email.lower())
        if row is None:
            raise not_found(f"nobody with the address {email[:200]} is known")
        return document(row)


def add(context: Context, caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody new.

    Raises:
        Problem: 403 no administrator, 409 the address is known already, 422 a scope that the role needs is missing, or
            a time zone that does not exist.
    """
    only_administrators(caller)
    _check(given)
    row = PersonRow(
        **{**given, "email": given["email"].lower()},
        active=True,
        added_at=context.clock.now(),
        added_by=caller.name,
        last_signed_in=None,
    )
    with context.sessions.begin() as session:
        if session.get(PersonRow, row.email):
            raise Problem(409, "known_already", f"{row.email} is known already: change that entry")
        session.add(row)
        audit.note(session, caller, "user_added", _noted(row), at=row.added_at)
        return document(row)


def change(context: Context, caller: Caller, email: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Other facts about somebody; who gets another role or scope, or is closed, is signed out everywhere.

    Raises:
        Problem: 403 no administrator, 404 nobody with this address, 422 as for somebody new.
    """
    only_administrators(caller)
    with context.sessions.begin() as session:
        row = person(session, email)
        before = _powers(row)
        _check({**{name: getattr(row, name) for name in (*_SCOPE, "time_zone")}, **given})
        for name, value in given.items():
            setattr(row, name, value)
        if _powers(row) != before:
            sign_out(session, row.email)
        audit.note(session, caller, "user_changed", _noted(row), at=context.clock.now())
        return document(row)


def sign_out_everywhere(context: Context, caller: Caller, email: str) -> None:
    """Every session and token of somebody is void; people may do so for themselves.

    Raises:
        Problem: 403, neither an administrator nor the person.
    """
    if caller.role != "admin" and caller.name.lower() != email.lower():
        raise forbidden("you sign out yourself; administrators sign out others")
    with context.sessions.begin() as session:
        sign_out(session, email)
        audit.note(session, caller, "signed_out_everywhere", {"person": email.lower()}, at=context.clock.now())


def person(session: Session, email: str) -> PersonRow:
    """Somebody by address, locked.

    Raises:
        Problem: 404, there is nobody.
    """
    row = session.get(PersonRow, email.lower(), with_for_update=True)
    if row is None:
        raise not_found(f"nobody with the address {email[:200]} is known")
    return row


def caller_of(row: PersonRow) -> Caller:
    """Somebody as the caller that a session of theirs names."""
    return Caller(row.email, row.role, tuple(row.offices), tuple(row.regions), row.donor)


def document(row: PersonRow) -> dict[str, Any]:
    """Somebody as the outside sees them."""
    return {
        "email": row.email,
        "name": row.name,
        "language": row.language,
        "time_zone": row.time_zone,
        "role": row.role,
        "offices": row.offices,
        "regions": row.regions,
        "donor": row.donor,
        "active": row.active,
        "added_at": iso_z(row.added_at),
        "added_by": row.added_by,
        "last_signed_in": iso_z(row.last_signed_in) if row.last_signed_in else None,
    }


def only_administrators(caller: Caller) -> None:
    """Raises a ``Problem`` 403 for everybody else."""
    if caller.role != "admin":
        raise forbidden("people and their tokens are the administrators'")


def _noted(row: PersonRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in (*_SCOPE, "active")}
    return {"person": row.email, **told}


def _powers(row: PersonRow) -> tuple[Any, ...]:
    return (row.role, list(row.offices), list(row.regions), row.donor, row.active)


def _check(given: Mapping[str, Any]) -> None:
    errors = []
    offices, regions = tuple(given["offices"]), tuple(given["regions"])
    try:
        check_scope(Caller("", given["role"], offices, regions, given["donor"]))
    except ValueError as error:
        errors.append(DataError("scope", str(error), "role", pointer="/role", value=given["role"]))
    try:
        ZoneInfo(given["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "is no time zone: give a name such as Africa/Nairobi"
        errors.append(DataError("time_zone", message, "time_zone", pointer="/time_zone", value=given["time_zone"]))
    if errors:
        raise Problem(422, "rejected", "this cannot be stored", errors=errors)
