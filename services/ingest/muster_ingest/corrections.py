"""Correcting one value of a record: a submission of one record that names the revision it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from muster_ingest import queries, usecases
from muster_ingest.kinds import KINDS
from muster_ingest.receipts import Answer
from muster_ingest.rules import filled
from muster_ingest.world import World
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem, forbidden, not_found

CONFLICT: Final = "conflict"
_BY_STEPS: Final = frozenset({("project", "status")})  # moves by the steps of the workflow only


@dataclass(frozen=True, slots=True)
class Correction:
    """Another value for one field; ``base_revision`` is the one its author looked at."""

    kind: str
    key: str
    name: str
    value: Any
    base_revision: int


def correct(context: Context, caller: Caller, correction: Correction) -> Answer:
    """Send the record with the other value; a change of the same field by somebody else meanwhile is a conflict.

    Raises:
        Problem: 404 no such record or field, 403 of an office that is not the caller's, 409 it was withdrawn.
    """
    with context.sessions() as session:
        history = queries.revisions(session, caller, correction.kind, correction.key)["items"]
        office = office_for(session, caller, history[0])
    if correction.name not in correctable(correction.kind):
        raise not_found(f"there is no field '{correction.name[:40]}' of {correction.kind} to correct")
    if history[0]["action"] == "withdraw":
        raise Problem(409, "withdrawn", f"{correction.kind} {correction.key} was withdrawn: send it anew")
    record = {
        "kind": correction.kind,
        "base_revision": _base(history, correction),
        **history[0]["fields"],
        correction.name: correction.value,
    }
    body = json.dumps({"office": office, "records": [record]}).encode()
    return usecases.submit(context, caller, body, content_type="application/json", key=None)


def correctable(kind: str) -> tuple[str, ...]:
    """The fields that a correction may change: all but the key and what moves by steps."""
    known = KINDS[kind]
    return tuple(name for name in known.schema.fields if name not in known.key and (kind, name) not in _BY_STEPS)


def office_for(session: Session, caller: Caller, record: Mapping[str, Any]) -> str:
    """In whose name a caller corrects a record.

    Raises:
        Problem: 403, in nobody's.
    """
    kind = KINDS[record["kind"]]
    if not kind.central or caller.decides_centrally:
        for office in (
            record["office"],
            *kind.owners(record["fields"], World(session)),
            *_headquarters(caller, kind.name),
        ):
            if caller.may_write_for(office):
                return str(office)
    raise forbidden(f"you may not correct {kind.name} {record['key']}: it stands under office {record['office']}")


def _headquarters(caller: Caller, kind: str) -> Iterator[str]:
    """Partners are proposed by any office, and kept in order by headquarters."""
    if kind == "partner" and caller.decides_centrally:
        yield "HQ"


def _base(history: Sequence[Mapping[str, Any]], correction: Correction) -> int:
    """The newest revision where nobody has changed this field since the one the author saw."""
    newest, name = history[0], correction.name
    seen = next((each for each in history if each["revision"] == correction.base_revision), None)
    same = seen is not None and filled(seen["fields"].get(name)) == filled(newest["fields"].get(name))
    return int(newest["revision"]) if same else correction.base_revision
