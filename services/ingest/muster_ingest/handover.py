"""Handing over: every project of one person goes to another, in one submission and one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from muster_ingest import judging, remarks, usecases
from muster_ingest.drafts import Draft, Drafts, InDocument
from muster_ingest.envelope import Envelope
from muster_ingest.judging import Judging
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields
from muster_ingest.kinds.parts import Person
from muster_ingest.kinds.refusals import Coded
from muster_ingest.kinds.values import Email, Part, Strict, Text
from muster_ingest.models import Record
from muster_ingest.reading import escape, read_json, unstorable
from muster_ingest.receipts import Answer, Arrival
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden

_OFFICE: Final = "HQ"  # an administrator's submission may carry every office's records
_SEATS: Final = ("manager", "alternate_manager")


_SCHEMA: Final = Strict.from_dict(
    {"from": Email(required=True), "to": Part(Person(), required=True), "note": Text()}, name="HandoverSchema"
)()


@dataclass(frozen=True, slots=True)
class Handover:
    """From whose address, in small letters, to which person ``{name, email}``."""

    giver: str
    taker: Mapping[str, str]
    note: str | None


def hand_over(
    context: Context, caller: Caller, body: bytes, *, content_type: str, key: str | None, dry_run: bool = False
) -> Answer:
    """Give every project that one person manages, or manages as the alternate, to another.

    Everything else of the projects stays as it is. The answer is a receipt; 422 where there is no such project, kept
    like any other rejected submission.

    Raises:
        Problem: 403 the caller is no administrator, 409 the key was used with another body.
    """
    if caller.role != "admin":
        raise forbidden("projects are handed over by an administrator")
    came = usecases.arrival(context, caller, body, content_type=content_type, key=key, dry_run=dry_run)
    return usecases.once(context, came, lambda: _take_in(context, came, body))


def _take_in(context: Context, came: Arrival, body: bytes) -> Answer:
    context.objects.put(body)
    try:
        asked = _read(body)
        return _judging(context, came, asked).judge()
    except Problem as problem:
        if problem.status not in {400, 422}:
            raise
        return judging.reject(context, came, _OFFICE, problem)


def _judging(context: Context, came: Arrival, asked: Handover) -> Judging:
    envelope = Envelope(
        _OFFICE, asked.note or remarks.HANDED_OVER.format(giver=asked.giver, taker=asked.taker["email"])
    )
    return Judging(context, came, envelope, before=lambda session: _gather(session, envelope, asked))


def _gather(session: Session, envelope: Envelope, asked: Handover) -> None:
    """Put the projects into the envelope, locked: whoever changes one at the same time waits for this submission."""
    projects = _projects_of(session, asked.giver)
    if not projects:
        message = f"from: nobody with the address {asked.giver} manages a project: look at the address again"
        raise _refusal([DataError("nothing_to_hand_over", message, "from", None, "/from", asked.giver)])
    envelope.drafts, envelope.count, envelope.remarks = Drafts(), len(projects), []
    for index, fields in enumerate(projects):
        handed = _handed_over(fields, asked)
        if len({_address(handed.get(seat)) for seat in _SEATS}) == 1:
            code, both = fields["project_code"], asked.taker["email"]
            envelope.remarks.append(remarks.BOTH_MANAGERS.format(project=code, person=both))
        envelope.drafts.append(Draft(KINDS["project"], "upsert", handed, (), None, InDocument(index)))
    session.expunge_all()


def _projects_of(session: Session, giver: str) -> Sequence[Fields]:
    held = [func.lower(Record.fields[seat]["email"].astext) == giver for seat in _SEATS]
    query = select(Record).where(Record.kind == "project", ~Record.withdrawn, or_(*held)).order_by(Record.key)
    return [row.fields for row in session.scalars(query.with_for_update())]


def _handed_over(fields: Fields, asked: Handover) -> dict[str, Any]:
    seats = {seat: dict(asked.taker) for seat in _SEATS if _address(fields.get(seat)) == asked.giver}
    return {**fields, **seats}


def _address(person: Mapping[str, str] | None) -> str:
    return (person or {}).get("email", "").lower()


def _read(body: bytes) -> Handover:
    document = read_json(body)
    wrong = list(unstorable(document))
    if wrong:
        raise _refusal(wrong)
    if not isinstance(document, dict):
        raise _refusal([DataError("wrong_type", "the body is not an object: write it in braces", pointer="")])
    try:
        loaded = _SCHEMA.load(document)
    except ValidationError as error:
        raise _refusal(list(_errors(error.messages_dict, ""))) from error
    asked = Handover(loaded["from"].lower(), loaded["to"], loaded["note"])
    if asked.giver == asked.taker["email"].lower():
        message = "email: is the same person as from: name somebody else"
        raise _refusal([DataError("same_person", message, "email", None, "/to/email", asked.taker["email"])])
    return asked


def _errors(messages: Any, pointer: str) -> Iterator[DataError]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _errors(inner, f"{pointer}/{escape(str(name)[:80])}")
        return
    name = pointer.rpartition("/")[2]
    for message in messages:
        code = message.code if isinstance(message, Coded) else "not_valid"
        yield DataError(code, f"{name}: {message}", name, None, pointer)


def _refusal(errors: Sequence[DataError]) -> Problem:
    return Problem(422, "rejected", "nothing was handed over; see errors", errors=errors)
