"""What an administrator sees of ingest: who is behind the change log, work in progress, files that are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_ingest.models import ChangeLogState, ProjectDocument, Revision, Submission

_MOST: Final = 100


def behind(session: Session, position: int) -> tuple[int, datetime | None]:
    """How many changes come after a position, and when the oldest of them was made."""
    last = session.scalars(select(ChangeLogState.last)).one()
    oldest = select(Revision.occurred_at).where(Revision.position > position).order_by(Revision.position).limit(1)
    return max(last - position, 0), session.scalar(oldest)


def being_read(session: Session) -> list[Submission]:
    """Workbooks that are taken in in the background, oldest first."""
    waiting = select(Submission).where(Submission.status == "processing").order_by(Submission.number)
    return list(session.scalars(waiting.limit(_MOST)))


def kept(session: Session) -> dict[str, dict[str, Any]]:
    """``{count, bytes}`` of what was submitted and of the projects' documents, each content counted once."""
    return {"submissions": _contents(session, Submission), "documents": _contents(session, ProjectDocument)}


def _contents(session: Session, model: type[Submission | ProjectDocument]) -> dict[str, Any]:
    contents = select(model.sha256, model.size).distinct().subquery()
    count = session.scalar(select(func.count()).select_from(model)) or 0
    return {"count": count, "bytes": int(session.scalar(select(func.sum(contents.c.size))) or 0)}
