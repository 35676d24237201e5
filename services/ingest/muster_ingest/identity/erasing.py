"""Erasing a person: the wish for it, which is a row, and how far it is. The work is done by ``erasing_work``.

Who was erased is known again by a salted digest of their address only. ``docs/decisions/0014`` says what gives way to a
pseudonym and what is restricted instead.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from muster_ingest.identity import responsibility
from muster_ingest.identity.models import ErasureRow, PersonRow
from muster_ingest.identity.people import only_administrators
from muster_ingest.identity.taking_back import count_one_more
from muster_shared import audit, erasing, erasing_heard
from muster_shared.auth import Caller
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.erasing import Erasure
from muster_shared.names import INGEST_SWEEP
from muster_shared.problems import Problem, forbidden, not_found

FOLLOWERS: Final = ("report", "notify")
_ASKING: Final = 0x65726173  # one wish at a time
_WRITTEN: Final = "(SELECT fields::text AS told FROM revision UNION ALL SELECT content::text FROM revision_pack) AS log"
_BESIDE: Final = text(
    f"""
    SELECT DISTINCT (found.name)[1] FROM (
        SELECT regexp_matches(told, :beside, 'gi') AS name FROM {_WRITTEN} WHERE strpos(lower(told), :address) > 0
    ) AS found
    """  # noqa: S608 - put together from constants
)
_BORNE_BY_OTHERS: Final = text(
    f"""
    SELECT EXISTS (
        SELECT FROM {_WRITTEN} WHERE strpos(lower(told), lower(:in_json)) > 0 AND told ~* :beside_another
    ) OR EXISTS (SELECT FROM person WHERE strpos(lower(name), lower(:plain)) > 0 AND email <> :address)
    """  # noqa: S608 - put together from constants
)


def ask(context: Context, caller: Caller, email: str, *, force: bool) -> dict[str, Any]:
    """Wish for somebody to be erased; again, where they were erased before and nothing came in since, changes nothing.

    Raises:
        Problem: 403 no administrator, 404 nothing names this address, 409 they answer for something still (unless
            ``force``), every project and office listed.
    """
    only_administrators(caller)
    address = email.lower()
    with context.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ASKING})
        before = _latest(session, address)
        if before is not None and before.done_at is None:
            return document(before)
        wanted = _wanted(session, address)
        if not erasing_heard.counted(session, wanted):
            if before is None and not force:
                raise not_found("nothing that is kept names this address")
            if before is not None:
                return document(before)
        if not force:
            _refuse_who_is_needed(session, address)
        row = _row(wanted, caller, context)
        session.add(row)
        count_one_more(session)
        audit.note(session, caller, "erasure_asked", {"person": wanted.pseudonym}, at=row.asked_at)
        session.flush()
        told = document(row)
    context.wake(INGEST_SWEEP)
    return told


def foretell(context: Context, caller: Caller, email: str) -> dict[str, Any]:
    """What an erasure would touch here, changing nothing; with the names that the other services are to look for.

    Raises:
        Problem: 403 no administrator.
    """
    only_administrators(caller)
    with context.sessions() as session:
        wanted = _wanted(session, email.lower())
        errors = responsibility.held_by(session, wanted.address)
        touched = erasing_heard.counted(session, wanted)
    still = [error.document() for error in errors]
    return {"dry_run": True, "names": [*wanted.names], "touched": {"ingest": touched}, "responsible": still}


def state(context: Context, caller: Caller, email: str) -> dict[str, Any]:
    """How far the latest erasure of somebody is.

    Raises:
        Problem: 403 no administrator, 404 there was none.
    """
    only_administrators(caller)
    with context.sessions() as session:
        row = _latest(session, email.lower())
        if row is None:
            raise not_found("nobody with this address was erased")
        return document(row)


def of_service(context: Context, caller: Caller) -> dict[str, Any]:
    """Whom the calling service has to erase still.

    Raises:
        Problem: 403 the caller is no service, 409 none that follows the log.
    """
    service = _follower(caller)
    query = select(ErasureRow).where(ErasureRow.done_at.is_(None), ErasureRow.passes > 0).order_by(ErasureRow.asked_at)
    with context.sessions() as session:
        rows = [row for row in session.scalars(query) if service not in row.touched]
        return {"items": [erasing.as_stored(of_row(row)) for row in rows]}


def take_done(context: Context, caller: Caller, erasure_id: UUID, touched: Mapping[str, int]) -> None:
    """Note that the calling service has nothing left that names somebody.

    Raises:
        Problem: 403 the caller is no service, 409 none that follows the log, 404 no such erasure.
    """
    service = _follower(caller)
    with context.sessions.begin() as session:
        row = session.get(ErasureRow, erasure_id, with_for_update=True)
        if row is None:
            raise not_found("there is no such erasure")
        row.touched = {**row.touched, service: dict(touched)}
    context.wake(INGEST_SWEEP)


def of_row(row: ErasureRow) -> Erasure:
    """An erasure that is not done yet, as the rewriting needs it."""
    return Erasure(str(row.erasure_id), row.address or "", tuple(row.names or ()), row.mark)


def document(row: ErasureRow) -> dict[str, Any]:
    """An erasure as the outside sees it: not whom."""
    waiting = [service for service in FOLLOWERS if service not in row.touched]
    own = ["ingest"] if row.looked_at is None or not waiting else []
    return {
        "erasure_id": str(row.erasure_id),
        "pseudonym": of_row(row).pseudonym,
        "status": "done" if row.done_at else "open",
        "waits_for": [] if row.done_at else [*own, *waiting],
        "asked_at": iso_z(row.asked_at),
        "asked_by": row.asked_by,
        "done_at": iso_z(row.done_at) if row.done_at else None,
        "touched": row.touched,
        "restricted": row.restricted,
    }


def _latest(session: Session, address: str) -> ErasureRow | None:
    rows = session.scalars(select(ErasureRow).order_by(ErasureRow.asked_at.desc(), ErasureRow.void_before.desc()))
    return next((row for row in rows if row.digest == digest_of(row.salt, address)), None)


def digest_of(salt: str, address: str) -> str:
    """By what an erased address, in small letters, is known again."""
    return hashlib.sha256(f"{salt}{address}".encode()).hexdigest()


def _wanted(session: Session, address: str) -> Erasure:
    return Erasure(str(uuid4()), address, _own_names(session, address), erasing.new_mark())


def _own_names(session: Session, address: str) -> tuple[str, ...]:
    """Names of several words that stand beside this address and in nobody else's name, the longest first."""
    found = session.scalars(_BESIDE, {"beside": erasing.beside(address), "address": address})
    names = {str(json.loads(f'"{name}"')) for name in found}
    known = session.get(PersonRow, address)
    names |= {known.name} if known else set()
    several = sorted((name for name in names if len(name.split()) > 1), key=lambda name: (-len(name), name))
    return tuple(name for name in several if not _is_borne_by_others(session, name, address))


def _is_borne_by_others(session: Session, name: str, address: str) -> bool:
    in_json = json.dumps(name, ensure_ascii=False)[1:-1]
    beside = rf'"name": "[^"]*{erasing.escaped(in_json)}[^"]*", "email": "(?!{erasing.escaped(address)}")'
    given = {"in_json": in_json, "beside_another": beside, "plain": name, "address": address}
    return bool(session.scalar(_BORNE_BY_OTHERS, given))


def _refuse_who_is_needed(session: Session, address: str) -> None:
    errors = responsibility.held_by(session, address)
    if errors:
        codes = ", ".join(dict.fromkeys(str(error.value) for error in errors[:20]))
        detail = f"they answer for {codes} still: hand that over first, for example with 'muster user handover'"
        raise Problem(409, "still_responsible", detail, errors=errors)


def _row(wanted: Erasure, caller: Caller, context: Context) -> ErasureRow:
    salt = secrets.token_hex(16)
    return ErasureRow(
        erasure_id=UUID(wanted.erasure_id),
        mark=wanted.mark,
        salt=salt,
        digest=digest_of(salt, wanted.address),
        address=wanted.address,
        names=[*wanted.names],
        void_before=real_now().timestamp(),
        asked_at=context.clock.now(),
        asked_by=caller.name,
        passes=0,
        looked_upto=0,
        restricted=0,
        touched={},
    )


def _follower(caller: Caller) -> str:
    if caller.role != "service":
        raise forbidden("this is what services tell one another")
    if caller.name not in FOLLOWERS:
        raise Problem(409, "no_follower", f"'{caller.name[:40]}' is no service that follows the log")
    return caller.name
