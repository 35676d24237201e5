"""The chat channel of an office as a whole: shown masked, kept as it is, taken away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import chat_address
from muster_notify.bodies import wrong
from muster_notify.models import OfficeChannel, Record
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import forbidden, not_found


def shown(session: Session, caller: Caller, office: str) -> dict[str, Any]:
    """Where an office is told.

    Raises:
        Problem: 403 another office's, 404 the office is not known or has no channel.
    """
    _check(session, caller, office)
    row = session.get(OfficeChannel, office)
    if row is None:
        raise not_found(f"office {office} has no channel of its own")
    return _document(row)


def masked(session: Session, office: str) -> str:
    """The address of an office's channel as it may be seen; empty where it has none."""
    row = session.get(OfficeChannel, office)
    return chat_address.masked(row.chat_url) or "" if row else ""


def listed(session: Session) -> dict[str, str]:
    """The masked channel of each office that has one."""
    rows = session.scalars(select(OfficeChannel).order_by(OfficeChannel.office))
    return {row.office: chat_address.masked(row.chat_url) or "" for row in rows}


def replace(context: Context, caller: Caller, office: str, chat_url: str) -> dict[str, Any]:
    """Tell an office at a chat address from now on; the masked one, as it was shown, keeps what there is.

    Raises:
        Problem: 403, 404, or 422 an address that is none; nothing was changed.
    """
    with context.sessions.begin() as session:
        _check(session, caller, office)
        stored = session.get(OfficeChannel, office)
        if stored is not None and chat_url == chat_address.masked(stored.chat_url):
            chat_url = stored.chat_url
        reason = chat_address.why_not(context.settings, chat_url)
        if reason:
            raise wrong("chat_url", reason)
        row = {"chat_url": chat_url, "updated_at": context.clock.now(), "updated_by": caller.name}
        statement = insert(OfficeChannel).values(row | {"office": office})
        session.execute(statement.on_conflict_do_update(index_elements=["office"], set_=row))
        audit.note(session, caller, "office_channel_set", {"office": office}, at=context.clock.now())
        session.expire_all()
        return shown(session, caller, office)


def remove(context: Context, caller: Caller, office: str) -> None:
    """Tell an office as a whole no more; once more changes nothing.

    Raises:
        Problem: 403, 404.
    """
    with context.sessions.begin() as session:
        _check(session, caller, office)
        session.execute(delete(OfficeChannel).where(OfficeChannel.office == office))
        audit.note(session, caller, "office_channel_removed", {"office": office}, at=context.clock.now())


def _check(session: Session, caller: Caller, office: str) -> None:
    is_head = caller.role == "head_of_office" and office in caller.offices
    if not (is_head or caller.role == "admin"):
        raise forbidden("an office's channel is for the head of that office, and administrators")
    if not office.isprintable() or session.get(Record, ("office", office)) is None:
        raise not_found(f"there is no office '{office[:40]}'")


def _document(row: OfficeChannel) -> dict[str, Any]:
    return {
        "office": row.office,
        "chat_url": chat_address.masked(row.chat_url),
        "updated_at": iso_z(row.updated_at),
        "updated_by": row.updated_by,
    }
