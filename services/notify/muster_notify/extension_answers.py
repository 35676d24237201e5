"""Who hears of extensions: the regional reviewer that one was asked for, whoever asked how it was decided.

What is to be told follows from the records, so nothing is lost where a process dies and nothing is told twice where
the log is read again: a mail's id is made of what it tells. Extensions in which nobody is named who asked were not
asked for through Muster; nobody waits for an answer about them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.extension_dates import OPEN, late_requests, old_end, status_of
from muster_notify.gathering import Moment, new_mail
from muster_notify.ladder import Person
from muster_notify.letters.news import EXTENSION_APPROVED, EXTENSION_ASKED, EXTENSION_REFUSED
from muster_notify.links import decision_url
from muster_notify.models import Mail, ObligationRow, Record
from muster_notify.people import ANY_OFFICE, Offices
from muster_notify.preferences import stand_ins
from muster_notify.windows import local_day
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields
from muster_shared.settings import Settings

_log = logging.getLogger(__name__)
_NAMESPACE: Final = UUID("1f6f7f0e-9a0c-5f3a-8f0e-5a8a2f6c0d11")
_KIND: Final = "answer"
_OVERTAKEN: Final = "the extension was decided before this was sent"
_ABOUT: Final = {"approved": EXTENSION_APPROVED, "refused": EXTENSION_REFUSED}


@dataclass(frozen=True, slots=True)
class _Matter:
    """A project with its extensions and grants, as notify knows them."""

    project: Fields
    extensions: Sequence[Fields]
    grants: Sequence[Fields]


def tell(session: Session, codes: Collection[str], moment: Moment) -> None:
    """Make the mails that are due about the extensions of some projects; those made already stay as they are."""
    matters = _matters(session, codes)
    if not matters:
        return
    offices = Offices.of(session)
    for matter in matters:
        for extension in matter.extensions:
            if extension.get("requested_by"):
                _tell_one(session, offices, matter, extension, moment)


def answer_url(settings: Settings, content: Mapping[str, Any], recipient: str, now: datetime) -> str:
    """Where the reader of a mail about an extension decides on it, or looks at what is owed."""
    obligation_id = content.get("obligation_id")
    if content["about"] != EXTENSION_ASKED or not obligation_id:
        return f"{settings.base_url()}/notify/"
    return decision_url(settings, UUID(obligation_id), recipient, now, requested_on=content["requested_on"])


def _matters(session: Session, codes: Collection[str]) -> list[_Matter]:
    """The projects among these that an extension was asked for."""
    asked = select(Record.project_code).where(Record.kind == "extension", one_of(Record.project_code, codes))
    kinds = Record.kind.in_(["project", "extension", "grant"])
    query = select(Record.kind, Record.project_code, Record.fields).where(kinds, Record.project_code.in_(asked))
    found: dict[str, dict[str, list[Fields]]] = {}
    for row in session.execute(query.order_by(Record.kind, Record.key)):
        of_code = found.setdefault(row.project_code, {"project": [], "extension": [], "grant": []})
        of_code[row.kind].append(row.fields)
    return [_Matter(of["project"][0], of["extension"], of["grant"]) for of in found.values() if of["project"]]


def _tell_one(session: Session, offices: Offices, matter: _Matter, extension: Fields, moment: Moment) -> None:
    asked_id = _id(extension, OPEN)
    if status_of(extension) == OPEN:
        reader = _decider(session, offices, matter.project, moment.now)
        if reader is None:
            _log.warning("nobody to decide on an extension", extra={"project_code": extension["project_code"]})
            return
        _mail(session, asked_id, reader, _content(session, matter, extension), moment)
        return
    waiting = update(Mail).where(Mail.mail_id == asked_id, Mail.status == "held")
    session.execute(waiting.values(status="skipped", reason=_OVERTAKEN))
    answer_id = _id(extension, f"{extension['decision']} {extension['decided_on']}")
    _mail(session, answer_id, _asker(offices, matter.project, extension), _content(session, matter, extension), moment)


def _id(extension: Fields, what: str) -> UUID:
    return uuid5(_NAMESPACE, f"{extension['project_code']} {extension['requested_on']} {what}")


def _mail(session: Session, mail_id: UUID, reader: Person, content: Mapping[str, Any], moment: Moment) -> None:
    row = new_mail(
        mail_id,
        moment,
        recipient=reader.email,
        recipient_name=reader.name,
        office=reader.office,
        kind=_KIND,
        content=content,
    )
    session.execute(insert(Mail).values(row).on_conflict_do_nothing())


def _decider(session: Session, offices: Offices, project: Fields, now: datetime) -> Person | None:
    """The regional reviewer, else headquarters; whoever stands in for them where they are away."""
    people = offices.people_of(project)
    person = people.get("reviewer") or people.get("headquarters")
    if person is None:
        return None
    office = offices.by_code.get(person.office, {})
    today = local_day(now, office.get("time_zone") or "UTC")
    return stand_ins(session, today).get(person.email.lower(), person)


def _asker(offices: Offices, project: Fields, extension: Fields) -> Person:
    email = extension["requested_by"]
    known = [one for one in offices.people_of(project).values() if one.email.lower() == email.lower()]
    return known[0] if known else Person(email, email, project["office"] if project["office"] else ANY_OFFICE)


def _content(session: Session, matter: _Matter, extension: Fields) -> dict[str, Any]:
    """As ``letters.news.Answer`` reads it, with ``obligation_id`` for the link to decide by."""
    project, end = matter.project, old_end(matter.project, matter.extensions, extension)
    asked_on = date.fromisoformat(extension["requested_on"])
    return {
        "about": _ABOUT.get(status_of(extension), EXTENSION_ASKED),
        "projects": [{"project_code": project["project_code"], "title": project["title"]}],
        "asked_by": extension["requested_by"],
        "requested_on": extension["requested_on"],
        "old_end": end.isoformat(),
        "new_end": extension["new_end"],
        "reason": extension["reason"],
        "asked_late": any(late_requests(matter.grants, end=end, asked_on=asked_on)),
        "decided_by": extension.get("decided_by"),
        "decided_on": extension.get("decided_on"),
        "comment": extension.get("comment"),
        "obligation_id": _obligation_of(session, project["project_code"]),
    }


def _obligation_of(session: Session, project_code: str) -> str | None:
    """One of the project's obligations, to bind the link to; there is one where the request came by way of it."""
    query = select(ObligationRow.obligation_id).where(ObligationRow.project_code == project_code)
    found = session.scalars(query.order_by(ObligationRow.due, ObligationRow.obligation_id).limit(1)).first()
    return str(found) if found else None
