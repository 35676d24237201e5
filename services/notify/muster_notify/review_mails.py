"""Putting what waits for a reviewer into one mail a day, and looking once more before it, or an answer, goes out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.gathering import Moment, new_mail
from muster_notify.models import Mail, TouchedProject
from muster_notify.people import Offices, projects
from muster_notify.readers import Readers, home_of
from muster_notify.sending_hours import next_window, spread
from muster_notify.workflow_models import ProjectStanding, ReviewNotice
from muster_shared.clock import iso_z
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields

KIND: Final = "review"
MOVED_ON: Final = "the project moved on before this was sent"
_NAMESPACE: Final = UUID("0c5a4a52-2c86-5d2e-9a5b-5f0d8e0b7a31")
_IS_HELD: Final = ReviewNotice.mail_id.is_(None) & ReviewNotice.reason.is_(None)


@dataclass(slots=True)
class Looked:
    """Mails about steps of projects as they stand: what they tell, those that are over, those still worked out."""

    told: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    over: set[UUID] = field(default_factory=set)
    undecided: set[UUID] = field(default_factory=set)


def gather(session: Session, moment: Moment, *, is_spread: bool) -> int:
    """Put what is held for every reviewer whose time has come into their mail of the day; returns how many mails.

    What comes after that mail has gone waits for the next one.
    """
    held = _held(session)
    if not held:
        return 0
    readers, made = Readers.of(session, set(held)), 0
    for address, notices in held.items():
        home = home_of(Counter(one.office for one in notices))
        window = next_window(moment.now, readers.hours(address, home))
        if (spread(address, window) if is_spread else window[0]) <= moment.now:
            made += _into_mail(session, notices, _fresh(address, notices, home, readers, moment))
    return made


def _held(session: Session) -> Mapping[str, list[ReviewNotice]]:
    found: dict[str, list[ReviewNotice]] = defaultdict(list)
    query = select(ReviewNotice).where(_IS_HELD).order_by(ReviewNotice.project_code, ReviewNotice.step_id)
    for row in session.scalars(query):
        found[row.recipient.lower()].append(row)
    return found


def _fresh(
    address: str, notices: Sequence[ReviewNotice], home: str, readers: Readers, moment: Moment
) -> dict[str, Any]:
    """The row of a reviewer's mail of the day: the same mail however often it is wanted on that day."""
    day = readers.day(address, home, moment.now)
    return new_mail(
        uuid5(_NAMESPACE, f"{address} {day}"),
        moment,
        recipient=notices[0].recipient,
        recipient_name=notices[0].recipient_name,
        office=home,
        kind=KIND,
        day=day,
        channel=readers.channel(address),
        content={"about": KIND},
    )


def _into_mail(session: Session, notices: Sequence[ReviewNotice], fresh: Mapping[str, Any]) -> bool:
    """False where the day's mail has gone already."""
    session.execute(insert(Mail).values(fresh).on_conflict_do_nothing())
    unsent = (Mail.mail_id == fresh["mail_id"], Mail.status.in_(["held", "skipped"]), Mail.doubts == 0)
    ready = update(Mail).where(*unsent).values(status="held", reason=None, day=fresh["day"]).returning(Mail.mail_id)
    if session.execute(ready.execution_options(synchronize_session=False)).first() is None:
        return False
    for notice in notices:
        notice.mail_id = fresh["mail_id"]
    session.flush()
    return True


def look(session: Session, mails: Sequence[Mail]) -> Looked:
    """What these mails tell by now, where they are about steps of projects; notices that no longer hold say so."""
    answers = {mail.mail_id: mail.content for mail in mails if mail.content and "step_id" in mail.content}
    reviews = _notices(session, [mail.mail_id for mail in mails if mail.kind == KIND])
    if not answers and not reviews:
        return Looked()
    codes = {content["project_code"] for content in answers.values()}
    codes |= {one.project_code for notices in reviews.values() for one in notices}
    now, found = _Now.of(session, codes), Looked()
    for mail_id, content in answers.items():
        if content["project_code"] in now.touched:
            found.undecided.add(mail_id)
        elif not now.stands(content["project_code"], UUID(content["step_id"])):
            found.over.add(mail_id)
    for mail_id, notices in reviews.items():
        _look_at_review(session, mail_id, notices, now, found)
    return found


@dataclass(frozen=True, slots=True)
class _Now:
    """Where projects stand, and which are worked out anew, so that where they stand may not be known yet."""

    standing: Mapping[str, ProjectStanding]
    touched: Collection[str]

    @classmethod
    def of(cls, session: Session, codes: Collection[str]) -> _Now:
        rows = session.scalars(select(ProjectStanding).where(one_of(ProjectStanding.project_code, codes)))
        touched = select(TouchedProject.project_code).where(one_of(TouchedProject.project_code, codes))
        return cls({row.project_code: row for row in rows}, set(session.scalars(touched)))

    def stands(self, code: str, step_id: UUID) -> bool:
        return code in self.standing and self.standing[code].step_id == step_id


def _look_at_review(session: Session, mail_id: UUID, notices: Sequence[ReviewNotice], now: _Now, found: Looked) -> None:
    if any(one.project_code in now.touched for one in notices):
        found.undecided.add(mail_id)
        return
    holding = [one for one in notices if now.stands(one.project_code, one.step_id)]
    for one in notices:
        one.reason = None if one in holding else MOVED_ON
    if holding:
        found.told[mail_id] = {"about": KIND, "waiting": _lines(session, holding, now)}
    else:
        found.over.add(mail_id)


def _lines(session: Session, notices: Sequence[ReviewNotice], now: _Now) -> list[dict[str, Any]]:
    """As ``letters.news.ReviewNews`` reads it, longest waiting first."""
    known, offices = projects(session, {one.project_code for one in notices}), Offices.of(session).by_code
    ordered = sorted(notices, key=lambda one: (now.standing[one.project_code].since, one.project_code))
    return [_line(one, known[one.project_code], now, offices) for one in ordered if one.project_code in known]


def _line(notice: ReviewNotice, project: Fields, now: _Now, offices: Mapping[str, Fields]) -> dict[str, Any]:
    stands = now.standing[notice.project_code]
    return {
        "project_code": notice.project_code,
        "title": project["title"],
        "office": project["office"],
        "office_name": offices.get(project["office"], {}).get("name", ""),
        "since": iso_z(stands.since),
        "submitted_by": stands.taken_by,
        "is_reminder": notice.number > 0,
    }


def _notices(session: Session, mail_ids: Sequence[UUID]) -> Mapping[UUID, list[ReviewNotice]]:
    """The notices that each of these mails tells, all of the mails named."""
    found: dict[UUID, list[ReviewNotice]] = {mail_id: [] for mail_id in mail_ids}
    if mail_ids:
        query = select(ReviewNotice).where(one_of(ReviewNotice.mail_id, mail_ids), ReviewNotice.reason.is_(None))
        for row in session.scalars(query.order_by(ReviewNotice.project_code)):
            if row.mail_id is not None:
                found[row.mail_id].append(row)
    return found
