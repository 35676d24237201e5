"""The records as they would stand if a submission were accepted: what is stored, under what is being sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Select, Text, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from muster_ingest.drafts import Draft, Drafts, Sent
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, RecordName, join_key
from muster_ingest.kinds.refusals import nearest
from muster_ingest.models import Record

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


@dataclass(slots=True)
class World:
    """Stored records that matter to a submission, and the ones it sends.

    ``seen_office``: the office whose records may be named to the sender; None where it may be any.
    """

    session: Session
    seen_office: str | None = None
    sent: Sent = field(default_factory=lambda: Sent(Drafts(), {}))
    grants: dict[str, set[str]] = field(default_factory=dict)
    _stored: dict[RecordName, Record | None] = field(default_factory=dict)
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

    def record(self, kind: str, key: str) -> Record | None:
        """A stored record, withdrawn or not; what was not loaded before is looked up now."""
        if (kind, key) not in self._stored:
            self._stored[kind, key] = self.session.get(Record, (kind, key))
        return self._stored[kind, key]

    def load(self, names: Iterable[RecordName], *, to_change: bool) -> None:
        """Load records and lock them: against every other change, or against being changed meanwhile."""
        wanted = sorted(set(names) - set(self._stored))
        if not wanted:
            return
        self._stored.update(dict.fromkeys(wanted))
        names_wanted = {"kinds": [kind for kind, _ in wanted], "keys": [key for _, key in wanted]}
        rows = self.session.scalars(_locked(to_change=to_change), names_wanted)
        self._stored.update({(row.kind, row.key): row for row in rows})

    def forget(self) -> None:
        """Let go of what was loaded; locks stay."""
        self._stored.clear()
        self.session.expunge_all()

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


@cache
def _locked(*, to_change: bool) -> Select[Record]:
    """The records that ``kinds`` and ``keys`` name; made once, as that takes longer than to run it."""
    texts = ARRAY(Text)
    listed = func.unnest(bindparam("kinds", type_=texts), bindparam("keys", type_=texts))
    pairs = listed.table_valued("kind", "key").render_derived()
    return (
        select(Record)
        .where(tuple_(Record.kind, Record.key).in_(select(pairs.c.kind, pairs.c.key)))
        .order_by(Record.kind, Record.key)
        .with_for_update(read=not to_change, of=Record)
    )


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
