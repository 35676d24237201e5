"""The list of projects: filtered, sorted, page by page, as far as a caller sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from muster_ingest.kinds.kind import Fields
from muster_ingest.models import Record
from muster_ingest.visibility import records_seen
from muster_shared.auth import Caller

PAGE: Final = 50
SORTS: Final = ("code", "title", "office", "status", "start", "end")
FILTERS: Final = ("status", "office", "region", "area", "donor", "q")
_BY: Final[Mapping[str, ColumnElement[str]]] = {
    "code": Record.key,  # type: ignore[dict-item] # a mapped column is one
    "title": func.lower(Record.fields["title"].astext),
    "office": Record.office,  # type: ignore[dict-item]
    "status": Record.fields["status"].astext,
    "start": Record.fields["start"].astext,
    "end": Record.fields["end"].astext,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is listed: ``filters`` by ``FILTERS``, empty ones left out; ``page`` counts from 1."""

    filters: Mapping[str, str]
    sort: str = "code"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of projects, and how many there are."""

    projects: Sequence[Fields]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(-(-self.count // PAGE), 1)


def projects(session: Session, caller: Caller, asked: Asked) -> Listed:
    """The projects of a page; a page behind the last one is the last."""
    fits = and_(
        Record.kind == "project",
        ~Record.withdrawn,
        records_seen(session, caller, "project"),
        *(_fits(name, value) for name, value in asked.filters.items()),
    )
    count = session.scalar(select(func.count()).select_from(Record).where(fits)) or 0
    page = min(max(asked.page, 1), max(-(-count // PAGE), 1))
    by = _BY[asked.sort]
    query = select(Record.fields).where(fits).order_by(by.desc() if asked.descending else by, Record.key)
    rows = session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return Listed(rows, count, page)


def _fits(name: str, value: str) -> ColumnElement[bool]:
    found: dict[str, Any] = {
        "status": lambda: Record.fields["status"].astext == value,
        "office": lambda: Record.office == value,
        "region": lambda: Record.office.in_(_offices_of(value)),
        "area": lambda: Record.fields.contains({"areas": [{"code": value}]}),
        "donor": lambda: _has_grant_of(value),
        "q": lambda: _named(value),
    }
    fitting: ColumnElement[bool] = found[name]() if name in found else true()
    return fitting


def _offices_of(region: str) -> Any:
    office = aliased(Record)
    query = select(office.key).where(office.kind == "office", ~office.withdrawn)
    return query.where(office.fields["region"].astext == region)


def _has_grant_of(donor: str) -> ColumnElement[bool]:
    grant = aliased(Record)
    of_project = grant.fields["project_code"].astext == Record.key
    has = exists().where(grant.kind == "grant", ~grant.withdrawn, of_project)
    return has.where(grant.fields.contains({"donor_id": donor}))


def _named(text: str) -> ColumnElement[bool]:
    told = func.concat_ws(" ", Record.key, Record.fields["title"].astext, Record.fields["manager"]["name"].astext)
    return and_(*(told.icontains(word, autoescape=True) for word in text.split()[:8]))
