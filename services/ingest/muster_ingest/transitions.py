"""Taking a step of the endorsement workflow: a revision of the project with who, when and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from muster_ingest import usecases
from muster_ingest.drafts import Draft, Drafts, InDocument
from muster_ingest.envelope import Envelope
from muster_ingest.judging import Judging
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields
from muster_ingest.models import Record, Revision, Transition
from muster_ingest.receipts import Answer, Arrival
from muster_ingest.visibility import offices_seen, records_seen
from muster_ingest.workflow import Standing, Step, managers_of, may_take, missing, shipped_workflow
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import Problem, forbidden, not_found

_WAITS_FOR_REVIEWER = "submitted"
LATE_DAYS = 7  # a decision that takes longer is late: notify reminds the reviewer from then on


@dataclass(frozen=True, slots=True)
class Wish:
    """The step somebody wants to take: the status a project is to have, and why."""

    project_code: str
    to: str
    comment: str | None


def take(context: Context, caller: Caller, wish: Wish, *, key: str | None = None) -> Answer:
    """Take a step; the answer is the receipt of the revision it made.

    Raises:
        Problem: 404 no project that the caller may see; 403 the step is not the caller's to take; 409 no such step
            leads on from the status it has; 422 a comment, or something that the step needs, is missing (all listed).
    """
    body = json.dumps({"transition": wish.project_code, "to": wish.to, "comment": wish.comment}).encode()
    came = usecases.arrival(context, caller, body, content_type="application/json", key=key)
    return usecases.once(context, came, lambda: _take(context, came, wish, body))


def _take(context: Context, came: Arrival, wish: Wish, body: bytes) -> Answer:
    with context.sessions() as session:
        record = project_seen(session, came.caller, wish.project_code)
        step = _allowed(session, came.caller, record, wish)
    context.objects.put(body)
    return Judging(
        context,
        _as_muster(came),
        _envelope(record, step, wish),
        before=lambda session: _note(session, came, record, step, wish),
    ).judge()


def _as_muster(came: Arrival) -> Arrival:
    """The revision is written in the name of who took the step; that they may was found out by the workflow."""
    return Arrival(
        caller=Caller(came.caller.name, "service"),
        sha256=came.sha256,
        size=came.size,
        content_type=came.content_type,
        key=came.key,
        received_at=came.received_at,
        submission_id=came.submission_id,
    )


def project_seen(session: Session, caller: Caller, code: str) -> Record:
    """A current project of an office, a region or a manager that the caller is or stands for.

    Raises:
        Problem: 404, there is none.
    """
    record = session.get(Record, ("project", code))
    seen = offices_seen(session, caller)
    if record is None or record.withdrawn or not (seen is None or record.office in seen or _manages(caller, record)):
        raise not_found(f"there is no project {code} that you may see")
    return record


def _manages(caller: Caller, record: Record) -> bool:
    return caller.role == "project_manager" and caller.name.casefold() in managers_of(record.fields)


def _allowed(session: Session, caller: Caller, record: Record, wish: Wish) -> Step:
    status = record.fields["status"]
    step = shipped_workflow().step(status, wish.to)
    if step is None:
        onward = ", ".join(sorted({step.to for step in shipped_workflow().out_of(status)})) or "nowhere: it is final"
        raise Problem(409, "no_such_step", f"a project that is {status} cannot become {wish.to}: from there, {onward}")
    standing = standing_of(session, record)
    if not may_take(caller, step, standing):
        roles = " or ".join(role.replace("_", " ") for role in step.who)
        raise forbidden(f"to {step.name} is for the {roles} of this project")
    _complete(step, standing, wish)
    return step


def _complete(step: Step, standing: Standing, wish: Wish) -> None:
    if step.comment and not (wish.comment or "").strip():
        raise Problem(
            422, "comment_missing", f"to {step.name}, say why in 'comment': the office and the reviewer read it"
        )
    lacking = list(missing(step, standing))
    if lacking:
        detail = f"the project cannot become {step.to} yet: {len(lacking)} things are missing"
        raise Problem(422, "not_ready", detail, errors=lacking)


def standing_of(session: Session, record: Record) -> Standing:
    """A project with all that steps are held against."""
    office = session.get(Record, ("office", record.office))
    region = office.fields.get("region") if office and not office.withdrawn else None
    return Standing(
        record.fields,
        region,
        _of_project(session, "grant", record.key),
        _of_project(session, "progress_report", record.key),
    )


def _of_project(session: Session, kind: str, code: str) -> Sequence[Fields]:
    query = select(Record.fields).where(
        Record.kind == kind, ~Record.withdrawn, Record.fields.contains({"project_code": code})
    )
    return session.scalars(query.order_by(Record.key)).all()


def _envelope(record: Record, step: Step, wish: Wish) -> Envelope:
    drafts = Drafts()
    fields = {**record.fields, "status": step.to}
    drafts.append(Draft(KINDS["project"], "upsert", fields, (), record.revision, InDocument(0)))
    return Envelope(record.office, wish.comment or f"{step.name}: {record.key}", 1, drafts)


def _note(session: Session, came: Arrival, record: Record, step: Step, wish: Wish) -> None:
    """Note the step with the revision it makes; refused where the project changed since it was looked at."""
    current = session.get(Record, ("project", record.key), with_for_update=True)
    if current is None or current.withdrawn or current.revision != record.revision:
        raise Problem(409, "changed_since", f"project {record.key} was changed meanwhile: look at it again")
    session.add(
        Transition(
            project_code=record.key,
            revision=record.revision + 1,
            name=step.name,
            status_before=step.from_,
            status=step.to,
            comment=wish.comment,
            actor=came.caller.name,
            role=came.caller.role,
            taken_at=came.received_at,
            submission_id=came.submission_id,
        )
    )
    subject = {"project_code": record.key, "from": step.from_, "to": step.to}
    audit.note(session, came.caller, "transition", subject, at=came.received_at)
    session.flush()
    session.expunge_all()


def history(context: Context, caller: Caller, code: str) -> dict[str, Any]:
    """The steps a project took, oldest first, and those the caller may take now with what is missing for each.

    Raises:
        Problem: 404 no project that the caller may see.
    """
    with context.sessions() as session:
        record = project_seen(session, caller, code)
        taken = session.scalars(
            select(Transition).where(Transition.project_code == code).order_by(Transition.revision)
        ).all()
        standing = standing_of(session, record)
    status = record.fields["status"]
    steps = [step for step in shipped_workflow().out_of(status) if may_take(caller, step, standing)]
    return {
        "project_code": code,
        "status": status,
        "waiting_days": _days(taken[-1].taken_at, context.clock.now()) if taken else None,
        "items": [_told(row, before) for row, before in zip(taken, [None, *taken], strict=False)],
        "steps": [_offered(step, standing) for step in steps],
        "next": None,
    }


def waiting(context: Context, caller: Caller, region: str | None) -> dict[str, Any]:
    """Projects that wait for their reviewer, longest first, as far as the caller sees them."""
    with context.sessions() as session:
        query = _submitted_since().where(records_seen(session, caller, "project"))
        if region:
            query = query.where(Record.office.in_(_offices_of(session, region)))
        rows = session.execute(query).all()
    now = context.clock.now()
    items = [_waits(record, submitted, now) for record, submitted in rows]
    return {"items": sorted(items, key=lambda item: (-item["waiting_days"], item["project_code"])), "next": None}


def _submitted_since() -> Select[Record, Revision]:
    """Each project that waits, with the revision that made it wait: by a step, or by an administrator's import."""
    before, of_same = aliased(Revision), (Revision.kind == "project", Revision.key == Record.key)
    waits = Record.fields["status"].astext == _WAITS_FOR_REVIEWER
    last_other = select(func.max(before.revision)).where(before.kind == "project", before.key == Record.key)
    last_other = last_other.where(before.fields["status"].astext.is_distinct_from(_WAITS_FOR_REVIEWER))
    began = Revision.revision > func.coalesce(last_other.correlate(Record).scalar_subquery(), 0)
    query = select(Record, Revision).join(Revision, and_(*of_same)).where(began)
    query = query.where(Record.kind == "project", ~Record.withdrawn, waits)
    return query.ext(distinct_on(Record.key)).order_by(Record.key, Revision.revision)


def _offices_of(session: Session, region: str) -> Sequence[str]:
    query = select(Record.key).where(Record.kind == "office", Record.fields["region"].astext == region)
    return session.scalars(query).all()


def _waits(record: Record, submitted: Revision, now: datetime) -> dict[str, Any]:
    return {
        "project_code": record.key,
        "title": record.fields["title"],
        "office": record.office,
        "since": iso_z(submitted.occurred_at),
        "waiting_days": _days(submitted.occurred_at, now),
        "submitted_by": submitted.actor,
    }


def _told(row: Transition, before: Transition | None) -> dict[str, Any]:
    return {
        "name": row.name,
        "from": row.status_before,
        "to": row.status,
        "comment": row.comment,
        "by": row.actor,
        "role": row.role,
        "at": iso_z(row.taken_at),
        "revision": row.revision,
        "submission_id": str(row.submission_id),
        "waited_days": _days(before.taken_at, row.taken_at) if before else None,
    }


def _offered(step: Step, standing: Standing) -> dict[str, Any]:
    return {
        "name": step.name,
        "to": step.to,
        "comment_needed": step.comment,
        "missing": [error.document() for error in missing(step, standing)],
    }


def _days(since: datetime, until: datetime) -> float:
    return round((until - since) / timedelta(days=1), 2)
