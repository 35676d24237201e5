"""The office hears how a project fared: its managers, the head of office and whoever submitted it, with the comment.

Followed from the log like all else. A step is told once, however often the log is read: its row says so. One that the
project has moved on from, or that is heard of late, is told to nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.bodies import is_address
from muster_notify.gathering import Moment, new_mail
from muster_notify.ladder import Person
from muster_notify.models import Mail
from muster_notify.people import ANY_OFFICE, Offices, projects
from muster_notify.preferences import stand_ins
from muster_notify.windows import local_day
from muster_notify.workflow_models import HeardStep, ProjectStanding
from muster_notify.workflow_news import WAITS, NewsRules
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields

_KIND: Final = "answer"
_OFFICE_ROLES: Final = ("owner", "alternate", "head")
_SENDER: Final = "sender"


def tell(session: Session, codes: Collection[str], moment: Moment, rules: NewsRules) -> None:
    """Make the mails about steps of some projects that nobody was told of; called with the log applied to its end."""
    steps = _untold(session, codes, rules)
    if not steps:
        return
    now_at = _standing(session, codes)
    offices, known = Offices.of(session), projects(session, {step.project_code for step in steps})
    for step in steps:
        project = known.get(step.project_code)
        if project and now_at.get(step.project_code) == step.step_id and moment.now - step.taken_at <= rules.news_for:
            _tell_one(session, offices, project, step, moment)
        step.told_at = moment.now


def _untold(session: Session, codes: Collection[str], rules: NewsRules) -> list[HeardStep]:
    untold = (HeardStep.told_at.is_(None), HeardStep.status.in_(rules.answers))
    query = select(HeardStep).where(one_of(HeardStep.project_code, codes), *untold)
    return list(session.scalars(query.order_by(HeardStep.taken_at, HeardStep.step_id).with_for_update()))


def _standing(session: Session, codes: Collection[str]) -> Mapping[str, Any]:
    query = select(ProjectStanding).where(one_of(ProjectStanding.project_code, codes))
    return {row.project_code: row.step_id for row in session.scalars(query)}


def _tell_one(session: Session, offices: Offices, project: Fields, step: HeardStep, moment: Moment) -> None:
    content = _content(offices, project, step)
    for role, person in _readers(session, offices, project, step, moment.now):
        row = new_mail(
            uuid5(step.step_id, role),
            moment,
            recipient=person.email,
            recipient_name=person.name,
            office=person.office,
            kind=_KIND,
            content=content,
        )
        session.execute(insert(Mail).values(row).on_conflict_do_nothing())


def _readers(
    session: Session, offices: Offices, project: Fields, step: HeardStep, now: datetime
) -> Iterator[tuple[str, Person]]:
    """Who is told, each address once, or who stands in for them; never who took the step."""
    people = offices.people_of(project)
    named: dict[str, Person] = {role: people[role] for role in _OFFICE_ROLES if role in people}
    if sender := _sender(session, step, project):
        named[_SENDER] = sender
    away = stand_ins(session, local_day(now, _time_zone(offices, project)))
    told = {step.taken_by.lower()}
    for role, person in named.items():
        reader = away.get(person.email.lower(), person)
        if not told & {person.email.lower(), reader.email.lower()}:
            told.add(reader.email.lower())
            yield role, reader


def _sender(session: Session, step: HeardStep, project: Fields) -> Person | None:
    """Who submitted the project last, where that is somebody with an address."""
    submitted = (HeardStep.project_code == step.project_code, HeardStep.status == WAITS)
    query = select(HeardStep.taken_by).where(*submitted, HeardStep.taken_at <= step.taken_at)
    email = session.scalars(query.order_by(HeardStep.taken_at.desc()).limit(1)).first() or ""
    return Person(email, email, project["office"] or ANY_OFFICE) if is_address(email) else None


def _content(offices: Offices, project: Fields, step: HeardStep) -> dict[str, Any]:
    """As ``letters.news.Answer`` reads it, with the step that has to stand when it is sent."""
    return {
        "about": f"project_{step.status}",
        "step_id": str(step.step_id),
        "project_code": step.project_code,
        "projects": [{"project_code": step.project_code, "title": project["title"]}],
        "decided_by": step.taken_by,
        "decided_on": local_day(step.taken_at, _time_zone(offices, project)).isoformat(),
        "comment": step.comment,
    }


def _time_zone(offices: Offices, project: Fields) -> str:
    return str(offices.by_code.get(project["office"], {}).get("time_zone") or "UTC")
