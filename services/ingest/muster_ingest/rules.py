"""The rules one record is held against, beyond its own fields: revisions, references, owners, states, merges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from muster_ingest import world
from muster_ingest.envelope import Draft
from muster_ingest.kinds.kind import Fields, RecordName, Reference
from muster_ingest.kinds.refusals import nearest
from muster_ingest.models import Record
from muster_ingest.world import World
from muster_shared.auth import Caller
from muster_shared.problems import DataError


@dataclass(frozen=True, slots=True)
class Case:
    """A record as sent and completed, beside what is stored under its key."""

    draft: Draft
    key: str
    fields: Fields
    stored: Record | None

    @property
    def name(self) -> RecordName:
        """Kind and key."""
        return self.draft.kind.name, self.key

    @property
    def current(self) -> Record | None:
        """What is stored, unless it was withdrawn."""
        return None if self.stored is None or self.stored.withdrawn else self.stored

    def error(self, path: tuple[str | int, ...], code: str, message: str, value: Any = None) -> DataError:
        """An error at a place within the record."""
        return self.draft.error(path, code, message, value)


def check(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    """Everything wrong with one record, in the light of the others."""
    yield from _revision(case)
    if case.draft.action == "withdraw":
        yield from _withdrawal(case, held, office, caller)
        return
    for issue in case.draft.kind.check(case.fields):
        yield case.error(issue.path, issue.code, issue.message)
    missing = [_missing(case, held, reference) for reference in _unmet(case, held)]
    yield from missing
    if not missing:
        for issue in case.draft.kind.check_against(case.fields, held):
            yield case.error(issue.path, issue.code, issue.message)
        yield from _ownership(case, held, office, caller)
    yield from _status(case, caller)
    yield from _merge(case, caller)


def _withdrawal(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    if case.current is None:
        kind = case.draft.kind.name
        yield case.error((), "not_found", f"there is no current {kind} {case.key} to withdraw")
    else:
        yield from _ownership(Case(case.draft, case.key, case.current.fields, case.stored), held, office, caller)


def _revision(case: Case) -> Iterator[DataError]:
    base, stored = case.draft.base_revision, case.stored
    if base is None or base == (stored.revision if stored else 0):
        return
    if stored is None:
        message = f"you changed revision {base}, but no such record is stored"
    else:
        message = f"you changed revision {base}, but revision {stored.revision} is current: {_both(case, stored)}"
    yield case.error(("base_revision",), "conflict", message)


def _both(case: Case, stored: Record) -> str:
    differing = [name for name in case.fields if filled(case.fields[name]) != filled(stored.fields.get(name))]
    shown = [f"{name}: stored {stored.fields.get(name)!r}, yours {case.fields[name]!r}" for name in differing[:10]]
    return "; ".join(shown) or "both say the same"


def _unmet(case: Case, held: World) -> list[Reference]:
    references = case.draft.kind.references(case.fields)
    return [reference for reference in references if held.fields(reference.kind, reference.key) is None]


def _missing(case: Case, held: World, reference: Reference) -> DataError:
    hint = nearest(reference.key, world.names_of_offices(held.session)) if reference.kind == "office" else ""
    hint = hint or ", neither stored nor in this submission"
    message = f"there is no {reference.kind} '{reference.key}'{hint}"
    return case.error(reference.path, "unknown_reference", message, reference.key)


def _ownership(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    kind = case.draft.kind
    if kind.central:
        if not caller.decides_centrally:
            yield case.error((), "not_yours", f"{kind.name} records are written by analysts and administrators")
        return
    if office == "HQ" and caller.role in {"admin", "service"}:
        return  # an administrator's import may carry every office's records
    owners = kind.owners(case.fields, held)
    if owners and office not in owners:
        message = f"belongs to office {owners[0]}, but this submission is from {office}"
        yield case.error(kind.owner_path, "foreign_office", message, owners[0])
    elif case.current and not _owns(case.current, case, held, office, caller):
        message = f"stands under office {case.current.office}, but this submission is from {office}"
        yield case.error(kind.owner_path, "foreign_office", message, case.current.office)


def _owns(current: Record, case: Case, held: World, office: str, caller: Caller) -> bool:
    if case.draft.kind.name == "partner" and caller.decides_centrally:
        return True
    return current.office == office or office in case.draft.kind.owners(current.fields, held)


def current_status(case: Case) -> str:
    """The status a project has before the submission; a new one is a draft."""
    return str(case.current.fields["status"]) if case.current else "draft"


def _status(case: Case, caller: Caller) -> Iterator[DataError]:
    if case.draft.kind.name != "project" or caller.role in {"admin", "service"}:
        return
    status, current = case.fields["status"], current_status(case)
    if status and status != current:
        message = f"status is {current} and moves by transitions only: leave it out"
        yield case.error(("status",), "status_by_transition", message, status)


def _merge(case: Case, caller: Caller) -> Iterator[DataError]:
    if case.draft.kind.name != "partner" or caller.decides_centrally:
        return
    before = case.current.fields.get("merged_into") if case.current else None
    if case.fields["merged_into"] != before:
        message = "partners are merged by analysts: leave merged_into as it is"
        yield case.error(("merged_into",), "not_yours", message)


def filled(value: Any) -> Any:
    """An empty list is as empty as null."""
    return None if value == [] else value
