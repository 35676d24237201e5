"""What notify keeps: the records it follows, what is owed, whom it reminded, and the mails that went out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Tables of notify; times are ``timestamptz``, JSON is ``jsonb``."""

    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy reads it
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
        str: Text,
        int: BigInteger,
    }


class FollowCursor(Base):
    """One row: how far the change log is applied. ``last`` is its newest known position.

    ``changed_at`` and ``busy_since`` are the machine's time: when the newest change came, and the first one
    of the run it belongs to. ``judged`` is the position at which a sweep last recorded all that was due, and
    ``judged_at`` the business time it did so for.
    """

    __tablename__ = "follow_cursor"

    single: Mapped[bool] = mapped_column(primary_key=True)
    epoch: Mapped[str | None]
    position: Mapped[int]
    last: Mapped[int]
    changed_at: Mapped[datetime | None]
    busy_since: Mapped[datetime | None]
    judged: Mapped[int]
    judged_at: Mapped[datetime | None]


class Record(Base):
    """A followed record as it stands now; withdrawn ones are not kept."""

    __tablename__ = "record"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    project_code: Mapped[str | None]
    office: Mapped[str]
    fields: Mapped[dict[str, Any]]


class TouchedProject(Base):
    """A project whose obligations are to be worked out anew."""

    __tablename__ = "touched_project"

    project_code: Mapped[str] = mapped_column(primary_key=True)


class ObligationRow(Base):
    """A report owed.

    ``state`` and ``submitted_on`` say what came in; how it stands depends on the day. ``cycle`` counts the times
    the ladder began: with another due date or when the report is owed again. ``next_rung_on`` is the day the
    next rung is reached, empty behind the last one. One no longer owed stays, with ``cancelled_at``.
    """

    __tablename__ = "obligation"

    obligation_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_code: Mapped[str]
    grant_id: Mapped[str]
    type: Mapped[str]
    mark: Mapped[str]
    period_start: Mapped[date]
    period_end: Mapped[date]
    due: Mapped[date]
    office: Mapped[str]
    region: Mapped[str | None]
    time_zone: Mapped[str]
    owner: Mapped[dict[str, Any]]
    managers: Mapped[list[str]]
    state: Mapped[str]
    submitted_on: Mapped[date | None]
    cycle: Mapped[int]
    next_rung_on: Mapped[date | None]
    cancelled_at: Mapped[datetime | None]
    history: Mapped[list[dict[str, Any]]]


class Mail(Base):
    """One mail to one person about everything held for them. ``lease_until`` and ``try_at`` are the machine's time.

    ``attempt`` numbers the claims; ``doubts`` counts handovers to the mail server whose outcome is not known.
    """

    __tablename__ = "mail"

    mail_id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    recipient_name: Mapped[str]
    office: Mapped[str]
    status: Mapped[str]
    attempt: Mapped[int]
    doubts: Mapped[int]
    lease_until: Mapped[datetime | None]
    try_at: Mapped[datetime]
    message_id: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Reminder(Base):
    """One person told of one obligation at one rung, once in a cycle; ``office`` is whose working hours count.

    A rung nobody was told of is kept as well, skipped with its reason: its recipient is a role or empty.
    """

    __tablename__ = "reminder"

    reminder_id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.obligation_id"))
    rung: Mapped[int]
    cycle: Mapped[int]
    recipient: Mapped[str]
    recipient_name: Mapped[str]
    office: Mapped[str]
    channel: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey("mail.mail_id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
