"""Templates of an office, prefilled with what stands now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_ingest import world
from muster_ingest.kinds import KINDS
from muster_ingest.models import Record
from muster_ingest.visibility import offices_seen
from muster_ingest.workbooks.templates import template as templates
from muster_ingest.workbooks.templates.template import Choices, Stored
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem, forbidden, not_found

ALL = "all"


@dataclass(frozen=True, slots=True)
class Made:
    """A template and what its file is called."""

    content: bytes
    file_name: str


def template(context: Context, caller: Caller, kind: str, *, office: str | None, lang: str) -> Made:
    """The template of one kind or of all that an office writes.

    Raises:
        Problem: 404 for an unknown kind or office, 403 for an office that is not the caller's.
    """
    if kind not in (*KINDS, ALL):
        raise not_found(f"there is no record kind '{kind[:40]}'; known are {', '.join(KINDS)}, and '{ALL}'")
    with context.sessions() as session:
        chosen = _office(session, caller, office)
        kinds = _kinds(kind, chosen)
        content = templates.make(
            kinds,
            office=chosen,
            office_name=_office_name(session, chosen),
            language=lang,
            records={name: _records(session, name, chosen) for name in kinds},
            choices=Choices({name: world.names_of(session, name, chosen) for name in world.NAMED_BY}),
            made_at=context.clock.now(),
        )
    return Made(content, f"{kind}-{chosen}.xlsx")


def _office(session: Session, caller: Caller, given: str | None) -> str:
    office = given or (caller.offices[0] if len(caller.offices) == 1 else "HQ" if caller.sees_all_offices else None)
    if caller.role == "donor":
        raise forbidden("templates are for those who submit")
    if office is None:
        raise Problem(422, "required", "say for which office the template is: ?office=KEN")
    seen = offices_seen(session, caller)
    if seen is not None and office not in seen:
        raise forbidden(f"your token does not open records of office '{office[:40]}'")
    if office != "HQ" and session.get(Record, ("office", office)) is None:
        raise not_found(f"there is no office '{office[:40]}'")
    return office


def _kinds(kind: str, office: str) -> Sequence[str]:
    if kind != ALL:
        return (kind,)
    return tuple(name for name, each in KINDS.items() if office == "HQ" or not each.central)


def _office_name(session: Session, office: str) -> str:
    record = session.get(Record, ("office", office))
    return str(record.fields["name"]) if record else office


def _records(session: Session, kind: str, office: str) -> Sequence[Stored]:
    query = select(Record.revision, Record.fields).where(
        Record.kind == kind, Record.office == office, ~Record.withdrawn
    )
    return [Stored(revision, fields) for revision, fields in session.execute(query.order_by(Record.key))]
