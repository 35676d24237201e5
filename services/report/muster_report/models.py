"""What report keeps: facts derived from the change log, what is stale, issues and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Tables of report; times are ``timestamptz``, JSON is ``jsonb``."""

    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy reads it
        dict[str, Any]: JSONB,
        str: Text,
        int: BigInteger,
        float: Float(53),
    }


class Cursor(Base):
    """One row: how far the change log is applied, in the same transaction as what follows from it."""

    __tablename__ = "cursor"

    single: Mapped[bool] = mapped_column(primary_key=True)
    epoch: Mapped[str | None]
    position: Mapped[int]


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
    ``built`` is the wish last served: a change that comes while one is being built is not forgotten.
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


class Issue(Base):
    """One content of a report: number, bytes by SHA-256, the position it was made at, what it is compared with.

    ``of_lost_log``: it was made of changes that a restore of the log took away. It can still be read, but cannot
    be made again, and nothing is compared with it.
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
    of_lost_log: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("issue_number", "report", "params_key", "number", unique=True),)


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
