"""What the log says of projects besides what they owe: steps of the endorsement workflow, and seats handed over.

Changes are looked at one by one in the order of the log, each against the one before, so that the same log gives the
same steps and handovers however it is cut into pages, and however often it is read. What was heard of stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.models import Record
from muster_notify.workflow_models import HeardHandover, HeardStep, ProjectStanding
from muster_notify.workflow_news import WAITS, NewsRules
from muster_shared.changelog import Change
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields

SEATS: Final = ("manager", "alternate_manager")
_NAMESPACE: Final = UUID("7a0f6f3e-0d5c-5b57-8f0c-2b7d6a1c9e44")
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class _Next:
    """A change of a project, and its fields before, None where there was no such project."""

    change: Change
    before: Fields | None


def hear(session: Session, changes: Sequence[Change], rules: NewsRules) -> None:
    """Take in what changes of the log say of projects; called before the records themselves are."""
    projects = [change for change in changes if change.kind == "project"]
    if not projects:
        return
    steps = list(_in_order(projects, _stored(session, {change.key for change in projects})))
    _stand(session, [one for one in steps if _is_step(one)])
    _withdraw(session, steps)
    _insert(session, HeardStep, [_step(one) for one in steps if _is_step(one) and _is_told(one, rules)])
    _insert(session, HeardHandover, [row for one in steps for row in _handed_over(one)])


def forget(session: Session) -> None:
    """The log is read anew: where projects stand is worked out once more."""
    session.execute(delete(ProjectStanding))


def step_id(change: Change) -> UUID:
    """The id of a step: the same whenever the log is read."""
    return uuid5(_NAMESPACE, f"{change.key} {change.revision} {change.occurred_at.isoformat()}")


def _stored(session: Session, codes: Iterable[str]) -> dict[str, Fields]:
    query = select(Record.key, Record.fields).where(Record.kind == "project", one_of(Record.key, codes))
    return {row.key: row.fields for row in session.execute(query)}


def _in_order(changes: Iterable[Change], stored: Mapping[str, Fields]) -> Iterator[_Next]:
    known: dict[str, Fields | None] = dict(stored)
    for change in changes:
        yield _Next(change, known.get(change.key))
        known[change.key] = None if change.action == "withdraw" else change.fields


def _is_step(one: _Next) -> bool:
    """Whether a project came to another status, or to its first one."""
    if one.change.action == "withdraw":
        return False
    return one.before is None or one.before.get("status") != one.change.fields.get("status")


def _is_told(one: _Next, rules: NewsRules) -> bool:
    """Who sends a project for the first time knows where it stands; that it waits is news to its reviewer."""
    status = one.change.fields.get("status")
    return status == WAITS or (one.before is not None and status in rules.answers)


def _stand(session: Session, steps: Sequence[_Next]) -> None:
    newest = {one.change.key: one.change for one in steps}
    rows = [_standing(change) for change in newest.values()]
    for at in range(0, len(rows), _AT_ONCE):
        query = insert(ProjectStanding).values(rows[at : at + _AT_ONCE])
        state = {name: query.excluded[name] for name in ("status", "step_id", "since", "taken_by")}
        session.execute(query.on_conflict_do_update(index_elements=["project_code"], set_=state))


def _withdraw(session: Session, steps: Sequence[_Next]) -> None:
    newest = {one.change.key: one.change.action for one in steps}
    gone = [code for code, action in newest.items() if action == "withdraw"]
    if gone:
        session.execute(delete(ProjectStanding).where(one_of(ProjectStanding.project_code, gone)))


def _standing(change: Change) -> dict[str, Any]:
    return {
        "project_code": change.key,
        "status": change.fields.get("status") or "",
        "step_id": step_id(change),
        "since": change.occurred_at,
        "taken_by": change.by,
    }


def _step(one: _Next) -> dict[str, Any]:
    change = one.change
    return {
        "step_id": step_id(change),
        "project_code": change.key,
        "status": change.fields["status"],
        "comment": change.comment,
        "taken_by": change.by,
        "taken_at": change.occurred_at,
        "told_at": None,
    }


def _handed_over(one: _Next) -> Iterator[dict[str, Any]]:
    """Each seat of somebody who is named in none any more, with who has it now."""
    change, before = one.change, one.before
    if before is None or change.action == "withdraw":
        return
    left = {_address(before.get(seat)) for seat in SEATS} - {_address(change.fields.get(seat)) for seat in SEATS}
    for seat in SEATS:
        giver, taker = before.get(seat), change.fields.get(seat)
        if _address(giver) in left - {""} and _address(taker):
            yield {
                "submission_id": change.source.submission_id,
                "project_code": change.key,
                "seat": seat,
                "title": change.fields["title"],
                "office": change.office,
                "giver": giver,
                "taker": taker,
                "handed_by": change.by,
                "handed_at": change.occurred_at,
                "told_at": None,
            }


def _address(person: Mapping[str, Any] | None) -> str:
    email = (person or {}).get("email")  # of a record that came in wrong, and is mended by the next, it may be anything
    return email.strip().lower() if isinstance(email, str) else ""


def _insert(session: Session, table: type[HeardStep | HeardHandover], rows: Sequence[dict[str, Any]]) -> None:
    for at in range(0, len(rows), _AT_ONCE):
        session.execute(insert(table).values(rows[at : at + _AT_ONCE]).on_conflict_do_nothing())
