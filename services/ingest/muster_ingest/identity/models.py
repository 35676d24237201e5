"""What ingest keeps of people and their tokens; no token and no password is stored, only hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

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


class ErasureRow(Base):
    """A person who is to be erased, or was: ``address`` and ``names`` are empty once that is done everywhere.

    ``digest`` is the SHA-256 of ``salt`` and the address: by it a second wish, and a token of theirs, are known again.
    What was issued to them up to ``void_before`` (seconds since 1970) opens nothing. ``touched`` counts rewritten rows
    by service and table; a service stands in it once it is done. ``looked_upto`` is the number of the last submission
    whose bytes were looked at; ``restricted`` counts those that name the person.
    """

    __tablename__ = "erasure"

    erasure_id: Mapped[UUID] = mapped_column(primary_key=True)
    mark: Mapped[str]
    salt: Mapped[str]
    digest: Mapped[str]
    address: Mapped[str | None]
    names: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    void_before: Mapped[float]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    passes: Mapped[int] = mapped_column(default=0)
    rewritten_at: Mapped[datetime | None]
    looked_upto: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[datetime | None]
    restricted: Mapped[int] = mapped_column(default=0)
    touched: Mapped[dict[str, Any]]
    done_at: Mapped[datetime | None]


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
