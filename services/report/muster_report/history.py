"""Facts as of a position of the change log, and which position matters to a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, defer

from muster_report.facts import Fact, Facts, Submission
from muster_report.models import Cursor, FactRow
from muster_report.params import own
from muster_report.reports import Report
from muster_shared.problems import Problem


def facts_at(session: Session, kinds: Iterable[str], position: int) -> Facts:
    """The facts of some kinds that held at a position."""
    return Facts.of(fact_of(row) for row in session.scalars(holding(kinds, position)))


def holding(kinds: Iterable[str], position: int) -> Select[FactRow]:
    """The rows of some kinds that held at a position, without their source cells, in no order."""
    return (
        select(FactRow)
        .options(defer(FactRow.source))
        .where(
            FactRow.kind.in_(sorted(kinds)),
            FactRow.position <= position,
            or_(FactRow.until.is_(None), FactRow.until > position),
            FactRow.action == "upsert",
        )
    )


def fact_of(row: FactRow) -> Fact:
    """A stored revision as a fact."""
    submission = Submission(
        receipt=row.receipt,
        office=row.receipt.rpartition("-")[0],
        received_at=row.received_at,
        sha256=row.sha256,
        submission_id=row.submission_id,
    )
    return Fact(
        kind=row.kind,
        key=row.key,
        revision=row.revision,
        office=row.office,
        position=row.position,
        occurred_at=row.occurred_at,
        fields=row.fields,
        submission=submission,
    )


def affecting_position(session: Session, report: Report, params: Mapping[str, str], upto: int) -> int:
    """The newest position, not after ``upto``, of a change that affects the report with these parameters; 0: none.

    The same as what following the log notes in ``report_state.position``. Parameters that no change marks by
    itself, only because they were asked for, have none, unless the report is open-ended.
    """
    wanted, newest = own(params), 0
    for row, before in _changes_newest_first(session, report, upto):
        for fields in (row.fields, before):
            if fields is None:
                continue
            newest = newest or (row.position if wanted in affected(report, row.kind, fields, [wanted]) else 0)
            if newest and (report.open_ended or wanted in affected(report, row.kind, fields, [])):
                return newest
    return 0


def affected(
    report: Report, kind: str, fields: Mapping[str, Any], known: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """The parameter sets that a record with these fields marks; none where the report does not read its kind."""
    return list(report.affected(kind, fields, known)) if kind in report.kinds else []


def _changes_newest_first(
    session: Session, report: Report, upto: int
) -> Iterator[tuple[FactRow, Mapping[str, Any] | None]]:
    query = select(FactRow).where(FactRow.kind.in_(sorted(report.kinds)), FactRow.position <= upto)
    rows = session.scalars(query.order_by(FactRow.position)).all()
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    pairs: list[tuple[FactRow, Mapping[str, Any] | None]] = []
    for row in rows:
        pairs.append((row, before.get((row.kind, row.key))))
        before[row.kind, row.key] = row.fields
    yield from reversed(pairs)


def position_at(session: Session, moment: datetime) -> int:
    """The newest position whose change was made at or before a time; 0 where there is none."""
    query = select(func.max(FactRow.position)).where(FactRow.occurred_at <= moment)
    return session.execute(query).scalar() or 0


def applied_position(session: Session) -> int:
    """How far the change log is applied."""
    return session.scalars(select(Cursor.position)).one()


def nothing_submitted(report: Report, params: Mapping[str, str]) -> Problem:
    """404: no record was ever submitted for these parameters."""
    named = ", ".join(f"{name} {value}" for name, value in own(params).items())
    return Problem(404, "nothing_submitted", f"nothing was submitted yet for {report.key} with {named or 'any data'}")
