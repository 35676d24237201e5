"""What notify keeps of the endorsement workflow and of handovers; the other tables stand in ``models.py``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from muster_notify.models import Base


class HeardStep(Base):
    """A step of a project that somebody is told of; it stays when the log is read again, so it is told once.

    ``told_at`` is when its mails were made, or when it was found to be no news any more.
    """

    __tablename__ = "heard_step"

    step_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_code: Mapped[str]
    status: Mapped[str]
    comment: Mapped[str | None]
    taken_by: Mapped[str]
    taken_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class ProjectStanding(Base):
    """The status a project has now, and the step that led there: worked out from the log, anew where that is anew."""

    __tablename__ = "project_standing"

    project_code: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    step_id: Mapped[UUID]
    since: Mapped[datetime]
    taken_by: Mapped[str]


class ReviewNotice(Base):
    """A reviewer told that a project waits since a step: ``number`` 0 at first, then counting the reminders.

    ``reason`` says why it was not sent; with neither that nor a mail it waits for the reader's hours.
    """

    __tablename__ = "review_notice"

    step_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    project_code: Mapped[str]
    recipient_name: Mapped[str]
    office: Mapped[str]
    created_at: Mapped[datetime]
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey("mail.mail_id"))
    reason: Mapped[str | None]


class HeardHandover(Base):
    """One seat of a project, ``manager`` or ``alternate_manager``, that went from one person to another."""

    __tablename__ = "heard_handover"

    submission_id: Mapped[str] = mapped_column(primary_key=True)
    project_code: Mapped[str] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    office: Mapped[str]
    giver: Mapped[dict[str, Any]]
    taker: Mapped[dict[str, Any]]
    handed_by: Mapped[str]
    handed_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
