"""The records as they would stand if a submission were accepted: what is stored, under what is being sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_ingest.drafts import Draft, Drafts, Sent
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, RecordName, join_key
from muster_ingest.kinds.refusals import nearest
from muster_ingest.models import Record
from muster_shared.fixed_statements import run

NAMED_BY = {
    "office": "name",
    "donor": "name",
    "partner": "name",
    "project": "title",
    "grant": "project_code",
    "field_activity": "title",
}
_SHARED = ("office", "donor", "partner")  # named by every office, whoever owns them
_MOST_NAMES = 3000
_MOST_SOUGHT = 100  # unknown keys of a submission for which a near one is looked for
_STORED: Final = "SELECT kind, key, revision, office, withdrawn, fields FROM record"
_ONE: Final = f"{_STORED} WHERE kind = %(kind)s AND key = %(key)s"
_EACH: Final = f"""
    SELECT stored.* FROM (SELECT * FROM unnest(%({{0}}kinds)s::text[], %({{0}}keys)s::text[]) AS asked (kind, key)
                          ORDER BY kind, key) AS asked
    CROSS JOIN LATERAL ({_STORED} WHERE record.kind = asked.kind AND record.key = asked.key FOR {{1}}) AS stored
"""  # noqa: S608 - put together from constants
_NAMED: Final = _EACH.format("named_", "SHARE")
_CHANGED_AND_NAMED: Final = f"""
    WITH changed AS MATERIALIZED ({_EACH.format("", "UPDATE")}), named AS MATERIALIZED ({_NAMED})
    SELECT * FROM changed UNION ALL SELECT * FROM named
"""  # noqa: S608
_GRANTS: Final = """
    SELECT key, fields ->> 'project_code' FROM record
    WHERE kind = 'grant' AND NOT withdrawn AND fields ->> 'project_code' = ANY(%(project_codes)s::text[])
"""


class Stored(NamedTuple):
    """A record as it is stored, withdrawn or not."""

    kind: str
    key: str
    revision: int
    office: str
    withdrawn: bool
    fields: Fields


@dataclass(slots=True)
class World:
    """Stored records that matter to a submission, and the ones it sends.

    ``seen_office``: the office whose records may be named to the sender; None where it may be any.
    """

    session: Session
    seen_office: str | None = None
    sent: Sent = field(default_factory=lambda: Sent(Drafts(), {}))
    grants: dict[str, set[str]] = field(default_factory=dict)
    _stored: dict[RecordName, Stored | None] = field(default_factory=dict)
    _sent_grants: set[str] = field(default_factory=set)
    _added_grants: dict[str, set[str]] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _near: dict[RecordName, str] = field(default_factory=dict)

    def fields(self, kind: str, key: str) -> Fields | None:
        """Fields of a record that is or would be current, else None.

        Of a record that is sent with something wrong, the wrong fields are as they are stored, or blank.
        """
        if (kind, key) in self.sent:
            return self._as_sent(kind, key, self.sent[kind, key])
        record = self.record(kind, key)
        return None if record is None or record.withdrawn else record.fields

    def _as_sent(self, kind: str, key: str, draft: Draft) -> Fields | None:
        if draft.action != "upsert":
            return None
        record = self.record(kind, key) if draft.kept or draft.wrong else None
        if record is None or record.withdrawn:
            return draft.fields
        return {**draft.fields, **{name: record.fields.get(name) for name in {*draft.kept, *draft.wrong}}}

    def record(self, kind: str, key: str) -> Stored | None:
        """A stored record, withdrawn or not; what was not loaded before is looked up now."""
        if (kind, key) not in self._stored:
            rows = run(self.session, _ONE, {"kind": kind, "key": key})
            self._stored[kind, key] = Stored(*rows[0]) if rows else None
        return self._stored[kind, key]

    def load(self, changed: Iterable[RecordName], named: Iterable[RecordName]) -> None:
        """Load records and lock them: ``changed`` against every other change, ``named`` against being changed."""
        to_change = sorted(set(changed))
        to_read = sorted(set(named).difference(to_change))
        if not to_change and not to_read:
            return
        self._stored.update(dict.fromkeys([*to_change, *to_read]))
        given = {"kinds": _kinds(to_change), "keys": _keys(to_change)}
        self._take(_CHANGED_AND_NAMED, {**given, "named_kinds": _kinds(to_read), "named_keys": _keys(to_read)})
        missing = [name for name in to_read if self._stored[name] is None]
        if missing:  # there since the statement began, perhaps: it may have waited for who wrote them
            self._take(_NAMED, {"named_kinds": _kinds(missing), "named_keys": _keys(missing)})

    def _take(self, statement: str, given: dict[str, list[str]]) -> None:
        for row in run(self.session, statement, given):
            self._stored[row[0], row[1]] = Stored(*row)

    def forget(self) -> None:
        """Let go of what was loaded; locks stay."""
        self._stored.clear()

    def near(self, kind: str, key: str) -> str:
        """``"; did you mean Kenya (KEN)?"`` for the record whose key or name is nearest; nothing where none is near."""
        if (kind, key) not in self._near and len(self._near) < _MOST_SOUGHT:
            if kind not in self._names:
                self._names[kind] = names_of(self.session, kind, self.seen_office, most=_MOST_NAMES)
            self._near[kind, key] = nearest(key, self._names[kind])
        return self._near.get((kind, key), "")

    def note_grant(self, draft: Draft) -> None:
        """Know of a grant that is sent, for ``grants_of``."""
        if draft.kind.name == "grant" and draft.fields["grant_id"]:
            key = join_key([draft.fields["grant_id"]])
            self._sent_grants.add(key)
            if draft.action == "upsert" and draft.fields["project_code"]:
                self._added_grants.setdefault(draft.fields["project_code"], set()).add(key)

    def grants_of(self, project_code: str) -> tuple[str, ...]:
        """Keys of the project's grants that are or would be current."""
        kept = self.grants.get(project_code, set()) - self._sent_grants
        return tuple(sorted(kept | self._added_grants.get(project_code, set())))


def _kinds(names: Iterable[RecordName]) -> list[str]:
    return [kind for kind, _ in names]


def _keys(names: Iterable[RecordName]) -> list[str]:
    return [key for _, key in names]


def load_grants(session: Session, project_codes: Iterable[str]) -> dict[str, set[str]]:
    """Keys of the current grants of each project."""
    grants: dict[str, set[str]] = {}
    wanted = sorted(set(project_codes))
    if wanted:
        for key, project_code in run(session, _GRANTS, {"project_codes": wanted}):
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


def names_of(session: Session, kind: str, office: str | None, *, most: int | None = None) -> dict[str, str]:
    """Codes and names of the current records of a kind, of one office where it is not for all to know.

    Empty where there are more than ``most``.
    """
    query = select(Record.fields[KINDS[kind].key[0]].astext, Record.fields[NAMED_BY[kind]].astext)
    query = query.where(Record.kind == kind, ~Record.withdrawn).order_by(Record.key)
    if office is not None and kind not in _SHARED:
        query = query.where(Record.office == office)
    rows = session.execute(query if most is None else query.limit(most + 1)).all()
    return {} if most is not None and len(rows) > most else {code: name or "" for code, name in rows}
