"""The records as they would stand if a submission were accepted: what is stored, under what is being sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from muster_ingest.kinds.kind import Fields, RecordName
from muster_ingest.models import Record


@dataclass(slots=True)
class World:
    """Stored records that matter to a submission, and the ones it sends (None where it withdraws)."""

    session: Session
    stored: dict[RecordName, Record | None] = field(default_factory=dict)
    sent: dict[RecordName, Fields | None] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)

    def fields(self, kind: str, key: str) -> Fields | None:
        """Fields of a record that is or would be current, else None."""
        if (kind, key) in self.sent:
            return self.sent[kind, key]
        record = self.record(kind, key)
        return None if record is None or record.withdrawn else record.fields

    def record(self, kind: str, key: str) -> Record | None:
        """A stored record, withdrawn or not; what was not loaded before is looked up now."""
        if (kind, key) not in self.stored:
            self.stored[kind, key] = self.session.get(Record, (kind, key))
        return self.stored[kind, key]

    def grants_of(self, project_code: str) -> tuple[str, ...]:
        """Keys of the project's grants that are or would be current."""
        sent = {key: fields for (kind, key), fields in self.sent.items() if kind == "grant"}
        kept = self.grants.get(project_code, set()) - set(sent)
        added = {key for key, fields in sent.items() if fields and fields["project_code"] == project_code}
        return tuple(sorted(kept | added))


def load(session: Session, names: Iterable[RecordName], *, to_change: bool) -> Mapping[RecordName, Record | None]:
    """Stored records by kind and key, locked: against change, or against being changed by others."""
    wanted = sorted(set(names))
    found: dict[RecordName, Record | None] = dict.fromkeys(wanted)
    for start in range(0, len(wanted), 2000):
        query = (
            select(Record)
            .where(tuple_(Record.kind, Record.key).in_(wanted[start : start + 2000]))
            .order_by(Record.kind, Record.key)
        )
        rows = session.scalars(query.with_for_update(read=not to_change))
        found.update({(row.kind, row.key): row for row in rows})
    return found


def load_grants(session: Session, project_codes: Iterable[str]) -> dict[str, set[str]]:
    """Keys of the current grants of each project."""
    grants: dict[str, set[str]] = {}
    wanted = sorted(set(project_codes))
    code = Record.fields["project_code"].astext
    if wanted:
        query = select(Record.key, code).where(Record.kind == "grant", ~Record.withdrawn, code.in_(wanted))
        for key, project_code in session.execute(query):
            grants.setdefault(project_code, set()).add(key)
    return grants


def referring(session: Session, places: Iterable[tuple[str, dict[str, Any]]]) -> list[RecordName]:
    """Current records of a kind whose fields contain a value, for each such place."""
    return [
        (row.kind, row.key)
        for kind, contained in places
        for row in session.execute(
            select(Record.kind, Record.key)
            .where(Record.kind == kind, ~Record.withdrawn, Record.fields.contains(contained))
            .limit(5)
        )
    ]


def names_of_offices(session: Session) -> dict[str, str]:
    """Codes and names of the current offices."""
    query = select(Record.key, Record.fields["name"].astext).where(Record.kind == "office", ~Record.withdrawn)
    return {row[0]: row[1] for row in session.execute(query)}
