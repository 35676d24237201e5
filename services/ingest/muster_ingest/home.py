"""What waits for a person, by role: rejected submissions to correct, projects returned, projects to endorse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, defer

from muster_ingest import queries, transitions
from muster_ingest.models import Record, Submission, Transition
from muster_ingest.visibility import records_seen, submissions_seen
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context

REVIEWERS: Final = ("reviewer", "admin")
_OFFICES: Final = ("focal_point", "project_manager", "head_of_office")
_SHOWN: Final = 6
_REJECTED_FOR: Final = timedelta(days=30)  # who did not mend it by then has found another way


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person: the first few of each with how many there are."""

    rejected: Sequence[Mapping[str, Any]]
    returned: Sequence[Mapping[str, Any]]
    to_endorse: Sequence[Mapping[str, Any]]
    to_endorse_count: int

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to be done."""
        return not (self.rejected or self.returned or self.to_endorse)


def waiting_for(context: Context, caller: Caller) -> Waiting:
    """What waits for the caller."""
    waits = transitions.waiting(context, caller, None)["items"] if caller.role in REVIEWERS else []
    with context.sessions() as session:
        rejected = _rejected(session, caller, context)
        returned = _returned(session, caller) if caller.role in _OFFICES else []
    return Waiting(rejected, returned, waits[:_SHOWN], len(waits))


def newest_submissions(session: Session, caller: Caller) -> Sequence[Mapping[str, Any]]:
    """The newest submissions that the caller sees."""
    items: Sequence[Mapping[str, Any]] = queries.submissions(session, caller, after=None, limit=_SHOWN)["items"]
    return items


def project_counts(session: Session, caller: Caller) -> Mapping[str, int]:
    """How many projects of each status the caller sees."""
    status = Record.fields["status"].astext
    query = select(status, func.count()).where(Record.kind == "project", ~Record.withdrawn)
    query = query.where(records_seen(session, caller, "project")).group_by(status)
    return {found: count for found, count in session.execute(query)}  # noqa: C416 - dict() takes no rows, says mypy


def _rejected(session: Session, caller: Caller, context: Context) -> Sequence[Mapping[str, Any]]:
    """Rejected lately, and nothing accepted from the same sender for the same office since."""
    later = aliased(Submission)
    mended = exists().where(
        later.caller == Submission.caller,
        later.office == Submission.office,
        later.status == "accepted",
        later.number > Submission.number,
    )
    query = select(Submission, queries.ERRORS_FOUND).options(defer(Submission.document))
    query = query.where(
        Submission.status == "rejected",
        ~Submission.dry_run,
        Submission.received_at > context.clock.now() - _REJECTED_FOR,
        ~mended,
        submissions_seen(session, caller),
    )
    if caller.role not in _OFFICES:
        query = query.where(Submission.caller == caller.name)
    rows = session.execute(query.order_by(Submission.number.desc()).limit(_SHOWN))
    return [_told(row, errors) for row, errors in rows]


def _told(row: Submission, errors: int) -> Mapping[str, Any]:
    return {
        "submission_id": str(row.submission_id),
        "office": row.office,
        "file_name": row.file_name,
        "received_at": iso_z(row.received_at),
        "sent_by": row.caller,
        "errors": errors,
    }


def _returned(session: Session, caller: Caller) -> Sequence[Mapping[str, Any]]:
    """Projects that were returned, with the reviewer's comment; longest waiting first."""
    query = (
        select(Record.key, Record.fields["title"].astext, Transition.comment, Transition.taken_at)
        .outerjoin(Transition, (Transition.project_code == Record.key) & (Transition.status == "returned"))
        .where(Record.kind == "project", ~Record.withdrawn, Record.fields["status"].astext == "returned")
        .where(records_seen(session, caller, "project"))
        .ext(distinct_on(Record.key))
        .order_by(Record.key, Transition.revision.desc())
        .limit(100)
    )
    rows = [
        {"project_code": code, "title": title, "comment": comment, "at": iso_z(at) if at else None}
        for code, title, comment, at in session.execute(query)
    ]
    return sorted(rows, key=lambda row: row["at"] or "")[:_SHOWN]
