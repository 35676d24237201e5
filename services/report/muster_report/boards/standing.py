"""How far the log is for some kinds of records, and the facts of them there: read without a model for each row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from muster_report.facts import Fact, Facts
from muster_report.history import OF_PROJECTS, in_order, projects_of
from muster_report.models import FactRow
from muster_shared.problems import Problem

_NEWEST = text(
    """
    SELECT concat(epoch, ' ', mended) AS epoch, position AS applied, asked.kind, (
        SELECT max(f.position) FROM fact f WHERE f.kind = asked.kind AND f.position <= :upto
    ) AS newest
    FROM cursor LEFT JOIN unnest(:kinds) AS asked(kind) ON true
    """
).bindparams(bindparam("kinds", type_=ARRAY(Text)))
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class Standing:
    """The log's epoch and the newest position of a change of some kinds; 0 where there is none.

    With the epoch goes how many of its changes were applied late: they come in behind the position.
    """

    epoch: str
    position: int


@dataclass(frozen=True, slots=True)
class Standings:
    """The log's epoch and the newest position of each kind that was asked for."""

    epoch: str
    newest: Mapping[str, int]

    def of(self, kinds: Iterable[str]) -> Standing:
        """Where some of these kinds stand."""
        return Standing(self.epoch, max((self.newest[kind] for kind in kinds), default=0))


def standings(session: Session, kinds: Iterable[str], at: int | None) -> Standings:
    """Where some kinds stand, now or at an earlier position: one query, however many facts there are.

    Raises:
        Problem: 404, the log is not applied as far as ``at``.
    """
    rows = session.execute(_NEWEST, {"kinds": sorted(kinds), "upto": _LAST if at is None else at}).all()
    if at is not None and at > rows[0].applied:
        detail = f"the change log is applied up to position {rows[0].applied}: {at} is not there yet"
        raise Problem(404, "not_found", detail)
    return Standings(rows[0].epoch, {row.kind: row.newest or 0 for row in rows})


def facts_of(session: Session, kinds: Iterable[str], stands: Standings, offices: frozenset[str] | None = None) -> Facts:
    """The facts of some kinds where they stand; what was read in this session is not read again.

    With ``offices`` of what belongs to projects that of these offices' projects alone.
    """
    known: dict[Hashable, Mapping[str, Fact]] = session.info.setdefault("facts", {})
    in_projects = offices is not None and "project" in stands.newest
    projects = projects_of(session, offices or (), stands.newest["project"]) if in_projects else None
    found: dict[str, Mapping[str, Fact]] = {}
    for kind in sorted(kinds):
        position = stands.newest[kind]
        place = (kind, position, offices if kind in OF_PROJECTS else None)
        if place not in known:
            known[place] = {fact.key: fact for fact in in_order(session, kind, position, projects=projects)}
        found[kind] = known[place]
    return Facts(found)


def time_of(session: Session, position: int) -> datetime | None:
    """When the change of a position was made; None where there is none."""
    return session.scalars(select(FactRow.occurred_at).where(FactRow.position == position)).one_or_none()
