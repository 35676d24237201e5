"""API tokens: handed out under a title, shown once, listed, taken back at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from muster_ingest.identity.models import ApiToken
from muster_ingest.identity.taking_back import take_back
from muster_shared import audit
from muster_shared.auth import Caller, issue
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden, not_found


def hand_out(context: Context, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A new token, its text shown this once; people get tokens for what they are, administrators for anybody.

    ``asked``: title, days, and of administrators name, role, offices, regions, donor.

    Raises:
        Problem: 403 for somebody else's role or scope, 422 for a scope that the role needs and that is missing.
    """
    bearer = _bearer(caller, asked)
    token_id = secrets.token_hex(16)
    try:
        text = issue(context.settings, bearer, lifetime=timedelta(days=asked["days"]), token_id=token_id)
    except ValueError as error:
        errors = [DataError("scope", str(error), "role", pointer="/role", value=bearer.role)]
        raise Problem(422, "rejected", "no token can be made for this", errors=errors) from error
    row = ApiToken(
        token_id=token_id,
        token_hash=hashlib.sha256(text.encode()).hexdigest(),
        title=asked["title"],
        name=bearer.name,
        role=bearer.role,
        offices=list(bearer.offices),
        regions=list(bearer.regions),
        donor=bearer.donor,
        made_at=context.clock.now(),
        made_by=caller.name,
        expires_at=real_now() + timedelta(days=asked["days"]),
    )
    with context.sessions.begin() as session:
        session.add(row)
        audit.note(session, caller, "token_made", _noted(row), at=row.made_at)
        return {**_document(row), "token": text}


def listed(context: Context, caller: Caller) -> dict[str, Any]:
    """The caller's tokens, of an administrator everybody's, newest first."""
    query = select(ApiToken).order_by(ApiToken.made_at.desc(), ApiToken.token_id)
    if caller.role != "admin":
        query = query.where(func.lower(ApiToken.name) == caller.name.lower())
    with context.sessions() as session:
        return {"items": [_document(row) for row in session.scalars(query)], "next": None}


def revoke(context: Context, caller: Caller, token_id: str) -> None:
    """It opens nothing any more, in every service within a second.

    Raises:
        Problem: 404, it is not a token that the caller may take back.
    """
    with context.sessions.begin() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is None or not (caller.role == "admin" or row.name.lower() == caller.name.lower()):
            raise not_found("you have no token with this id")
        if row.revoked_at is None:
            row.revoked_at, row.revoked_by = context.clock.now(), caller.name
            take_back(session, token_id, expires_at=row.expires_at)
            audit.note(session, caller, "token_revoked", _noted(row), at=row.revoked_at)


def _bearer(caller: Caller, asked: Mapping[str, Any]) -> Caller:
    named = {name: asked[name] for name in ("name", "role", "offices", "regions", "donor") if asked.get(name)}
    if caller.role != "admin":
        if named:
            raise forbidden("tokens for others, or with another role or scope, are made by administrators")
        return caller
    if "role" not in named:
        return caller
    lists = {name: tuple(asked.get(name) or ()) for name in ("offices", "regions")}
    return Caller(named.get("name") or asked["title"], named["role"], donor=asked.get("donor"), **lists)


def _noted(row: ApiToken) -> dict[str, Any]:
    return {"person": row.name.lower(), "token_id": row.token_id, "title": row.title, "role": row.role}


def _document(row: ApiToken) -> dict[str, Any]:
    return {
        "token_id": row.token_id,
        "title": row.title,
        "name": row.name,
        "role": row.role,
        "offices": row.offices,
        "regions": row.regions,
        "donor": row.donor,
        "made_at": iso_z(row.made_at),
        "made_by": row.made_by,
        "expires_at": iso_z(row.expires_at),
        "revoked_at": iso_z(row.revoked_at) if row.revoked_at else None,
        "revoked_by": row.revoked_by,
    }
