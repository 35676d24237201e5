"""Both people hear of a handover: which projects went from whom to whom, and by whom; once for each submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.gathering import Moment, new_mail
from muster_notify.letters.news import HANDOVER
from muster_notify.models import Mail
from muster_notify.people import Offices
from muster_notify.windows import local_day
from muster_notify.workflow_models import HeardHandover
from muster_notify.workflow_news import NewsRules
from muster_shared.clock import iso_z

_NAMESPACE: Final = UUID("d3b0f8a7-6f2c-5c0e-8e0a-41c7f1f6b9d2")


def tell(session: Session, moment: Moment, rules: NewsRules) -> int:
    """Make the mails of all handovers that nobody was told of; called with the log applied to its end.

    Returns how many mails that made; one that is heard of late is told to nobody.
    """
    query = select(HeardHandover).where(HeardHandover.told_at.is_(None))
    order = (HeardHandover.submission_id, HeardHandover.project_code, HeardHandover.seat)
    rows = sorted(session.scalars(query.order_by(*order).with_for_update(skip_locked=True)), key=_sides)
    made = 0
    for _, group in groupby(rows, key=_sides):
        seats = list(group)
        if moment.now - seats[0].handed_at <= rules.news_for:
            made += _tell_both(session, seats, moment)
        for seat in seats:
            seat.told_at = moment.now
    return made


def _sides(row: HeardHandover) -> tuple[str, str, str]:
    return row.submission_id, row.giver["email"].lower(), row.taker["email"].lower()


def _tell_both(session: Session, seats: Sequence[HeardHandover], moment: Moment) -> int:
    content = _content(session, seats)
    mails = list(_mails(seats, content, moment))
    session.execute(insert(Mail).values(mails).on_conflict_do_nothing())
    return len(mails)


def _mails(seats: Sequence[HeardHandover], content: dict[str, Any], moment: Moment) -> Iterator[dict[str, Any]]:
    first = seats[0]
    for side, person in (("giver", first.giver), ("taker", first.taker)):
        yield new_mail(
            uuid5(_NAMESPACE, f"{first.submission_id} {first.project_code} {first.seat} {side}"),
            moment,
            recipient=person["email"].strip(),
            recipient_name=person.get("name") or person["email"],
            office=first.office,
            kind="answer",
            content=content,
        )


def _content(session: Session, seats: Sequence[HeardHandover]) -> dict[str, Any]:
    """As ``letters.news.Answer`` reads it."""
    first, titles = seats[0], {seat.project_code: seat.title for seat in seats}
    zone = Offices.of(session).by_code.get(first.office, {}).get("time_zone") or "UTC"
    return {
        "about": HANDOVER,
        "projects": [{"project_code": code, "title": title} for code, title in titles.items()],
        "handed_from": first.giver.get("name") or first.giver["email"],
        "handed_to": first.taker.get("name") or first.taker["email"],
        "decided_by": first.handed_by,
        "decided_on": local_day(first.handed_at, zone).isoformat(),
        "handed_at": iso_z(first.handed_at),
    }
