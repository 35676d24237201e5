"""What ingest keeps: submissions with their bytes, records, and their revisions, which are the change log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column


class Base(DeclarativeBase):
    """Tables of ingest; times are ``timestamptz``, JSON is ``jsonb``."""

    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy reads it
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text,
        int: BigInteger,
    }


class Submission(Base):
    """What an office sent in one go: accepted or rejected as a whole, and kept either way.

    ``document`` is the receipt or the problem as it was answered, so that a repeat is answered alike. ``sheets``
    says of each sheet of a workbook what it is called and which field stands in which column:
    ``[{"index", "name", "at": {"amount": 4}}]``, the name null for a CSV file. Since ``restricted_at`` its bytes are
    for administrators only: they name somebody who was erased.
    """

    __tablename__ = "submission"

    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(server_default=text("nextval('submission_number')"), unique=True)
    receipt: Mapped[str | None] = mapped_column(unique=True)
    office: Mapped[str | None]
    status: Mapped[str]
    received_at: Mapped[datetime]
    caller: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content_type: Mapped[str]
    http_status: Mapped[int]
    document: Mapped[dict[str, Any]]
    file_name: Mapped[str | None]
    dry_run: Mapped[bool] = mapped_column(server_default=text("false"))
    reverts: Mapped[UUID | None] = mapped_column(ForeignKey("submission.submission_id"))
    sheets: Mapped[list[Any] | None]
    restricted_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A caller's key and the submission it made."""

    __tablename__ = "idempotency_key"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.submission_id", deferrable=True, initially="DEFERRED")
    )


class OfficeCounter(Base):
    """The last receipt number given to an office."""

    __tablename__ = "office_counter"

    office: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Record(Base):
    """A record as it stands now; ``withdrawn`` ones stay, so that revisions go on counting."""

    __tablename__ = "record"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    office: Mapped[str]
    withdrawn: Mapped[bool]
    fields: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("record_office", "office", "kind"),
        Index("record_fields", "fields", postgresql_using="gin", postgresql_ops={"fields": "jsonb_path_ops"}),
    )


class RevisionPack(Base):
    """The fields of old revisions, by their ``change_id`` as text; see ``compaction.py``."""

    __tablename__ = "revision_pack"

    pack_id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]


class Revision(Base):
    """One revision of a record, and one entry of the change log.

    ``change_id`` is given when the row is inserted and says nothing about the order of commits. ``position``
    is given after commit, dense and in one place (``publish.py``); readers see positions only. Of a workbook,
    ``sheet`` is the index among its sheets, ``row_number`` the record's first row, ``entry_rows`` the row of each entry
    of a list where the record has several rows.

    ``fields`` are read from here, or from the pack that an old revision's were moved to; a statement that reads the
    table itself has to look in both.
    """

    __tablename__ = "revision"

    change_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[str]
    key: Mapped[str]
    revision: Mapped[int]
    action: Mapped[str]
    office: Mapped[str]
    stored_fields: Mapped[dict[str, Any] | None] = mapped_column("fields", JSONB)
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("revision_pack.pack_id"))
    occurred_at: Mapped[datetime]
    actor: Mapped[str]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.submission_id"))
    pointer: Mapped[str | None]
    sheet: Mapped[int | None]
    row_number: Mapped[int | None]
    entry_rows: Mapped[dict[str, Any] | None]
    fields: Mapped[dict[str, Any]] = column_property(
        func.coalesce(
            stored_fields,
            select(RevisionPack.content[cast(change_id, Text)])
            .where(RevisionPack.pack_id == pack_id)
            .correlate_except(RevisionPack)
            .scalar_subquery(),
        )
    )

    __table_args__ = (
        Index("revision_of_record", "kind", "key", "revision", unique=True),
        Index("revision_unpublished", "change_id", postgresql_where=text("position IS NULL")),
        Index("revision_submission", "submission_id"),
    )


class WorkbookJob(Base):
    """A workbook too large to be answered at once: claimed with a lease, done by whoever holds it last.

    ``caller`` is who sent it, with the scope of the token it came with.
    """

    __tablename__ = "workbook_job"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.submission_id"), primary_key=True)
    caller: Mapped[dict[str, Any]]
    office: Mapped[str]
    kind: Mapped[str | None]
    note: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    leased_until: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(server_default=text("0"))


class ChangeLogState(Base):
    """One row: the log's epoch, which changes when a log is restored, and its last position."""

    __tablename__ = "change_log"

    single: Mapped[bool] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    last: Mapped[int]


class Transition(Base):
    """A step of the endorsement workflow that was taken, and the revision of the project it made."""

    __tablename__ = "transition"

    project_code: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    status_before: Mapped[str]
    status: Mapped[str]
    comment: Mapped[str | None]
    actor: Mapped[str]
    role: Mapped[str]
    taken_at: Mapped[datetime]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.submission_id"))


class ProjectDocument(Base):
    """One version of a file of a project; its bytes stand in the object store under their SHA-256."""

    __tablename__ = "project_document"

    project_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    content_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    stored_at: Mapped[datetime]
    stored_by: Mapped[str]


class Bookmark(Base):
    """A page that somebody keeps at hand."""

    __tablename__ = "bookmark"

    email: Mapped[str] = mapped_column(primary_key=True)
    href: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kept_at: Mapped[datetime]
