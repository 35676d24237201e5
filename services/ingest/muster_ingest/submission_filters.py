"""What a list of submissions may be narrowed to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_

from muster_ingest.models import Revision, Submission
from muster_ingest.workbooks import words


def narrowed(
    query: Select[Any],
    *,
    office: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Select[Any]:
    """Only submissions of an office, of a status, with records of a kind, received from one day (UTC) to another."""
    if office:
        query = query.where(Submission.office == office)
    if status:
        query = query.where(Submission.status == status)
    if kind:
        query = query.where(_with_records(kind))
    if since:
        query = query.where(Submission.received_at >= _begin(since))
    if until:
        query = query.where(Submission.received_at < _begin(until + timedelta(days=1)))
    return query


def _with_records(kind: str) -> ColumnElement[bool]:
    """It wrote records of the kind or, also where it was rejected, it was a workbook with a sheet of that kind."""
    wrote = exists().where(Revision.submission_id == Submission.submission_id, Revision.kind == kind)
    titles = {kind, *(words.title(kind, language) for language in words.LANGUAGES)}
    return or_(wrote, *(Submission.sheets.contains([{"name": name}]) for name in sorted(titles)))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
