"""Notify is told of each new issue until it says that it heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

import factories
from muster_report import telling
from muster_report.models import UntoldIssue
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import NOTIFY_ISSUED
from muster_shared.tasks import Wake
from reporting import FUNDING, Reporting


class Post(Wake):
    """Takes down what would be sent; while ``away`` nothing can be."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.away = False

    def send(self, task: str, *arguments: Any) -> bool:
        if not self.away:
            self.sent.append((task, arguments[0]))
        return not self.away


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def context(muster: Reporting, post: Post) -> Context:
    muster.settle()
    return replace(muster.report.context, wake=post)


def told(post: Post) -> list[str]:
    return sorted(one["issue_id"] for _, content in post.sent for one in content)


def all_untold(context: Context) -> list[str]:
    with context.sessions() as session:
        return sorted(str(one) for one in session.scalars(select(UntoldIssue.issue_id)))


def test_every_new_issue_is_told_with_what_changed(muster: Reporting, context: Context, post: Post) -> None:
    telling.tell(context)
    assert {task for task, _ in post.sent} == {NOTIFY_ISSUED}
    assert told(post) == all_untold(context)
    post.sent.clear()
    issue = muster.report.issues(FUNDING, year="2016")[0]
    muster.report.release(issue)
    muster.submit(factories.requirement("UGA", amount="260000"))
    muster.settle()
    telling.tell(context)
    [funding] = [one for _, content in post.sent for one in content if one["report"] == FUNDING]
    assert funding["params"] == {"year": "2016", "copy": "internal"}
    assert 0 < len(funding["lines"]) <= 5
    assert funding["lines"][0].keys() == {"sheet", "row", "column", "old", "new"}
    assert funding["changed_cells"] >= len(funding["lines"])


def test_what_was_heard_is_told_no_more_and_what_was_not_is_told_again(context: Context, post: Post) -> None:
    telling.tell(context)
    first, *others = told(post)
    telling.heard(context, [first])
    telling.tell(context)
    assert told(post) == sorted([first, *others])  # not yet: notify may be at it

    with context.sessions.begin() as session:
        session.execute(update(UntoldIssue).values(told_at=real_now() - timedelta(minutes=1)))
    post.sent.clear()
    telling.tell(context)
    assert told(post) == others


def test_a_broker_that_is_away_loses_nothing(context: Context, post: Post) -> None:
    post.away = True
    telling.tell(context)
    post.away = False
    telling.tell(context)
    assert told(post) == all_untold(context)
