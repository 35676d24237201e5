"""The records of a project as they held at a position: read once for many changes, only of the projects asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from muster_report.models import FactRow
from muster_report.reports.surroundings import Surroundings
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
        self._stood: dict[tuple[str, int], Surroundings] = {}

    def of(self, kind: str, fields: Mapping[str, Any], position: int) -> Surroundings | None:
        """What stood at a position around a record with these fields; None where it belongs to no project."""
        code = fields.get(_CODE)
        if kind not in _KINDS or not isinstance(code, str):
            return None
        place = (code, position)
        if place not in self._stood:
            self._stood[place] = self._at(code, position)
        return self._stood[place]

    def _at(self, code: str, position: int) -> Surroundings:
        self.read([code])
        held = [revision for revision in self._known[code] if revision.holds_at(position)]
        of_kind = {kind: tuple(one.fields for one in held if one.kind == kind) for kind in _KINDS}
        project = next(iter(of_kind["project"]), None)
        return Surroundings(project, of_kind["grant"], of_kind["progress_report"], of_kind["extension"])

    def read(self, codes: Iterable[str]) -> None:
        """Read what belongs to these projects, unless it is known."""
        unknown = sorted(set(codes) - self._known.keys())
        if not unknown:
            return
        self._known |= {code: [] for code in unknown}
        code = FactRow.fields[_CODE].astext
        of_them = select(code, FactRow.kind, FactRow.position, FactRow.until, FactRow.fields).where(
            FactRow.kind.in_(_KINDS), one_of(code, unknown), FactRow.action == "upsert"
        )
        held = union_all(of_them.where(FactRow.until.is_(None)), of_them.where(FactRow.until > self._since))
        for of_project, *revision in self._session.execute(held):  # each by the index, which an OR would not be
            self._known[of_project].append(_Revision(*revision))
