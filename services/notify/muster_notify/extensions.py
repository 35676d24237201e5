"""Extensions of projects: asked for, decided, listed. They are records, written through ingest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.actors import Actor, actor_of_caller
from muster_notify.deeds import Deed, Done, not_owed
from muster_notify.extension_dates import OPEN, check_new_end, end_of, late_requests, status_of
from muster_notify.extension_list import project_seen
from muster_notify.models import ObligationRow, Record
from muster_notify.people import Offices
from muster_notify.records import Records, Taken
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW
from muster_shared.problems import Problem, forbidden, not_found
from muster_shared.schedules import Fields

_DECISION_FIELDS: Final = ("decision", "decided_by", "decided_on", "comment")


@dataclass(frozen=True, slots=True)
class OfProject:
    """A project's records that an extension is about, as notify knows them."""

    project: Fields | None
    grants: Sequence[Fields]
    extensions: Sequence[Fields]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer says to the request of a day (ISO): ``approved`` or ``refused``, with a word to whoever asked."""

    requested_on: str
    decision: str
    comment: str | None = None


def ask(session: Session, records: Records, row: ObligationRow, actor: Actor, deed: Deed, *, today: date) -> Done:
    """Ask for a later end of an obligation's project.

    Raises:
        Problem: 409 another request waits or was made today, 422 the new end is none, 503 ingest is away.
    """
    known = of_project(session, row.project_code)
    if known.project is None or deed.day is None:
        raise not_owed()
    end = end_of(known.project, known.extensions)
    check_new_end(deed.day, end=end, today=today)
    record = {
        "kind": "extension",
        "project_code": row.project_code,
        "requested_on": today.isoformat(),
        "new_end": deed.day.isoformat(),
        "reason": deed.reason,
        "requested_by": actor.email,
        "base_revision": 0,
    }
    _refuse_second(known.extensions, record)
    try:
        receipt = records.write(row.office, record)
    except Taken as taken:
        raise _asked_already(today.isoformat()) from taken
    return Done(receipt, tuple(late_requests(known.grants, end=end, asked_on=today)))


def decide(context: Context, records: Records, caller: Caller, project_code: str, decision: Decision) -> Done:
    """Approve or refuse an extension as the bearer of a token.

    Raises:
        Problem: 404 none that the caller may see, 403 the caller does not decide, 409 it is decided already, 503.
    """
    now = context.clock.now()
    with context.sessions() as session:
        project = project_seen(session, caller, project_code)
        office = Offices.of(session).by_code.get(project["office"], {})
        actor = actor_of_caller(session, caller, region=office.get("region"))
        if not actor.decides:
            raise forbidden("extensions are decided by the reviewer of the region, or an administrator")
    today = local_day(now, office.get("time_zone") or "UTC")
    done = _write_decision(records, project, actor, decision, today=today)
    context.wake(NOTIFY_FOLLOW)
    return done


def decide_as(
    session: Session, records: Records, project_code: str, actor: Actor, decision: Decision, *, today: date
) -> Done:
    """Approve or refuse an extension as somebody who may.

    Raises:
        Problem: 404 there is no such request, 409 it is decided already, 503 ingest is away.
    """
    project = of_project(session, project_code).project
    if project is None:
        raise not_found(f"there is no project {project_code} any more")
    return _write_decision(records, project, actor, decision, today=today)


def _write_decision(records: Records, project: Fields, actor: Actor, decision: Decision, *, today: date) -> Done:
    """Write a decision onto the request as it stands: of two who decide at once, one is told that it was changed."""
    code, requested_on = project["project_code"], decision.requested_on
    stored = records.stored("extension", f"{code}/{requested_on}")
    if stored is None:
        raise not_found(f"no extension of {code} was asked for on {requested_on}")
    if status_of(stored.fields) != OPEN:
        raise _decided_already(stored.fields)
    decided = {
        **stored.fields,
        "kind": "extension",
        "decision": decision.decision,
        "decided_by": actor.email,
        "decided_on": max(today.isoformat(), requested_on),
        "comment": decision.comment,
        "base_revision": stored.revision,
    }
    try:
        return Done(records.write(project["office"], decided))
    except Taken as taken:
        raise Problem(409, "changed_since", "the request was changed in the meantime: look at it again") from taken


def of_project(session: Session, project_code: str) -> OfProject:
    """The records of a project that its extensions are about."""
    query = select(Record.kind, Record.fields).where(
        Record.project_code == project_code, Record.kind.in_(["project", "grant", "extension"])
    )
    rows = session.execute(query.order_by(Record.kind, Record.key)).all()
    by_kind: dict[str, list[Mapping[str, Any]]] = {"project": [], "grant": [], "extension": []}
    for row in rows:
        by_kind[row.kind].append(row.fields)
    return OfProject(next(iter(by_kind["project"]), None), by_kind["grant"], by_kind["extension"])


def _refuse_second(extensions: Sequence[Fields], record: Fields) -> None:
    """One request waits at a time, and one is made a day; the same one asked twice is one."""
    for extension in extensions:
        if status_of(extension) != OPEN and extension["requested_on"] == record["requested_on"]:
            raise _asked_already(extension["requested_on"])
        is_repeat = all(extension.get(name) == record[name] for name in ("requested_on", "new_end", "reason"))
        if status_of(extension) == OPEN and not (is_repeat and extension.get("requested_by") == record["requested_by"]):
            raise _asked_already(extension["requested_on"])


def _asked_already(day: str) -> Problem:
    detail = (
        f"an extension of this project was asked for on {day}: one request is decided before the next is made, "
        "and a day sees one at most"
    )
    return Problem(409, "asked_already", detail)


def _decided_already(extension: Fields) -> Problem:
    decided = f"{extension['decision']} by {extension['decided_by']} on {extension['decided_on']}"
    return Problem(409, "decided_already", f"this request was {decided}")
