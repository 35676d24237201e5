"""The files of a project: every version kept under its SHA-256, readable by who may see the project."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from muster_ingest import file_kinds, transitions
from muster_ingest.kinds.kind import Fields
from muster_ingest.models import ProjectDocument, Record
from muster_ingest.workflow import managers_of
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden, not_found

TYPES: Final = ("agreement", "amendment", "budget", "proposal", "report", "other")
_LONGEST_NAME: Final = 150
_UNFIT: Final = frozenset('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent."""

    project_code: str
    name: str
    type: str
    content: bytes


def store(context: Context, caller: Caller, sent: Sent) -> tuple[dict[str, Any], bool]:
    """Keep a file as the newest version under its name; the document, and whether it is new.

    Content that is stored as the newest version already makes no new one.

    Raises:
        Problem: 404 no project that the caller may see, 403 not theirs to write for, 415 not a kind of file that is
            taken, 422 a name that no file system takes, or no content.
    """
    _check_name(sent.name)
    with context.sessions() as session:
        record = transitions.project_seen(session, caller, sent.project_code)
    if not may_write(caller, record.fields):
        raise forbidden(f"your token does not let you write for project {sent.project_code}")
    if not sent.content:
        raise Problem(422, "empty", "the file is empty: send its bytes as the body of the request")
    media_type = _media_type(sent)
    sha256 = context.objects.put(sent.content)
    with context.sessions.begin() as session:
        session.get(Record, ("project", sent.project_code), with_for_update=True)  # one version at a time
        newest = _newest(session, sent.project_code, sent.name)
        if newest and (newest.sha256, newest.type) == (sha256, sent.type):
            return _document(newest), False
        row = ProjectDocument(
            project_code=sent.project_code,
            name=sent.name,
            version=(newest.version if newest else 0) + 1,
            type=sent.type,
            content_type=media_type,
            sha256=sha256,
            size=len(sent.content),
            stored_at=context.clock.now(),
            stored_by=caller.name,
        )
        session.add(row)
        subject = {"project_code": row.project_code, "name": row.name, "version": row.version, "sha256": sha256}
        audit.note(session, caller, "document", subject, at=row.stored_at)
        return _document(row), True


def may_write(caller: Caller, project: Fields) -> bool:
    """Whether a caller may keep files of a project: for its office, or as its manager."""
    return caller.may_write_for(project["office"]) or caller.name.casefold() in managers_of(project)


def listed(context: Context, caller: Caller, project_code: str) -> dict[str, Any]:
    """The newest version of each file of a project, by name, with how many there are.

    Raises:
        Problem: 404 no project that the caller may see.
    """
    query = (
        select(ProjectDocument)
        .where(ProjectDocument.project_code == project_code)
        .ext(distinct_on(ProjectDocument.name))
        .order_by(ProjectDocument.name, ProjectDocument.version.desc())
    )
    with context.sessions() as session:
        transitions.project_seen(session, caller, project_code)
        return {"items": [_document(row) for row in session.scalars(query)], "next": None}


def versions(context: Context, caller: Caller, project_code: str, name: str) -> dict[str, Any]:
    """Every version of a file, newest first.

    Raises:
        Problem: 404 no such file that the caller may see.
    """
    query = select(ProjectDocument).where(ProjectDocument.project_code == project_code, ProjectDocument.name == name)
    with context.sessions() as session:
        transitions.project_seen(session, caller, project_code)
        rows = session.scalars(query.order_by(ProjectDocument.version.desc())).all()
    if not rows:
        raise _no_such(project_code, name)
    return {"items": [_document(row) for row in rows], "next": None}


def read(
    context: Context, caller: Caller, project_code: str, name: str, version: int | None
) -> tuple[ProjectDocument, bytes]:
    """A file and its bytes: the newest version, or the one that is asked for.

    Raises:
        Problem: 404 no such file or version that the caller may see.
    """
    with context.sessions() as session:
        transitions.project_seen(session, caller, project_code)
        row = (
            session.get(ProjectDocument, (project_code, name, version))
            if version
            else _newest(session, project_code, name)
        )
    if row is None:
        raise _no_such(project_code, name)
    return row, context.objects.get(row.sha256)


def _newest(session: Session, project_code: str, name: str) -> ProjectDocument | None:
    last = select(func.max(ProjectDocument.version)).where(
        ProjectDocument.project_code == project_code, ProjectDocument.name == name
    )
    return session.get(ProjectDocument, (project_code, name, session.scalar(last) or 0))


def _check_name(name: str) -> None:
    unfit = sorted({c for c in name if c in _UNFIT or unicodedata.category(c)[0] == "C"})
    if unfit or not 0 < len(name) <= _LONGEST_NAME or name.startswith(".") or name != name.strip():
        message = f"not a name for a file: 1 to {_LONGEST_NAME} characters, without {' '.join(sorted(_UNFIT))}"
        errors = [DataError("bad_name", message, "name", value=name[:_LONGEST_NAME])]
        raise Problem(422, "bad_name", "the name of the document cannot be used", errors=errors)


def _media_type(sent: Sent) -> str:
    try:
        return file_kinds.content_type(sent.name, sent.content)
    except file_kinds.WrongKind as wrong:
        raise Problem(415, "unsupported_type", str(wrong)) from wrong


def _no_such(project_code: str, name: str) -> Problem:
    return not_found(f"project {project_code} has no document '{name[:_LONGEST_NAME]}' in that version")


def _document(row: ProjectDocument) -> dict[str, Any]:
    return {
        "project_code": row.project_code,
        "name": row.name,
        "version": row.version,
        "type": row.type,
        "content_type": row.content_type,
        "sha256": row.sha256,
        "size": row.size,
        "stored_at": iso_z(row.stored_at),
        "stored_by": row.stored_by,
    }
