"""The rules one record is held against, beyond its own fields: revisions, references, owners, states, merges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from muster_ingest.drafts import Draft
from muster_ingest.kinds.kind import Fields, RecordName, Reference
from muster_ingest.kinds.refusals import as_read
from muster_ingest.models import Revision
from muster_ingest.visibility import FOR_ALL
from muster_ingest.world import Stored, World
from muster_shared.auth import Caller
from muster_shared.problems import DataError


@dataclass(frozen=True, slots=True)
class Case:
    """A record as sent and completed, beside what is stored under its key."""

    draft: Draft
    key: str | None
    fields: Fields
    stored: Stored | None

    @property
    def name(self) -> RecordName:
        """Kind and key; of a record whose key is wrong, a key that no record has."""
        return self.draft.kind.name, self.key or ""

    @property
    def current(self) -> Stored | None:
        """What is stored, unless it was withdrawn."""
        return None if self.stored is None or self.stored.withdrawn else self.stored

    def error(self, path: tuple[str | int, ...], code: str, message: str, value: Any = None) -> DataError:
        """An error at a place within the record."""
        return self.draft.place.error(path, code, message, value)

    def knows(self, path: tuple[str | int, ...]) -> bool:
        """Whether the field that a path leads to is right as far as it goes."""
        return not path or path[0] not in self.draft.wrong


def check(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    """Everything wrong with one record in the light of the others; what is wrong by itself is not told again."""
    yield from _revision(case, held, tellable=_may_be_told(case, held, office, caller))
    if case.draft.action == "withdraw":
        yield from _withdrawal(case, held, office, caller)
        return
    for issue in case.draft.kind.check(case.fields):
        if case.knows(issue.path):
            yield case.error(issue.path, issue.code, issue.message)
    missing = [_missing(case, held, reference) for reference in _unmet(case, held)]
    yield from missing
    if not missing and not case.draft.wrong and _is_of(case, held, office):
        for issue in case.draft.kind.check_against(case.fields, held):
            yield case.error(issue.path, issue.code, issue.message)
    if case.knows(case.draft.kind.owner_path) and not any(
        error.field in case.draft.kind.owner_path for error in missing
    ):
        yield from _ownership(case, held, office, caller)
    if case.knows(("status",)):
        yield from _status(case, caller)
    yield from _merge(case, caller)


def _withdrawal(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    if case.draft.wrong:
        return
    if case.current is None:
        kind = case.draft.kind.name
        message = f"there is no current {kind} {case.key} to withdraw: mend its key, or leave it out"
        yield case.error((), "not_found", message)
    else:
        yield from _ownership(Case(case.draft, case.key, case.current.fields, case.stored), held, office, caller)


def _may_be_told(case: Case, held: World, office: str, caller: Caller) -> bool:
    """Whether the sender may hear what is stored under this key: what another office stored is not theirs to see."""
    if held.seen_office is None or case.stored is None or case.draft.kind.name in FOR_ALL:
        return True
    return _owns(case.stored, case, held, office, caller)


def _is_of(case: Case, held: World, office: str) -> bool:
    """Whether a record is of the sender's office, so that what it is held against may be told."""
    owners = () if held.seen_office is None else case.draft.kind.owners(case.fields, held)
    return not owners or office in owners


def _revision(case: Case, held: World, *, tellable: bool) -> Iterator[DataError]:
    """A newer revision than the one that was changed is an error, unless both say the same."""
    base, stored = case.draft.base_revision, case.stored
    if base is None or case.key is None or base == (stored.revision if stored else 0):
        return
    if stored is None:
        message = (
            f"you changed revision {base}, but no {case.draft.kind.name} {case.key} is stored: "
            f"leave the revision out to send it as new, or mend its key"
        )
        yield case.error(("base_revision",), "conflict", message)
        return
    if not tellable:
        yield case.error(("base_revision",), "conflict", f"revision {base} of this record is not current")
        return
    differing = _differing(case, stored)
    if differing:
        since = f"you changed revision {base}, but revision {stored.revision} is current{_changed_by(stored, held)}"
        for path, fields in case.draft.place.conflicts(differing):
            told = "; ".join(_both(name, old, new) for name, (old, new) in fields.items())
            message = f"{since}: {told}; take over what is right, and give revision {stored.revision} to write it"
            yield case.error(path, "conflict", message)


def _differing(case: Case, stored: Stored) -> dict[str, tuple[Any, Any]]:
    if case.draft.action == "withdraw":
        return {} if stored.withdrawn else {"action": ("current", "withdraw")}
    before = {} if stored.withdrawn else stored.fields
    return {
        name: (before.get(name), new)
        for name, new in case.fields.items()
        if filled(new) != filled(before.get(name)) and case.knows((name,)) and not (name == "status" and new is None)
    }


def _both(name: str, old: Any, new: Any) -> str:
    """A field as it is stored and as it is sent; of an object, the parts that differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        parts = [part for part in {**old, **new} if old.get(part) != new.get(part)]
        return "; ".join(_both(f"{name}.{part}", old.get(part), new.get(part)) for part in parts)
    return f"{name}: stored {as_read(old)}, yours {as_read(new)}"


def _changed_by(stored: Stored, held: World) -> str:
    query = select(Revision.actor, Revision.occurred_at).where(
        Revision.kind == stored.kind, Revision.key == stored.key, Revision.revision == stored.revision
    )
    actor, when = held.session.execute(query).one()
    return f", by {actor} on {when:%Y-%m-%d at %H:%M} UTC"


def _unmet(case: Case, held: World) -> list[Reference]:
    references = case.draft.kind.references(case.fields)
    return [reference for reference in references if held.fields(reference.kind, reference.key) is None]


def _missing(case: Case, held: World, reference: Reference) -> DataError:
    hint = held.near(reference.kind, reference.key) or ", neither stored nor in this submission"
    message = f"there is no {reference.kind} '{reference.key}'{hint}"
    return case.error(reference.path, "unknown_reference", message, reference.key)


def _ownership(case: Case, held: World, office: str, caller: Caller) -> Iterator[DataError]:
    kind = case.draft.kind
    if kind.central:
        if not caller.decides_centrally:
            yield case.error(
                (), "not_yours", f"{kind.name} records are written by analysts and administrators: leave it out"
            )
        return
    if office == "HQ" and caller.role in {"admin", "service"}:
        return  # an administrator's import may carry every office's records
    owners = kind.owners(case.fields, held)
    if owners and office not in owners:
        message = f"belongs to office {owners[0]}, but this submission is from {office}: leave it to {owners[0]}"
        yield case.error(kind.owner_path, "foreign_office", message, owners[0])
    elif case.current and not _owns(case.current, case, held, office, caller):
        owner = case.current.office
        message = f"stands under office {owner}, but this submission is from {office}: leave it to {owner}"
        yield case.error(kind.owner_path, "foreign_office", message, case.current.office)


def _owns(current: Stored, case: Case, held: World, office: str, caller: Caller) -> bool:
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
    if case.knows(("merged_into",)) and case.fields["merged_into"] != before:
        message = "partners are merged by analysts: leave merged_into as it is"
        yield case.error(("merged_into",), "not_yours", message)


def filled(value: Any) -> Any:
    """An empty list is as empty as null."""
    return None if value == [] else value
