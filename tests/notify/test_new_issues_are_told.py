"""Who follows a report hears of a new issue: once, at most once a day, and of the newest."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import select

from muster_notify import issues_heard
from muster_notify.models import Mail

SPACE = UUID("8a2f6c51-53c5-4f6a-9d0e-6d1c6a1f0b57")


def issue(number: int, made_at: str = "2016-11-30T08:00:00Z", year: str = "2016") -> dict[str, Any]:
    line = {"sheet": "Overview", "row": "Total", "column": "Kenya", "old": 1, "new": number}
    return {
        "issue_id": str(uuid5(SPACE, str(number))),
        "report": "funding-requirements",
        "params": {"year": year, "copy": "internal"},
        "title": "Funding requirements",
        "made_at": made_at,
        "changed_cells": 1,
        "lines": [line],
    }


def asked(muster: Any, method: str = "put", name: str = "ann@example.org", role: str = "analyst", **asks: Any) -> Any:
    headers = {"Authorization": f"Bearer {muster.token(role, name=name)}"}
    body = {"report": "funding-requirements", "params": {"year": "2016"}, **asks}
    return getattr(muster.client, method)("/notify/v1/follows", json=body, headers=headers)


@pytest.fixture
def followed(muster: Any) -> Any:
    assert asked(muster).status_code == 200
    return muster


def tell(muster: Any) -> int:
    with muster.context.sessions.begin() as session:
        return issues_heard.tell_followers(session, now=muster.clock.now(), domain="example.org")


def told(muster: Any) -> list[tuple[str, int]]:
    """``(recipient, number of the issue)`` of every mail about an issue, in the order they were made."""
    with muster.context.sessions() as session:
        mails = session.scalars(select(Mail).where(Mail.kind == "report").order_by(Mail.created_at, Mail.mail_id))
        return [(mail.recipient, mail.content["lines"][0]["new"]) for mail in mails if mail.content]


def test_a_follower_hears_of_a_new_issue_once(followed: Any) -> None:
    heard = issues_heard.hear(followed.context, [issue(2)])
    assert heard == [issue(2)["issue_id"]]
    issues_heard.hear(followed.context, [issue(2)])
    assert (tell(followed), tell(followed)) == (1, 0)
    followed.advance("3d")
    assert tell(followed) == 0
    assert told(followed) == [("ann@example.org", 2)]


def test_of_several_issues_on_a_day_the_newest_is_told_and_the_rest_the_next_day_at_most_once(followed: Any) -> None:
    issues_heard.hear(followed.context, [issue(2), issue(3, "2016-11-30T08:00:01Z")])
    tell(followed)
    issues_heard.hear(followed.context, [issue(4, "2016-11-30T08:00:02Z"), issue(5, "2016-11-30T08:00:03Z")])
    assert tell(followed) == 0
    followed.advance("1d")
    tell(followed)
    assert [number for _, number in told(followed)] == [3, 5]


def test_issues_of_other_parameters_or_from_before_one_followed_are_not_told(followed: Any) -> None:
    issues_heard.hear(followed.context, [issue(2, year="2017"), issue(3, "2016-11-29T08:00:00Z")])
    assert tell(followed) == 0


def test_following_twice_is_following_once_and_english_internal_is_what_is_meant(followed: Any) -> None:
    answer = asked(followed, params={"year": "2016", "copy": "internal", "lang": "en"})
    assert answer.get_json() == {"report": "funding-requirements", "params": {"year": "2016", "copy": "internal"}}
    assert len(followed.items("/follows", "analyst", name="ann@example.org")) == 1


def test_who_follows_no_more_hears_nothing_more(followed: Any) -> None:
    assert asked(followed, "delete").status_code == 204
    assert asked(followed, "delete").status_code == 404
    issues_heard.hear(followed.context, [issue(2)])
    assert tell(followed) == 0


def test_wrong_wishes_are_refused(muster: Any) -> None:
    assert asked(muster, report="Funding requirements").status_code == 422
    assert asked(muster, params={"year": 2016}).status_code == 422
    assert asked(muster, colour="red").status_code == 422
    headers = {"Authorization": f"Bearer {muster.token('donor', donor='example-fund')}"}
    body = {"report": "donor", "params": {}}
    assert muster.client.put("/notify/v1/follows", json=body, headers=headers).status_code == 403
