"""A project with the records that belong to it, as its page tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_ingest.kinds.kind import Fields
from muster_ingest.models import Record, Revision
from muster_ingest.transitions import project_seen
from muster_shared.auth import Caller

_OF_PROJECT: Final = ("grant", "progress_report", "extension")


@dataclass(frozen=True, slots=True)
class ProjectRecords:
    """The current fields of a project, its office (empty where it has no record) and what names the project.

    ``first_end`` is the end that its first revision stated; ``donors`` are names by ``donor_id``.
    """

    code: str
    revision: int
    project: Fields
    office: Fields
    grants: Sequence[Fields]
    reports: Sequence[Fields]
    extensions: Sequence[Fields]
    donors: Mapping[str, str]
    first_end: str


def read(session: Session, caller: Caller, code: str) -> ProjectRecords:
    """A project that the caller may see.

    Raises:
        Problem: 404, there is none.
    """
    record = project_seen(session, caller, code)
    office = session.get(Record, ("office", record.office))
    of_project = _of_project(session, code)
    grants = of_project["grant"]
    return ProjectRecords(
        code=code,
        revision=record.revision,
        project=record.fields,
        office=office.fields if office and not office.withdrawn else {},
        grants=grants,
        reports=of_project["progress_report"],
        extensions=of_project["extension"],
        donors=_donors(session, {grant["donor_id"] for grant in grants}),
        first_end=_first_end(session, code) or record.fields["end"],
    )


def _of_project(session: Session, code: str) -> dict[str, list[Fields]]:
    query = select(Record.kind, Record.fields).where(
        Record.kind.in_(_OF_PROJECT), ~Record.withdrawn, Record.fields.contains({"project_code": code})
    )
    found: dict[str, list[Fields]] = {kind: [] for kind in _OF_PROJECT}
    for kind, fields in session.execute(query.order_by(Record.kind, Record.key)):
        found[kind].append(fields)
    return found


def _donors(session: Session, codes: set[str]) -> dict[str, str]:
    query = select(Record.key, Record.fields["name"].astext).where(Record.kind == "donor", Record.key.in_(codes))
    return {key: name or key for key, name in session.execute(query)}


def _first_end(session: Session, code: str) -> str | None:
    query = select(Revision.fields["end"].astext).where(Revision.kind == "project", Revision.key == code)
    return session.scalars(query.order_by(Revision.revision).limit(1)).first()
