"""The checks of a submission as a whole: what it touches is locked and loaded, then each record is held
against the rules (``rules.py``); nothing is to be written while one error stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from muster_ingest import rules, world
from muster_ingest.envelope import Draft, Envelope
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, RecordName
from muster_ingest.kinds.referrers import REFERRERS
from muster_ingest.models import Record
from muster_ingest.rules import Case
from muster_ingest.world import World
from muster_shared.auth import Caller
from muster_shared.problems import DataError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that is ready to be written, beside what is stored under its key."""

    draft: Draft
    key: str
    fields: Fields
    stored: Record | None
    office: str


def prepare(session: Session, envelope: Envelope, caller: Caller) -> tuple[list[Prepared], list[DataError]]:
    """Lock, load, complete and check what an envelope sends.

    Returns the records to write and every error found beyond those of the envelope itself.
    """
    held = World(session)
    cases = _load(held, _complete(held, envelope.drafts))
    errors = list(_duplicates(cases))
    office = envelope.office or ""
    for case in cases:
        errors.extend(rules.check(case, held, office, caller))
    errors.extend(_still_referred(held, cases))
    return ([] if errors else [_settle(held, office, case) for case in cases]), errors


def _complete(held: World, drafts: Sequence[Draft]) -> list[tuple[Draft, str, Fields]]:
    """Fill in what may be left out, for which the grants of the projects must be known."""
    codes = (draft.fields["project_code"] for draft in drafts if "grant_id" in draft.kind.key[1:])
    held.grants = world.load_grants(held.session, codes)
    held.sent = {
        ("grant", draft.kind.key_of(draft.fields)): draft.fields if draft.action == "upsert" else None
        for draft in drafts
        if draft.kind.name == "grant"
    }
    completed = [(draft, draft.kind.fill(draft.fields, held)) for draft in drafts]
    return [(draft, draft.kind.key_of(fields), fields) for draft, fields in completed]


def _load(held: World, named: Sequence[tuple[Draft, str, Fields]]) -> list[Case]:
    held.stored.update(world.load(held.session, ((d.kind.name, key) for d, key, _ in named), to_change=True))
    referred = {
        (reference.kind, reference.key)
        for draft, _, fields in named
        if draft.action == "upsert"
        for reference in draft.kind.references(fields)
    }
    held.stored.update(world.load(held.session, referred - set(held.stored), to_change=False))
    held.sent = {(d.kind.name, key): fields if d.action == "upsert" else None for d, key, fields in named}
    return [Case(draft, key, fields, held.stored[draft.kind.name, key]) for draft, key, fields in named]


def _duplicates(cases: Iterable[Case]) -> Iterator[DataError]:
    first: dict[RecordName, int] = {}
    for case in cases:
        before = first.setdefault(case.name, case.draft.index)
        if before != case.draft.index:
            message = f"{case.draft.kind.name} {case.key} stands twice: it is also record {before}; send it once"
            yield case.error((case.draft.kind.key[-1],), "duplicate_key", message)


def _still_referred(held: World, cases: Iterable[Case]) -> Iterator[DataError]:
    for case in cases:
        if case.draft.action == "withdraw":
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
    fields = held.sent[found]
    return fields is None or all((r.kind, r.key) != name for r in KINDS[found[0]].references(fields))


def _settle(held: World, office: str, case: Case) -> Prepared:
    """The record as it will be written: a withdrawn one keeps its fields, a project its status."""
    draft, stored = case.draft, case.stored
    if draft.action == "withdraw" and stored is not None:
        return Prepared(draft, case.key, stored.fields, stored, stored.office)
    fields = case.fields
    if draft.kind.name == "project" and not fields["status"]:
        fields = {**fields, "status": rules.current_status(case)}
    return Prepared(draft, case.key, fields, stored, _owner(held, office, case))


def _owner(held: World, office: str, case: Case) -> str:
    if case.draft.kind.central:
        return "HQ"
    owners = case.draft.kind.owners(case.fields, held)
    return owners[0] if owners else case.current.office if case.current else office
