"""Facts as of a position of the change log, and which position matters to a report."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, Text, case, cast, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased, defer

from muster_report.each_once import each_once
from muster_report.fact_batches import AT_ONCE, FactBatch
from muster_report.facts import Fact, Facts, Submission
from muster_report.held_facts import held_by, submission_of
from muster_report.models import Cursor, FactRow
from muster_report.neighbours import Neighbours
from muster_report.params import own
from muster_report.reports import DaySlice, Report, Slice, YearSlice
from muster_report.revised import Revised
from muster_report.stale_sets import Told, affected
from muster_report.streamed_facts import StreamedKind
from muster_shared.one_of import one_of
from muster_shared.problems import Problem

_CODE: Final = "project_code"
OF_PROJECTS: Final = frozenset({"project", "grant", "progress_report", "extension"})
"""Kinds of records that belong to a project each, and say its code."""
_READ_AT_ONCE: Final = 500
_NEWEST_AT_ONCE: Final = 50  # mostly the first is what is looked for
_OF_A_FACT: Final = ("key", "revision", "office", "position", "occurred_at")
_OF_A_SUBMISSION: Final = ("receipt", "received_at", "sha256", "submission_id")


def facts_at(session: Session, kinds: Iterable[str], position: int) -> Facts:
    """The facts of some kinds that held at a position."""
    return Facts.of(_read(session, *_held(kinds, position)))


def facts_for(session: Session, report: Report, position: int, params: Mapping[str, str] | None = None) -> Facts:
    """The facts of a report's kinds that held at a position; those that it streams are kept in a file, not held.

    With ``params``, where they are not kept in memory, at least those that these parameters need.
    """
    kinds, kept = report.kinds - report.streamed, held_by(session)
    held, to_read = kept.at(session, kinds, position) if kept else ({}, kinds)
    if to_read and report.slice and params:
        read = facts_in(session, report.slice, to_read, position, params[report.slice.parameter]).by_kind
    elif to_read and report.year_slice and params:
        read = facts_of_year(session, report.year_slice, to_read, position, params[report.year_slice.parameter]).by_kind
    else:
        read = facts_at(session, to_read, position).by_kind if to_read else {}
    streamed = {kind: StreamedKind(kind, batches_in_order(session, kind, position)) for kind in sorted(report.streamed)}
    return Facts({**held, **read, **streamed})


def facts_in(session: Session, of: Slice, kinds: Iterable[str], position: int, value: str) -> Facts:
    """The facts of some kinds at a position that a report is built from where the parameter has this value."""
    wanted = set(kinds)
    first = list(_read(session, *_held([of.kind], position), FactRow.fields[of.field].astext == value))
    codes = sorted({str(fact.fields[_CODE]) for fact in first})
    of_projects = (wanted & OF_PROJECTS) - {of.kind}
    others = wanted - of_projects - of.keyed - {of.kind}
    return Facts.of(
        (
            *first,
            *_read(session, *_held(of_projects, position), _of_projects(codes)),
            *_read(session, *_held(wanted & of.keyed, position), FactRow.key == value),
            *_read(session, *_held(others, position)),
        )
    )


def facts_of_year(session: Session, of: YearSlice, kinds: Iterable[str], position: int, year: str) -> Facts:
    """The facts of some kinds at a position that a report on the projects of a year is built from."""
    wanted = set(kinds)
    codes = sorted(set(session.scalars(_running(position, year) if of.telling else _starting(position, year))))
    of_them = _of_projects(codes)
    told = ((FactRow.fields[of.telling].astext != "[]") & (_year("period_end") <= year),) if of.telling else ()
    return Facts.of(
        (
            *_read(session, *_held((wanted & OF_PROJECTS) - {"progress_report"}, position), of_them),
            *_read(session, *_held(wanted & {"progress_report"}, position), of_them, *told),
            *_read(session, *_held(wanted - OF_PROJECTS, position)),
        )
    )


def _of_projects(codes: Sequence[str]) -> ColumnElement[bool]:
    code: ColumnElement[str] = FactRow.fields[_CODE].astext
    return one_of(code, codes)


def _starting(position: int, year: str) -> Select[str]:
    """The codes of all projects that start in a year."""
    return select(FactRow.fields[_CODE].astext).where(*_held(["project"], position), _year("start") == year)


def _running(position: int, year: str) -> CompoundSelect[str]:
    """The codes of all projects that run in a year or are told of in it, and of some more."""
    code = FactRow.fields[_CODE].astext
    runs = (_year("start") == year) | (_year("start") <= year) & (_year("end") >= year)
    return union_all(
        select(code).where(*_held(["project"], position), runs),
        select(code).where(*_held(["extension"], position), _year("new_end") >= year),
        select(code).where(*_held(["progress_report"], position), _year("period_end") == year),
    )


def _year(day: str) -> ColumnElement[str]:
    return func.left(FactRow.fields[day].astext, 4)


def _read(session: Session, *conditions: ColumnElement[bool]) -> Iterator[Fact]:
    """The facts for which this holds, in no order; without a model for each row, which takes most of the time."""
    row, submissions = FactRow.__table__.c, dict[str, Submission]()
    query = select(row.kind, *(row[name] for name in (*_OF_A_FACT, *_OF_A_SUBMISSION)), row.fields).where(*conditions)
    with session.execute(query.execution_options(yield_per=_READ_AT_ONCE)) as rows:
        for kind, key, revision, office, at, occurred_at, *came_in, fields in rows:
            submission = submissions.get(came_in[-1]) or submissions.setdefault(came_in[-1], _submission(*came_in))
            yield Fact(kind, key, revision, office, at, occurred_at, fields, submission)


def projects_of(session: Session, offices: Iterable[str], position: int) -> list[str]:
    """The codes of the projects that some offices had at a position."""
    of_them = one_of(FactRow.fields["office"].astext, offices)
    return list(session.scalars(select(FactRow.fields[_CODE].astext).where(*_held(["project"], position), of_them)))


def in_order(session: Session, kind: str, position: int, *, projects: Sequence[str] | None = None) -> Iterator[Fact]:
    """The facts of a kind that held at a position, in the order of their keys, some hundred read at a time.

    With ``projects`` those of these projects alone, where the kind is one of records of projects.
    """
    of_them = () if projects is None or kind not in OF_PROJECTS else (_of_projects(projects),)
    return chain.from_iterable(batch.facts() for batch in batches_in_order(session, kind, position, *of_them))


def batches_in_order(
    session: Session, kind: str, position: int, *conditions: ColumnElement[bool]
) -> Iterator[FactBatch]:
    """The facts of a kind that held at a position, and for which this holds, in the order of their keys."""
    row, by_key = FactRow.__table__.c, FactRow.key.collate("C")
    # As JSON, so that some hundred are read at once: names of fields are made once, and no object for each column.
    # What is to be said of a submission is said with the first of its records that follow each other.
    is_known = row.submission_id == func.lag(row.submission_id).over(order_by=by_key)
    came_in = case((is_known, None), else_=func.json_build_array(*(row[name] for name in _OF_A_SUBMISSION)))
    told = func.json_build_array(*(row[name] for name in _OF_A_FACT), came_in, row.fields)
    query = (
        select(cast(told, Text))
        .where(*_held([kind], position), *conditions)
        .order_by(by_key)
        .execution_options(yield_per=AT_ONCE)
    )
    submissions: list[Submission] = []
    with session.connection().execute(query) as rows:  # not by way of the session, which takes twice as long
        for batch in rows.scalars().partitions():
            keys, revisions, offices, positions, times, come, fields = zip(
                *json.loads(f"[{','.join(batch)}]"), strict=True
            )
            moments = each_once(datetime.fromisoformat, times)
            submissions = _submissions(come, submissions[-1:])
            yield FactBatch(kind, keys, revisions, offices, positions, moments, fields, submissions)


def _submissions(come: Iterable[Sequence[str] | None], before: Sequence[Submission]) -> list[Submission]:
    """The submission of each of some facts: as told, or where nothing is told, that of the fact before it."""
    found = [*before]
    for told in come:
        if told:
            receipt, received_at, sha256, submission_id = told
            found.append(_submission(receipt, datetime.fromisoformat(received_at), sha256, submission_id))
        else:
            found.append(found[-1])
    return found[len(before) :]


def _submission(receipt: str, received_at: datetime, sha256: str, submission_id: str) -> Submission:
    return Submission(receipt, receipt.rpartition("-")[0], received_at, sha256, submission_id)


def holding(kinds: Iterable[str], position: int) -> Select[FactRow]:
    """The rows of some kinds that held at a position, without their source cells, in no order."""
    return select(FactRow).options(defer(FactRow.source)).where(*_held(kinds, position))


def _held(kinds: Iterable[str], position: int) -> tuple[ColumnElement[bool], ...]:
    return (
        FactRow.kind.in_(sorted(kinds)),
        FactRow.position <= position,
        or_(FactRow.until.is_(None), FactRow.until > position),
        FactRow.action == "upsert",
    )


def count_held(session: Session, kinds: Iterable[str], position: int) -> int:
    """How many facts of some kinds held at a position."""
    return session.scalars(select(func.count()).select_from(FactRow).where(*_held(kinds, position))).one()


def fact_of(row: FactRow) -> Fact:
    """A stored revision as a fact."""
    return Fact(
        kind=row.kind,
        key=row.key,
        revision=row.revision,
        office=row.office,
        position=row.position,
        occurred_at=row.occurred_at,
        fields=row.fields,
        submission=submission_of(row),
    )


def affecting_position(
    session: Session, report: Report, params: Mapping[str, str], upto: int, *, unseen: bool = False
) -> int:
    """The newest position, not after ``upto``, of a change that affects the report with these parameters; 0: none.

    The same as what following the log notes in ``report_state.position``. Parameters that no change marks by
    itself, only because they were asked for, have none, unless the report is open-ended. With ``unseen`` also changes
    of its records in fields that the report does not look at.
    """
    wanted, newest = own(params), 0
    if report.slice and not unseen and not _is_told_of(session, report.slice, wanted[report.slice.parameter], upto):
        return 0
    with closing(_changes_newest_first(session, report, wanted, upto, unseen=unseen)) as batches:
        for number, batch in enumerate(batches):
            neighbours = Neighbours(session)
            told = Told(neighbours)
            if number and (report.concerns or report.of_project):  # what is looked for is mostly among the first
                neighbours.read(code for change in batch if (code := neighbours.project_of(change)))
            for change in batch:
                if not unseen and not report.sees_a_change(change.kind, change.stood, change.stands):
                    continue
                if not newest and any(wanted in affected(report, one, [wanted], neighbours) for one in change.around):
                    newest = change.position if unseen or told.differs(report, change, wanted) else 0
                if newest and (
                    report.open_ended or any(wanted in affected(report, one, [], neighbours) for one in change.around)
                ):
                    return newest
    return 0


def rightly_placed(session: Session, report: Report, params: Mapping[str, str], noted: int, upto: int) -> bool:
    """Whether a state stands at the newest change, not after ``upto``, that affects it.

    A later one of its records is right too: a version before this may have seen it, or one of its two revisions told
    of a person who was erased since.
    """
    found = affecting_position(session, report, params, upto)
    return found == noted or found < noted == affecting_position(session, report, params, noted, unseen=True)


def _changes_newest_first(
    session: Session, report: Report, params: Mapping[str, str], upto: int, *, unseen: bool
) -> Generator[list[Revised]]:
    earlier = aliased(FactRow)
    followed = (earlier.kind == FactRow.kind) & (earlier.key == FactRow.key) & (earlier.until == FactRow.position)
    query = (
        select(FactRow.position, FactRow.kind, FactRow.action, FactRow.fields)
        .add_columns(earlier.action.label("action_before"), earlier.fields.label("before"))
        .outerjoin(earlier, followed)
        .where(FactRow.kind.in_(sorted(report.kinds)), FactRow.position <= upto)
        .order_by(FactRow.position.desc())
        .execution_options(yield_per=_NEWEST_AT_ONCE)
    )
    if report.slice:
        query = query.where(FactRow.position.in_(_that_may_concern(session, report, params[report.slice.parameter])))
    if report.day_slice and not unseen:
        query = query.where(_by_the_day(earlier, report.day_slice, params[report.day_slice.parameter]))
    with session.execute(query) as changes:  # whoever has found what it looks for stops reading
        for batch in changes.partitions():
            yield [_revised(row) for row in batch]


def _revised(row: Row[Any]) -> Revised:
    then = (row.action_before, row.before) if row.action_before else None
    return Revised.of(row.position, row.kind, (row.action, row.fields), then)


def _is_told_of(session: Session, of: Slice, value: str, upto: int) -> bool:
    """Whether any record ever had the value of a slice: what nobody wrote of has no report."""
    keyed = FactRow.kind.in_(sorted(of.keyed)) & (FactRow.key == value)
    states = (FactRow.kind == of.kind) & (FactRow.fields[of.field].astext == value)
    found = (select(FactRow.position).where(each, FactRow.position <= upto).limit(1) for each in (keyed, states))
    return any(session.execute(query).first() for query in found)


def _that_may_concern(session: Session, report: Report, value: str) -> CompoundSelect[int]:
    """The positions of the changes that may mark the parameters: of what is in their slice, or ever was.

    What says no project, as a withdrawal does, may concern any. Each part is found by an index of its own.
    """
    of, code = report.slice, FactRow.fields[_CODE].astext
    assert of is not None  # noqa: S101 - asked of reports with a slice only
    states = (FactRow.kind == of.kind) & (FactRow.fields[of.field].astext == value)
    ever = session.execute(select(code, FactRow.key).where(states).distinct()).all()
    of_projects, others = FactRow.kind.in_(OF_PROJECTS), report.kinds - OF_PROJECTS - of.keyed
    return union_all(
        select(FactRow.position).where(of_projects, one_of(code, {each[0] for each in ever})),
        select(FactRow.position).where(of_projects, code.is_(None)),
        select(FactRow.position).where(FactRow.kind == of.kind, one_of(FactRow.key, {each[1] for each in ever})),
        select(FactRow.position).where(FactRow.kind.in_(of.keyed), FactRow.key == value),
        select(FactRow.position).where(FactRow.kind.in_(others)),
    )


def _by_the_day(earlier: type[FactRow], of: DaySlice, day: str) -> ColumnElement[bool]:
    """Whether a change, or the revision ``earlier`` than it, can be told of on a day."""
    other = aliased(FactRow)
    of_begins = other.kind.in_(sorted(of.begins))
    begun = select(other.fields[_CODE].astext).where(of_begins, _stated_by(other, of, day))
    return or_(
        FactRow.kind.not_in([*of.dated, "project"]),
        (FactRow.kind == "project") & FactRow.key.in_(begun),
        FactRow.kind.in_(sorted(of.dated)) & or_(_stated_by(FactRow, of, day), _stated_by(earlier, of, day)),
    )


def _stated_by(row: type[FactRow], of: DaySlice, day: str) -> ColumnElement[bool]:
    """Whether a record of a dated kind states that day or an earlier one; also where it does not say."""
    days = case({kind: row.fields[name].astext for kind, name in of.dated.items()}, value=row.kind)
    listed = case({kind: func.jsonb_typeof(row.fields[name]) for kind, name in of.unless.items()}, value=row.kind)
    there = row.position.is_not(None)
    return there & ((func.coalesce(days, "").collate("C") <= day) | (func.coalesce(listed, "") == "array"))


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
