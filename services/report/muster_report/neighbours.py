"""The records of a project as they held at a position: read once for many changes, only of the projects asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, union_all
from sqlalchemy.orm import Session

from muster_report.models import FactRow
from muster_report.reports.surroundings import Surroundings
from muster_report.revised import Revised
from muster_shared.one_of import one_of

_KINDS: Final = ("project", "grant", "progress_report", "extension")
_CODE: Final = "project_code"


@dataclass(frozen=True, slots=True)
class _Revision:
    kind: str
    position: int
    until: int | None
    fields: Mapping[str, Any]

    def holds_at(self, position: int) -> bool:
        return self.position <= position and (self.until is None or self.until > position)


class Neighbours:
    """Surroundings of records, for the changes of one transaction, at positions from ``since`` on."""

    def __init__(self, session: Session, since: int = 0) -> None:
        self._session, self._since = session, since
        self._known: dict[str, list[_Revision]] = {}
        self._offices: dict[str, list[_Revision]] = {}
        self._stood: dict[tuple[str, int], Surroundings] = {}

    def of(self, kind: str, fields: Mapping[str, Any], position: int) -> Surroundings | None:
        """What stood at a position around a record with these fields; None where it belongs to no project."""
        code = fields.get(_CODE)
        return self.at(code, position) if kind in _KINDS and isinstance(code, str) else None

    def project_of(self, change: Revised) -> str | None:
        """The project that a record belongs to both before a change and behind it; None where there is no such one."""
        codes = {fields.get(_CODE) for _, fields, _ in change.around}
        code = codes.pop() if len(codes) == 1 else None
        return code if change.kind in _KINDS and isinstance(code, str) else None

    def at(self, code: str, position: int) -> Surroundings:
        """What stood of a project at a position."""
        place = (code, position)
        if place not in self._stood:
            self._stood[place] = self._at(code, position)
        return self._stood[place]

    def _at(self, code: str, position: int) -> Surroundings:
        self.read([code])
        held = _held_at(self._known[code], position)
        of_kind = {kind: tuple(one.fields for one in held if one.kind == kind) for kind in _KINDS}
        project = next(iter(of_kind["project"]), None)
        offices = _held_at(self._offices.get(str(project["office"]), ()) if project else (), position)
        office = offices[0].fields if offices else None
        return Surroundings(project, of_kind["grant"], of_kind["progress_report"], of_kind["extension"], office)

    def read(self, codes: Iterable[str]) -> None:
        """Read what belongs to these projects, and their offices, unless it is known."""
        unknown = sorted(set(codes) - self._known.keys())
        if not unknown:
            return
        self._known |= {code: [] for code in unknown}
        code = FactRow.fields[_CODE].astext
        for row in self._revisions(code, FactRow.kind.in_(_KINDS), one_of(code, unknown)):
            self._known[row[0]].append(_Revision(row.kind, row.position, row.until, row.fields))
        named = {one.fields["office"] for code in unknown for one in self._known[code] if one.kind == "project"}
        offices = sorted(named - self._offices.keys())
        if not offices:
            return
        self._offices |= {office: [] for office in offices}
        for row in self._revisions(FactRow.key, FactRow.kind == "office", one_of(FactRow.key, offices)):
            self._offices[row[0]].append(_Revision(row.kind, row.position, row.until, row.fields))

    def _revisions(self, first: Any, *of_them: ColumnElement[bool]) -> Iterable[Row[Any]]:
        """That column, kind, position, end and fields of what stood at positions from ``since`` on."""
        columns = (first, FactRow.kind, FactRow.position, FactRow.until, FactRow.fields)
        revisions = select(*columns).where(*of_them, FactRow.action == "upsert")
        held = union_all(revisions.where(FactRow.until.is_(None)), revisions.where(FactRow.until > self._since))
        return self._session.execute(held)  # each by the index, which an OR would not be


def _held_at(revisions: Iterable[_Revision], position: int) -> list[_Revision]:
    return [revision for revision in revisions if revision.holds_at(position)]
