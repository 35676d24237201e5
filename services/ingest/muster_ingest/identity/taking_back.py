"""Taking tokens back, and signing people out everywhere; other services hear of it within a second."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from muster_ingest.identity.models import ErasureRow, RevocationState, RevokedToken, SignedOut
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.revocation import Gone, NotToldNow, Revocation, Revoked


def take_back(session: Session, token_id: str, *, expires_at: datetime) -> None:
    """A token opens nothing any more; ``expires_at`` is aware, the machine's time."""
    row = {"token_id": token_id, "expires_at": expires_at}
    session.execute(insert(RevokedToken).values(row).on_conflict_do_nothing())
    session.execute(delete(RevokedToken).where(RevokedToken.expires_at < real_now()))
    count_one_more(session)


def sign_out(session: Session, email: str) -> None:
    """Every token and session of a person issued until now is void."""
    upsert = insert(SignedOut).values(email=email.lower(), before=real_now().timestamp())
    latest = func.greatest(SignedOut.before, upsert.excluded.before)
    session.execute(upsert.on_conflict_do_update(index_elements=["email"], set_={"before": latest}))
    count_one_more(session)


def revoked(session: Session, known: int) -> Revoked | None:
    """What was taken back, or None where ``known`` is its number still."""
    number = session.scalars(select(RevocationState.number)).one()
    if number == known:
        return None
    tokens = frozenset(session.scalars(select(RevokedToken.token_id)))
    people = {row.email: row.before for row in session.scalars(select(SignedOut))}
    erased = session.execute(select(ErasureRow.salt, ErasureRow.digest, ErasureRow.void_before))
    return Revoked(number, tokens, people, tuple(Gone(*row) for row in erased))


def of_own(context: Context) -> Revocation:
    """What ingest itself goes by: its own database."""

    def ask(number: int) -> Revoked | None:
        try:
            with context.sessions() as session:
                return revoked(session, number)
        except DBAPIError as error:
            raise NotToldNow(type(error).__name__) from error

    return Revocation(ask)


def count_one_more(session: Session) -> None:
    """Something was taken back: whoever goes by it reads it anew."""
    session.execute(update(RevocationState).values(number=RevocationState.number + 1))
