"""What ingest keeps of people and their tokens; no token and no password is stored, only hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from muster_ingest.models import Base


class PersonRow(Base):
    """Somebody who may sign in, by address in small letters: one role, in the scope that it needs."""

    __tablename__ = "person"

    email: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    language: Mapped[str]
    time_zone: Mapped[str]
    role: Mapped[str]
    offices: Mapped[list[str]] = mapped_column(ARRAY(Text))
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    donor: Mapped[str | None]
    active: Mapped[bool]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    last_signed_in: Mapped[datetime | None]


class ApiToken(Base):
    """A token that was handed out under a ``title``; times but ``expires_at`` are of the business clock."""

    __tablename__ = "api_token"

    token_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    title: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    offices: Mapped[list[str]] = mapped_column(ARRAY(Text))
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    donor: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class RevokedToken(Base):
    """A token that opens nothing any more; forgotten once it would have expired."""

    __tablename__ = "revoked_token"

    token_id: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SignedOut(Base):
    """Somebody whose tokens and sessions are void where issued up to ``before`` (seconds since 1970)."""

    __tablename__ = "signed_out"

    email: Mapped[str] = mapped_column(primary_key=True)
    before: Mapped[float]


class RevocationState(Base):
    """One row: a number that grows with whatever is taken back."""

    __tablename__ = "revocation"

    single: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]


class SignInLink(Base):
    """A link to sign in with that was sent by mail, and the browser that asked for it; only hashes of both.

    Times are the machine's. Rows are forgotten a day after they were made.
    """

    __tablename__ = "sign_in_link"

    link_hash: Mapped[str] = mapped_column(primary_key=True)
    nonce_hash: Mapped[str]
    email: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
