"""New issues of reports: heard of from report, told to whoever follows the report, at most once a day each.

Report tells of each issue until it hears that notify has it (``NOTIFY_ISSUED`` answered by ``REPORT_ISSUE_HEARD``),
so that a message that got lost costs time and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.models import FollowedReport, HeardIssue, Mail
from muster_notify.preferences import DEFAULT, preferences_of
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.names import DEFAULT_COPY
from muster_shared.problems import forbidden, not_found

_NAMESPACE: Final = UUID("4a8d6c51-53c5-5f6a-9d0e-6d1c6a1f0b57")
_ENGLISH: Final = ("lang", "en")


def follow(context: Context, caller: Caller, report: str, params: Mapping[str, str]) -> dict[str, Any]:
    """The caller hears of new issues of a report with these parameters from now on.

    Raises:
        Problem: 403, a donor hears of what is released to them from their donor relations officer.
    """
    if caller.role in {"donor", "service"}:
        raise forbidden("new issues are told to people of the house")
    stated = _stated(params)
    row = {
        "email": caller.name.lower(),
        "report": report,
        "params_key": _key(stated),
        "params": stated,
        "since": context.clock.now(),
    }
    with context.sessions.begin() as session:
        session.execute(insert(FollowedReport).values(row).on_conflict_do_nothing())
    return {"report": report, "params": stated}


def unfollow(context: Context, caller: Caller, report: str, params: Mapping[str, str]) -> None:
    """The caller hears of it no more.

    Raises:
        Problem: 404, they do not follow it.
    """
    of_caller = (FollowedReport.email == caller.name.lower()) & (FollowedReport.report == report)
    gone = delete(FollowedReport).where(of_caller, FollowedReport.params_key == _key(_stated(params)))
    with context.sessions.begin() as session:
        if session.execute(gone.returning(FollowedReport.report)).first() is None:
            raise not_found(f"you do not follow {report} with these parameters")


def followed(context: Context, caller: Caller) -> dict[str, Any]:
    """What the caller follows."""
    query = select(FollowedReport).where(FollowedReport.email == caller.name.lower())
    with context.sessions() as session:
        rows = session.scalars(query.order_by(FollowedReport.report, FollowedReport.params_key))
        items = [{"report": row.report, "params": row.params, "since": iso_z(row.since)} for row in rows]
    return {"items": items, "next": None}


def hear(context: Context, told: Sequence[Mapping[str, Any]]) -> list[str]:
    """Take in what report tells of its issues, each once; returns the ids of those that notify has now."""
    rows = [_heard(one, context.clock.now()) for one in told]
    with context.sessions.begin() as session:
        if rows:
            session.execute(insert(HeardIssue).values(rows).on_conflict_do_nothing())
    return [str(row["issue_id"]) for row in rows]


def tell_followers(session: Session, *, now: datetime, domain: str) -> int:
    """A mail for each follower of a report with a newer issue than they know of, unless they were told that day."""
    rows = session.scalars(
        select(FollowedReport)
        .order_by(FollowedReport.email, FollowedReport.report, FollowedReport.params_key)
        .with_for_update(skip_locked=True)
    ).all()
    preferences = preferences_of(session, {row.email for row in rows})
    told = 0
    for row in rows:
        today = local_day(now, preferences.get(row.email, DEFAULT).time_zone or "UTC")
        if row.told_on != today and (issue := _news(session, row)):
            session.execute(insert(Mail).values(_mail(row, issue, today, now, domain)).on_conflict_do_nothing())
            row.told_on, row.told_issue = today, issue.issue_id
            told += 1
    return told


def _news(session: Session, row: FollowedReport) -> HeardIssue | None:
    """The newest issue of what is followed, where it is one its follower was not told of."""
    query = select(HeardIssue).where(HeardIssue.report == row.report, HeardIssue.params == row.params)
    newest = session.scalars(query.order_by(HeardIssue.made_at.desc(), HeardIssue.heard_at.desc()).limit(1)).first()
    is_news = newest is not None and newest.issue_id != row.told_issue and newest.made_at >= row.since
    return newest if is_news else None


def _mail(row: FollowedReport, issue: HeardIssue, today: date, now: datetime, domain: str) -> dict[str, Any]:
    mail_id = uuid5(_NAMESPACE, f"{row.email} {issue.issue_id}")
    return {
        "mail_id": mail_id,
        "recipient": row.email,
        "recipient_name": "",
        "office": "",
        "status": "held",
        "attempt": 0,
        "doubts": 0,
        "try_at": real_now(),
        "message_id": f"<{mail_id}@{domain}>",
        "created_at": now,
        "kind": "report",
        "day": today,
        "content": {
            "report": issue.report,
            "title": issue.title,
            "params": issue.params,
            "issue_id": str(issue.issue_id),
            "made_at": iso_z(issue.made_at),
            "changed_cells": issue.changed_cells,
            "lines": issue.lines,
        },
    }


def _heard(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "issue_id": UUID(told["issue_id"]),
        "report": told["report"],
        "params_key": _key(told["params"]),
        "params": told["params"],
        "title": told["title"],
        "changed_cells": told["changed_cells"],
        "lines": told["lines"],
        "made_at": datetime.fromisoformat(told["made_at"]),
        "heard_at": now,
    }


def _stated(params: Mapping[str, str]) -> dict[str, str]:
    """Parameters as report states them: with their copy, English not named."""
    return {name: value for name, value in {"copy": DEFAULT_COPY, **params}.items() if (name, value) != _ENGLISH}


def _key(params: Mapping[str, str]) -> str:
    return json.dumps(dict(params), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
