"""What notify keeps: the records it follows, what is owed, whom it reminded, and the mails that went out."""

from __future__ import annotations

from datetime import date, datetime, time
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
    ``rules`` name the rule set, empty where the grant writes its dates out; ``sequence`` grows whenever what a
    calendar shows of it changes. ``known_late``: it was long overdue when it first became known.
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
    rules: Mapped[str] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)
    snoozed_until: Mapped[date | None]
    acknowledged_at: Mapped[datetime | None]
    known_late: Mapped[bool] = mapped_column(default=False)


class RoleHolder(Base):
    """Who fills a role of the ladder for a project, and the office whose working hours count for them."""

    __tablename__ = "role_holder"

    project_code: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    office: Mapped[str]


class PreferenceRow(Base):
    """How one person, by address in small letters, wants to hear from Muster; what is empty goes by their office.

    ``chat_url`` is a secret. ``digest_day`` empty: every working day.
    """

    __tablename__ = "preference"

    email: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(default="mail")
    chat_url: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    time_zone: Mapped[str | None]
    digest: Mapped[bool] = mapped_column(default=True)
    digest_day: Mapped[str | None]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    stand_in: Mapped[dict[str, Any] | None]
    stand_in_from: Mapped[date | None]
    stand_in_until: Mapped[date | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class CalendarFeed(Base):
    """An address at which a calendar program reads somebody's due dates; only the hash of its secret is kept.

    It sees what its owner saw when it was made: ``name`` is who that is, ``office`` narrows it to one office.
    """

    __tablename__ = "calendar_feed"

    feed_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    offices: Mapped[list[str]]
    regions: Mapped[list[str]]
    office: Mapped[str | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class OfficeChannel(Base):
    """Where an office is told as a whole, besides its people; the address is a secret."""

    __tablename__ = "office_channel"

    office: Mapped[str] = mapped_column(primary_key=True)
    chat_url: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class FailingAddress(Base):
    """An address, in small letters, that mail cannot reach for good: nobody writes there until it is taken back."""

    __tablename__ = "failing_address"

    email: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[datetime]


class Alarm(Base):
    """Something a person has to look at; one of a kind, office and subject stands at a time."""

    __tablename__ = "alarm"

    alarm_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    office: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[str | None]


class UsedLink(Base):
    """A link of a mail that was used: it does nothing more."""

    __tablename__ = "used_link"

    link_id: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.obligation_id"))
    action: Mapped[str]


class FollowedReport(Base):
    """A person who hears of new issues of a report: last on their day ``told_on``, of the issue ``told_issue``."""

    __tablename__ = "followed_report"

    email: Mapped[str] = mapped_column(primary_key=True)
    report: Mapped[str] = mapped_column(primary_key=True)
    params_key: Mapped[str] = mapped_column(primary_key=True)
    params: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    told_on: Mapped[date | None]
    told_issue: Mapped[UUID | None]


class HeardIssue(Base):
    """An issue that report told of, with what changed in a few lines."""

    __tablename__ = "heard_issue"

    issue_id: Mapped[UUID] = mapped_column(primary_key=True)
    report: Mapped[str]
    params_key: Mapped[str]
    params: Mapped[dict[str, Any]]
    title: Mapped[str]
    changed_cells: Mapped[int]
    lines: Mapped[list[dict[str, Any]]]
    made_at: Mapped[datetime]
    heard_at: Mapped[datetime]


class Mail(Base):
    """One mail to one person about everything held for them. ``lease_until`` and ``try_at`` are the machine's time.

    ``attempt`` numbers the claims; ``doubts`` counts handovers to the mail server whose outcome is not known. A
    person gets one ``digest`` on one ``day`` of theirs; ``content`` is what a mail tells that is not about reminders.
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
    kind: Mapped[str] = mapped_column(default="digest")
    day: Mapped[date | None]
    channel: Mapped[str] = mapped_column(default="mail")
    content: Mapped[dict[str, Any] | None]


class Reminder(Base):
    """One person told of one obligation at one rung, once in a cycle; ``office`` is whose working hours count.

    ``instead_of`` is the address of the person a stand-in or an alternate is told for.

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
    instead_of: Mapped[str | None]
