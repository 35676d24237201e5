"""A record that a report cannot be made of: it fails and says so, the others are made, and one alarm is raised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import factories
from muster_report import queries, regenerating, scheduling, troubles, usecases
from muster_report.reports import catalogue
from muster_report.timetable import Timetable
from muster_shared.names import NOTIFY_TROUBLES, REPORT_FAILS, SET_ASIDE
from muster_shared.tasks import Wake
from reporting import ANALYST, FUNDING, PARTNERSHIPS, Reporting
from workbook_reading import cell

YEAR = {"year": "2016"}
EAST = "East and Horn of Africa"
SUBJECT = f"{FUNDING} (copy internal, year 2016)"


class Post(Wake):
    """Takes down what would be sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, task: str, *arguments: Any) -> bool:
        assert task == NOTIFY_TROUBLES
        self.sent += arguments[0]
        return True


@pytest.fixture
def post() -> Post:
    return Post()


def spoil(change: dict[str, Any]) -> None:
    if (change["key"], change["revision"]) == ("2016/KEN/migration_health", 2):
        change["fields"]["amount"] = "much"


@pytest.fixture
def poisoned(muster: Reporting) -> Reporting:
    """A first issue is made; since then an amount of 2016 is none, and a partnership has changed."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    muster.report.log.spoil = spoil
    muster.submit(
        factories.requirement("KEN", amount="2"), factories.partnership("p-1", source="A", role="grant_recipient")
    )
    muster.settle()
    return muster


def told(muster: Reporting, post: Post, *, heard: bool = True) -> list[tuple[str, str, bool]]:
    """What notify is told at this turn."""
    post.sent.clear()
    context = replace(muster.report.context, wake=post)
    troubles.tell(context)
    sent = list(post.sent)
    if heard:
        troubles.heard(context, sent)
    return [(one["kind"], one["subject"], one["stands"]) for one in sent]


def fail_again(muster: Reporting, times: int) -> None:
    for _ in range(times):
        muster.report.let_days_pass()
        assert muster.report.regenerate() == 0


def test_it_keeps_its_last_good_issue_says_so_and_the_others_are_made(poisoned: Reporting) -> None:
    assert queries.standing(poisoned.report.context) == {"position": 11, "stale": 1, "failing": 1, "set_aside": 0}
    assert cell(poisoned.report.latest(FUNDING, **YEAR), EAST, "B5") == 1_000_000
    assert len(poisoned.report.issues(PARTNERSHIPS, source="A")) == 1
    headers = {"Authorization": f"Bearer {poisoned.report.token('analyst')}", "Accept": "text/html"}
    page = poisoned.report.client.get(f"/report/reports/{FUNDING}?year=2016&copy=internal", headers=headers).text
    assert "something went wrong on our side. You see the last good issue" in page


def test_a_right_record_mends_it_by_itself(poisoned: Reporting) -> None:
    fail_again(poisoned, 2)
    poisoned.submit(factories.requirement("KEN", amount="3"))
    poisoned.report.follow()
    assert poisoned.report.regenerate() == 1
    assert cell(poisoned.report.latest(FUNDING, **YEAR), EAST, "B5") == 3
    assert queries.standing(poisoned.report.context)["failing"] == 0
    assert poisoned.report.rebuild().differing == ()


def test_one_alarm_is_asked_for_until_notify_hears_and_taken_back_once_it_is_made(
    poisoned: Reporting, post: Post
) -> None:
    assert told(poisoned, post) == [], "what fails once may mend itself"
    fail_again(poisoned, 2)
    assert told(poisoned, post, heard=False) == [(REPORT_FAILS, SUBJECT, True)]
    assert told(poisoned, post) == [], "notify is given some time to say that it heard"
    with poisoned.report.context.sessions.begin() as session:
        session.connection().exec_driver_sql("UPDATE trouble SET told_at = told_at - interval '1 minute'")
    assert told(poisoned, post) == [(REPORT_FAILS, SUBJECT, True)], "the message was lost"
    late = list(post.sent)
    fail_again(poisoned, 3)
    assert told(poisoned, post) == [], "one for the whole spell"
    poisoned.submit(factories.requirement("KEN", amount="3"))
    poisoned.settle()
    assert told(poisoned, post) == [(REPORT_FAILS, SUBJECT, False)]
    assert told(poisoned, post) == []
    troubles.heard(poisoned.report.context, late)
    assert told(poisoned, post) == [(REPORT_FAILS, SUBJECT, False)], "notify raised an alarm late"


def test_what_is_set_aside_is_a_trouble_until_it_is_applied(muster: Reporting, post: Post) -> None:
    muster.report.log.spoil = lambda change: change.pop("fields") if change["position"] == 7 else None
    muster.settle()
    assert told(muster, post) == [(SET_ASIDE, "report", True)]
    muster.report.log.spoil = lambda _change: None
    muster.report.let_days_pass()
    muster.report.mend()
    assert told(muster, post) == [(SET_ASIDE, "report", False)]


def test_a_schedule_that_cannot_be_served_holds_up_no_other_one(
    muster: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    muster.report.follow()
    muster.report.count_as_made()
    for report, params in ((FUNDING, YEAR), (PARTNERSHIPS, {"source": "A"})):
        wanted = scheduling.asked(catalogue()[report], params, muster.report.context.clock.now().date())
        nightly = Timetable("nightly", hour=3)
        scheduling.schedule(muster.report.context, ANALYST, catalogue()[report], wanted, nightly, enabled=True)
    wish = usecases.wish

    def poison(session: Any, report: Any, params: Any) -> int:
        if report.key == FUNDING:
            raise KeyError("amount")
        return wish(session, report, params)

    monkeypatch.setattr(usecases, "wish", poison)
    muster.advance("1d")
    assert scheduling.wish_for_due(muster.report.context) == 1
    assert muster.report.stale() == [(PARTNERSHIPS, "A")]
    monkeypatch.undo()
    assert scheduling.wish_for_due(muster.report.context) == 1, "it is served at the next turn"
    assert regenerating.regenerate_due(muster.report.context) == 2
