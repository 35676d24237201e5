"""Exports straight from the facts: read in streams, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_report import history
from muster_report.exports import hxl, hxl_columns, iati
from muster_report.exports.iati import NothingToExport
from muster_report.exports.projects import Register, joined
from muster_report.facts import Fact
from muster_report.models import FactRow
from muster_shared.context import Context
from muster_shared.problems import Problem, not_found

_AT_ONCE = 500
_OF_PROJECTS = ("grant", "progress_report", "extension", "partnership")


def activities(context: Context, moment: datetime | None) -> Iterator[bytes]:
    """The portfolio as IATI 2.03, as it stands or stood at a time; read to its end, or closed.

    Raises:
        Problem: 404 where no project is for the public.
    """
    pieces = _activities(context, moment)
    first = next(pieces)
    return _after(first, pieces)


def _activities(context: Context, moment: datetime | None) -> Iterator[bytes]:
    with context.sessions() as session:
        position = _position(session, moment)
        as_of = moment or _time_of(session, position)
        streams = {kind: _in_order_of_projects(session, kind, position) for kind in ("project", *_OF_PROJECTS)}
        projects = joined(
            streams["project"],
            grants=streams["grant"],
            progress_reports=streams["progress_report"],
            extensions=streams["extension"],
            partnerships=streams["partnership"],
        )
        try:
            yield from iati.iati_activities(projects, _register(session, position), as_of=as_of)
        except NothingToExport as nothing:
            raise Problem(404, "nothing_to_export", str(nothing)) from nothing


def records(context: Context, kind: str, copy: str, moment: datetime | None) -> Iterator[bytes]:
    """The records of a kind as an HXL CSV, in the order of their keys.

    Raises:
        Problem: 404 for an unknown kind.
    """
    if kind not in hxl_columns.kinds():
        raise not_found(f"there is no record kind '{kind[:40]}'; known are {', '.join(hxl_columns.kinds())}")
    return _records(context, kind, copy, moment)


def _records(context: Context, kind: str, copy: str, moment: datetime | None) -> Iterator[bytes]:
    with context.sessions() as session:
        facts = _facts(session, kind, _position(session, moment), FactRow.key.collate("C"))
        yield from hxl.hxl_csv(kind, facts, copy)


def _after(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _position(session: Session, moment: datetime | None) -> int:
    return history.position_at(session, moment) if moment else history.applied_position(session)


def _time_of(session: Session, position: int) -> datetime:
    newest = session.scalar(select(func.max(FactRow.occurred_at)).where(FactRow.position <= position))
    return newest or datetime(1970, 1, 1, tzinfo=UTC)


def _in_order_of_projects(session: Session, kind: str, position: int) -> Iterator[Fact]:
    code = FactRow.fields["project_code"].astext.collate("C")
    return _facts(session, kind, position, code.nulls_first(), FactRow.key.collate("C"))


def _facts(session: Session, kind: str, position: int, *order: object) -> Iterator[Fact]:
    query = history.holding([kind], position).order_by(*order)  # type: ignore[arg-type] # any ordering
    query = query.execution_options(yield_per=_AT_ONCE)
    for row in session.scalars(query):
        yield history.fact_of(row)
        session.expunge(row)


def _register(session: Session, position: int) -> Register:
    held: dict[str, Mapping[str, Fact]] = {
        kind: {fact.key: fact for fact in _facts(session, kind, position, FactRow.key.collate("C"))}
        for kind in ("office", "donor", "partner")
    }
    return Register(held["office"], held["donor"], held["partner"])
