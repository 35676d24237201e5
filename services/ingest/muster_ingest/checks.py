"""The checks of a submission as a whole: what it touches is locked and loaded, then each record is held against
the rules (``rules.py``), a batch at a time; nothing is to be kept while one error stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from muster_ingest import rules, world
from muster_ingest.drafts import Draft, Sent
from muster_ingest.envelope import Envelope
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, RecordName, completes
from muster_ingest.kinds.referrers import REFERRERS
from muster_ingest.rules import Case
from muster_ingest.world import Stored, World
from muster_shared.auth import Caller
from muster_shared.problems import DataError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that is ready to be written, beside what is stored under its key."""

    draft: Draft
    key: str
    fields: Fields
    stored: Stored | None
    office: str


@dataclass(slots=True)
class Review:
    """Holds what an envelope sends against what is stored, and reports every error to the envelope."""

    session: Session
    envelope: Envelope
    caller: Caller
    held: World = field(init=False)

    def batches(self) -> Iterator[list[Prepared]]:
        """The records to write, batch after batch; none from the first error on, but the checks go on to the end.

        What was yielded has to be written before the next batch is asked for.
        """
        seen = None if self.caller.sees_all_offices else self.envelope.office
        self.held = World(self.session, seen)
        self._name()
        for drafts in self.envelope.drafts.batches():
            cases = self._load(drafts)
            for case in cases:
                self._report(rules.check(case, self.held, self.envelope.office or "", self.caller))
            self._report(_still_referred(self.held, cases))
            if not self.envelope.found:
                yield [self._settle(case) for case in cases]
            self.held.forget()

    def _report(self, errors: Iterable[DataError]) -> None:
        for error in errors:
            self.envelope.report(error)

    def _name(self) -> None:
        """Know every record by its key, after what may be left out of it was filled in."""
        drafts, places = self.envelope.drafts, dict[RecordName, int]()
        self.held.sent = Sent(drafts, places)
        codes, waiting = set(), False
        for index, draft in enumerate(drafts):
            if completes(draft.kind):
                codes.add(draft.fields["project_code"])
                waiting = True
            else:
                self._place(index, draft, draft.fields)
                self.held.note_grant(draft)
        self.held.grants = world.load_grants(self.session, codes - {None})
        for index, draft in enumerate(drafts if waiting else ()):
            if completes(draft.kind):
                self._place(index, draft, draft.kind.fill(draft.fields, self.held))

    def _place(self, index: int, draft: Draft, fields: Fields) -> None:
        if draft.wrong.intersection(draft.kind.key):
            return
        key = draft.kind.key_of(fields)
        places = self.held.sent.places
        first = places.setdefault((draft.kind.name, key), index)
        if first != index:
            where = self.envelope.drafts[first].place.described
            message = f"{draft.kind.name} {key} stands twice: it is also {where}; send it once"
            self.envelope.report(draft.place.error((draft.kind.key[-1],), "duplicate_key", message))

    def _load(self, drafts: Sequence[Draft]) -> list[Case]:
        held = self.held
        named = [(draft, self._key(fields, draft), fields) for draft, fields in self._filled(drafts)]
        held.load(
            ((draft.kind.name, key) for draft, key, _ in named if key is not None),
            (
                (reference.kind, reference.key)
                for draft, _, fields in named
                if draft.action == "upsert"
                for reference in draft.kind.references(fields)
            ),
        )
        return [self._case(*one) for one in named]

    def _filled(self, drafts: Sequence[Draft]) -> Iterator[tuple[Draft, Fields]]:
        for draft in drafts:
            yield draft, draft.kind.fill(draft.fields, self.held) if completes(draft.kind) else draft.fields

    def _key(self, fields: Fields, draft: Draft) -> str | None:
        return None if draft.wrong.intersection(draft.kind.key) else draft.kind.key_of(fields)

    def _case(self, draft: Draft, key: str | None, fields: Fields) -> Case:
        stored = None if key is None else self.held.record(draft.kind.name, key)
        if draft.kept and stored is not None and not stored.withdrawn:
            fields = {**fields, **{name: stored.fields.get(name) for name in draft.kept}}
        return Case(draft, key, fields, stored)

    def _settle(self, case: Case) -> Prepared:
        """The record as it will be written: a withdrawn one keeps its fields, a project its status."""
        draft, stored = case.draft, case.stored
        if draft.action == "withdraw" and stored is not None:
            return Prepared(draft, case.name[1], stored.fields, stored, stored.office)
        fields = case.fields
        if draft.kind.name == "project" and not fields["status"]:
            fields = {**fields, "status": rules.current_status(case)}
        return Prepared(draft, case.name[1], fields, stored, self._owner(case))

    def _owner(self, case: Case) -> str:
        if case.draft.kind.central:
            return "HQ"
        owners = case.draft.kind.owners(case.fields, self.held)
        return owners[0] if owners else case.current.office if case.current else self.envelope.office or ""


def _still_referred(held: World, cases: Iterable[Case]) -> Iterator[DataError]:
    for case in cases:
        if case.draft.action == "withdraw" and case.key is not None:
            left = [found for found in _referrers(held, case) if not _moves_away(held, found, case.name)]
            if left:
                listed = ", ".join(f"{kind} {name}" for kind, name in left[:5])
                message = f"is still named by {listed}: withdraw or change that first"
                yield case.error((), "still_referenced", message)


def _referrers(held: World, case: Case) -> list[RecordName]:
    value = case.fields[case.draft.kind.key[0]]
    places = [(kind, _containing(kind, name, value)) for kind, name in REFERRERS.get(case.draft.kind.name, ())]
    return world.referring(held.session, places)


def _containing(kind: str, name: str, value: Any) -> dict[str, Any]:
    return {name: [value] if (kind, name) == ("field_activity", "offices") else value}


def _moves_away(held: World, found: RecordName, name: RecordName) -> bool:
    if found not in held.sent:
        return False
    fields = held.fields(*found)
    return fields is None or all((r.kind, r.key) != name for r in KINDS[found[0]].references(fields))
