"""What report keeps: facts derived from the change log, what is stale, issues and runs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, Float, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Tables of report; times are ``timestamptz``, JSON is ``jsonb``."""

    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy reads it
        dict[str, Any]: JSONB,
        str: Text,
        int: BigInteger,
        float: Float(53),
        list[UUID]: ARRAY(Uuid),
        list[str]: ARRAY(Text),
        list[date]: ARRAY(Date),
        bytes: LargeBinary,
    }


class Cursor(Base):
    """One row: how far the change log is applied, in the same transaction as what follows from it.

    ``mended`` counts the changes that were applied late: facts before the position came in behind it.
    """

    __tablename__ = "cursor"

    single: Mapped[bool] = mapped_column(primary_key=True)
    epoch: Mapped[str | None]
    position: Mapped[int]
    mended: Mapped[int] = mapped_column(default=0)


class FactRow(Base):
    """One revision of a record, valid from its ``position`` until the position of the next one.

    Rows are never changed but for ``until``, so the facts of any past position can be read. ``source`` is where in
    its submission the record stood: ``{sheet, row, cells}``, empty for JSON.
    """

    __tablename__ = "fact"

    position: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[int | None]
    kind: Mapped[str]
    key: Mapped[str]
    revision: Mapped[int]
    action: Mapped[str]
    office: Mapped[str]
    occurred_at: Mapped[datetime]
    fields: Mapped[dict[str, Any]]
    receipt: Mapped[str]
    submission_id: Mapped[str]
    sha256: Mapped[str]
    received_at: Mapped[datetime]
    pointer: Mapped[str | None]
    source: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("fact_of_record", "kind", "key", "revision", unique=True),
        Index("fact_of_kind", "kind", "position"),
    )


class ReportState(Base):
    """A report with parameters: stale while ``wanted`` and ``built`` differ; claimed with a lease.

    ``position`` is that of the newest change that affects it. ``wanted`` counts the wishes for a regeneration,
    ``built`` is the wish last served: a change that comes while one is being built is not forgotten. ``spell`` counts
    how often it was begun since changes began to keep coming, ``served_at`` is when it was last done: see ``pacing``.
    """

    __tablename__ = "report_state"

    report: Mapped[str] = mapped_column(primary_key=True)
    params_key: Mapped[str] = mapped_column(primary_key=True)
    params: Mapped[dict[str, Any]]
    position: Mapped[int]
    wanted: Mapped[int]
    built: Mapped[int]
    stale_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    attempt: Mapped[int]
    lease_until: Mapped[datetime | None]
    failures: Mapped[int]
    error: Mapped[str | None]
    spell: Mapped[int] = mapped_column(default=0)
    served_at: Mapped[datetime | None]


class Issue(Base):
    """One content of a report: number, bytes by SHA-256, the position it was made at, what it is compared with.

    ``of_lost_log``: it was made of changes that a restore of the log took away, or without one that was set aside then
    and was applied since. It can still be read, but cannot be made again, and nothing is compared with it.

    Of a copy that leaves the house, where the report counts people: ``protected_against`` are the releases whose
    figures are taken as known, in their order; ``suppression`` is ``{counts, hidden, exposed}``, the last by sheet;
    ``marks`` is what stands instead of hidden figures: mark to the keys of table, row and column.

    ``look`` is the SHA-256 of the look it was made in, where it was made in one. Since ``restricted_at`` its bytes are
    for administrators only: they name somebody who was erased, and would come out otherwise today. Since
    ``thinned_at`` its bytes are not kept: see ``thinning``.
    """

    __tablename__ = "issue"

    issue_id: Mapped[UUID] = mapped_column(primary_key=True)
    report: Mapped[str]
    params_key: Mapped[str]
    params: Mapped[dict[str, Any]]
    number: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    position: Mapped[int]
    as_of: Mapped[datetime | None]
    made_at: Mapped[datetime]
    base_issue_id: Mapped[UUID | None] = mapped_column(ForeignKey("issue.issue_id"))
    changed_cells: Mapped[int]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    release_note: Mapped[str | None]
    look: Mapped[str | None]
    of_lost_log: Mapped[bool] = mapped_column(default=False)
    restricted_at: Mapped[datetime | None]
    thinned_at: Mapped[datetime | None]
    protected_against: Mapped[list[UUID]] = mapped_column(default=list)
    suppression: Mapped[dict[str, Any] | None]
    marks: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    base: Mapped[Issue | None] = relationship(remote_side=[issue_id], lazy="selectin", join_depth=1, viewonly=True)

    __table_args__ = (Index("issue_number", "report", "params_key", "number", unique=True),)


class Release(Base):
    """An issue that left the house, in the order of releases, and what it ``told`` of counts of people.

    ``told`` is kept (see ``disclosure.statements``), not worked out again: what left the house stays known, also
    where the change log is restored to an earlier point.
    """

    __tablename__ = "release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("issue.issue_id"), unique=True)
    told: Mapped[bytes]


class Run(Base):
    """A regeneration somebody asked for; done once the wish it stands for is served."""

    __tablename__ = "run"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    report: Mapped[str]
    params_key: Mapped[str]
    params: Mapped[dict[str, Any]]
    wish: Mapped[int]
    status: Mapped[str]
    progress: Mapped[float]
    issue_id: Mapped[UUID | None]
    detail: Mapped[str | None]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]

    __table_args__ = (Index("run_of_report", "report", "params_key", "wish"),)


class Schedule(Base):
    """When a report with these parameters is made; one that has none is made on each change.

    ``params`` are the parameters that are given, ``moving`` the names of those that follow the day it is made for;
    ``params_key`` is of both. ``next_at`` is when it is due by the business clock, None where no time is left.
    """

    __tablename__ = "schedule"

    report: Mapped[str] = mapped_column(primary_key=True)
    params_key: Mapped[str] = mapped_column(primary_key=True)
    params: Mapped[dict[str, Any]]
    moving: Mapped[list[str]]
    kind: Mapped[str]
    dates: Mapped[list[date]]
    time_zone: Mapped[str]
    hour: Mapped[int]
    next_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    enabled: Mapped[bool]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class LookRow(Base):
    """A look that a donor, an office or everybody has, from ``set_at`` until the next number of its scope.

    Rows are never changed: an issue made in a look can be made again. ``sha256`` is of what shows (name, colours,
    logo), None where the scope has no look of its own any more. ``logo`` is the SHA-256 of a PNG in the object store.
    """

    __tablename__ = "look"

    scope: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str | None]
    name: Mapped[str]
    accent: Mapped[str]
    tint: Mapped[str]
    logo: Mapped[str | None]
    language: Mapped[str | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Trouble(Base):
    """What an administrator is to hear of from notify, once from when it begins (``stands``) until it is over.

    ``told_at`` is when notify was last told (machine's time); ``heard``: it said that it knows how it stands.
    """

    __tablename__ = "trouble"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    detail: Mapped[str]
    since: Mapped[datetime]
    stands: Mapped[bool]
    told_at: Mapped[datetime | None]
    heard: Mapped[bool]


class UntoldIssue(Base):
    """An issue that notify has not heard of yet, what is told of it, and when it was last told (machine's time)."""

    __tablename__ = "untold_issue"

    issue_id: Mapped[UUID] = mapped_column(ForeignKey("issue.issue_id"), primary_key=True)
    content: Mapped[dict[str, Any]]
    told_at: Mapped[datetime | None]
