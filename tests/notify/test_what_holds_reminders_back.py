"""Snoozed, acknowledged, not begun, too many at once: nothing goes out, it is said why, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from muster_notify import breaker, reminding, sweeping
from muster_notify.ladder import shipped_ladders
from muster_notify.models import Alarm, ObligationRow, Reminder
from muster_notify.rebuild import rebuild
from muster_shared.auth import Caller
from muster_shared.problems import Problem
from owing import ALTERNATE, OWNER, due_in, owed, project_owing, report_on

OVERTAKEN = "a higher rung was reached first: only the highest one due is sent"
ADMIN = Caller("ada@example.org", "admin")


def follow_up(action: str, at: str = "2016-11-30T08:00:00Z", **said: str) -> dict[str, Any]:
    matter = {"project_code": "KE-001", "grant_id": "G-KE-001", "type": "interim", "period_end": "2016-06-30"}
    return {"kind": "follow_up", **matter, "at": at, "action": action, "reason": "rains", "by": OWNER, **said}


def obligation(muster: Any) -> ObligationRow:
    with muster.context.sessions() as session:
        row: ObligationRow = session.scalars(select(ObligationRow)).one()
        return row


def skipped(muster: Any) -> list[tuple[int, str | None, str]]:
    rows = muster.items("/reminders?status=skipped")
    return sorted(((r["rung"], r["recipient"], r["reason"]) for r in rows), key=lambda t: (t[0], t[1] or "", t[2]))


def test_while_snoozed_nothing_is_recorded_and_behind_it_the_highest_rung_is_sent(offices: Any) -> None:
    offices.submit(*project_owing(owed(9)), follow_up("snooze", until=due_in(8)))
    for _ in range(8):
        offices.sweep()
        offices.advance("1d")
    offices.sweep()
    assert offices.told() == []
    offices.advance("1d")
    offices.sweep()
    assert offices.told("held") == [(-1, OWNER, "held")]
    why = f"snoozed until {due_in(8)} by {OWNER}: rains"
    assert skipped(offices) == [(-30, None, why), (-14, None, why), (-7, None, why)]


def test_a_reminder_that_waits_when_its_reader_snoozes_is_told_when_the_snooze_is_over(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.submit(follow_up("snooze", until=due_in(2)))
    offices.sweep()
    assert offices.told("held") == []
    assert (-7, OWNER, f"snoozed until {due_in(2)} by {OWNER}: rains") in skipped(offices)
    offices.advance("3d")
    offices.sweep()
    assert offices.told("held") == [(-7, OWNER, "held")]


def test_the_newest_snooze_counts_and_a_withdrawn_one_no_more(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)), follow_up("snooze", until=due_in(6)))
    offices.submit(follow_up("snooze", at="2016-11-30T09:00:00Z", until=due_in(2)))
    offices.follow()
    assert str(obligation(offices).snoozed_until) == due_in(2)
    key = {name: follow_up("snooze")[name] for name in ("project_code", "grant_id", "type", "period_end")}
    offices.withdraw("follow_up", **key, at="2016-11-30T09:00:00Z")
    offices.withdraw("follow_up", **key, at="2016-11-30T08:00:00Z")
    offices.sweep()
    assert obligation(offices).snoozed_until is None
    assert offices.told("held") == [(-7, OWNER, "held")]


def test_who_acknowledged_hears_no_more_before_the_due_date_and_as_ever_after_it(offices: Any) -> None:
    offices.submit(*project_owing(owed(14)))
    offices.sweep()
    offices.submit(follow_up("acknowledge"))
    offices.sweep()
    why = f"acknowledged on 2016-11-30 by {OWNER}: rains"
    assert offices.told("held") == []
    assert (-14, OWNER, why) in skipped(offices)
    offices.advance("7d")
    offices.sweep()
    assert (-7, None, why) in skipped(offices)
    offices.advance("8d")
    offices.sweep()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]


def test_what_people_did_stands_in_the_history_once_and_a_rebuild_finds_it_again(offices: Any) -> None:
    offices.submit(*project_owing(owed(14)), follow_up("acknowledge"))
    offices.submit(follow_up("snooze", at="2016-11-30T09:00:00Z", until=due_in(2)))
    offices.follow()
    offices.submit(project_owing(owed(20))[1])
    [found] = offices.obligations()
    said = [(event["event"], event.get("by"), event.get("until")) for event in found["history"]]
    done = [("acknowledged", OWNER, None), ("snoozed", OWNER, due_in(2))]
    assert sorted(said, key=str) == sorted([("owed", None, None), ("moved", None, None), *done], key=str)
    assert rebuild(offices.context, offices.log).differing == ()
    with offices.context.sessions.begin() as session:
        session.scalars(select(ObligationRow)).one().snoozed_until = None
    assert rebuild(offices.context, offices.log).differing == (f"obligation {found['obligation_id']}",)
    assert str(obligation(offices).snoozed_until) == due_in(2)


def test_nobody_is_chased_for_a_project_that_was_cancelled(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1), status="cancelled"))
    offices.sweep()
    assert offices.told() == []
    offices.submit(project_owing(owed(-1), status="endorsed")[0])
    offices.sweep()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]
    offices.submit(project_owing(owed(-1), status="cancelled")[0])
    offices.sweep()
    assert offices.told("held") == []
    assert (1, OWNER, "nobody is chased for a project that is cancelled") in skipped(offices)
    offices.submit(project_owing(owed(-1))[0])
    offices.sweep()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "completed", "closed"])
def test_a_grant_binds_however_far_its_project_is(offices: Any, status: str) -> None:
    offices.submit(*project_owing(owed(-1, type="final"), status=status))
    offices.sweep()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]


def test_what_a_calendar_shows_has_a_number_that_grows_with_every_change_and_no_other(offices: Any) -> None:
    project, grant = project_owing(owed(7))
    offices.submit(project, grant)
    numbers = [sequence(offices)]
    for records in (
        [{**project, "title": "Another"}],
        [project_owing(owed(9))[1]],
        [report_on()],
        [report_on(donor_status="returned")],
        [{"kind": "progress_report", "action": "withdraw", **key_of_report()}],
        [{"kind": "grant", "action": "withdraw", "grant_id": "G-KE-001"}],
        [grant],
    ):
        offices.submit(*records)
        numbers.append(sequence(offices))
    assert numbers == [0, 0, 1, 2, 3, 4, 5, 6]


def key_of_report() -> dict[str, str]:
    return {name: report_on()[name] for name in ("project_code", "grant_id", "type", "period_start", "period_end")}


def sequence(muster: Any) -> int:
    muster.follow()
    return obligation(muster).sequence


def test_an_obligation_names_its_rules_and_none_where_its_dates_are_written_out(offices: Any) -> None:
    project, grant = project_owing(owed(7))
    offices.submit(project, grant, {**grant, "grant_id": "G-2", "reporting_rules": {"rules": "echo"}})
    offices.follow()
    with offices.context.sessions() as session:
        rows = session.execute(select(ObligationRow.grant_id, ObligationRow.rules).distinct())
        assert {tuple(row) for row in rows} == {("G-KE-001", ""), ("G-2", "echo")}


def many(muster: Any, number: int, days: int = 7) -> None:
    for one in range(number):
        muster.submit(*project_owing(owed(days), code=f"KE-{one:03}"))


def strict(muster: Any, floor: int, factor: float = 2.0) -> Any:
    return replace(muster.context, settings=replace(muster.context.settings, storm_floor=floor, storm_factor=factor))


def storms(muster: Any) -> list[Alarm]:
    with muster.context.sessions() as session:
        return list(session.scalars(select(Alarm).where(Alarm.kind == "storm").order_by(Alarm.raised_at)))


def test_far_more_than_usual_is_held_back_until_an_administrator_releases_it(offices: Any) -> None:
    many(offices, 4)
    offices.follow()
    context = strict(offices, floor=3)
    assert sweeping.record_due(context) is False
    assert sweeping.record_due(context) is False
    assert offices.told() == []
    [alarm] = storms(offices)
    assert alarm.detail.startswith("4 reminders to 1 people are more than the limit of 3 a day (usual: 0)")
    assert OWNER in alarm.detail
    with offices.context.sessions.begin() as session:
        with pytest.raises(Problem, match="administrator"):
            breaker.release(session, Caller("s", "analyst"), now=offices.clock.now())
        assert breaker.standing(session, ADMIN, now=offices.clock.now())["held_back"] is True
        released = breaker.release(session, ADMIN, now=offices.clock.now())
    assert (released["held_back"], released["released_by"]) == (False, ADMIN.name)
    assert sweeping.record_due(context) is True
    assert len(offices.told("held")) == 4


def test_a_release_holds_for_its_day_only(offices: Any) -> None:
    many(offices, 4)
    offices.follow()
    context = strict(offices, floor=3)
    sweeping.record_due(context)
    with offices.context.sessions.begin() as session:
        breaker.release(session, ADMIN, now=offices.clock.now())
    offices.advance("1d")
    assert sweeping.record_due(context) is False
    assert len(storms(offices)) == 2


def test_what_is_usual_is_the_median_of_the_days_with_any_and_gusts_add_up(offices: Any) -> None:
    offices.submit(*project_owing(owed(60)))
    offices.follow()
    with offices.context.sessions.begin() as session:
        owed_id = session.scalars(select(ObligationRow.obligation_id)).one()
        for days_ago, number in ((1, 3), (2, 1), (9, 3), (40, 9)):
            for one in range(number):
                at = offices.clock.now() - timedelta(days=days_ago)
                add_sent(session, owed_id, f"p{one}@example.org", cycle=days_ago, at=at)
    many(offices, 5)
    offices.follow()
    context = strict(offices, floor=0)
    with offices.context.sessions() as session:
        at = reminding.where_it_is(session, offices.clock.now())
        found = breaker.dry_run(session, ADMIN, context.settings, at, shipped_ladders())
    assert (found["usual"], found["limit"], found["reminders"], found["held_back"]) == (3, 6, 5, False)
    assert found["people"] == [{"recipient": OWNER, "reminders": 5}]
    assert (found["offices"], found["rungs"]) == ([{"office": "KEN", "reminders": 5}], [{"rung": -7, "reminders": 5}])
    assert sweeping.record_due(context) is True
    offices.submit(*project_owing(owed(7), code="NP-1"), *project_owing(owed(7), code="NP-2"))
    offices.follow()
    assert sweeping.record_due(context) is False  # two more would make seven on one day


def add_sent(session: Any, obligation_id: Any, recipient: str, *, cycle: int, at: Any) -> None:
    identity = reminding.reminder_id(obligation_id, -30, cycle, recipient)
    told = {"recipient": recipient, "recipient_name": "", "office": "", "channel": "mail", "status": "sent"}
    of = {"reminder_id": identity, "obligation_id": obligation_id, "rung": -30, "cycle": cycle}
    session.add(Reminder(**of, **told, created_at=at))


def test_a_storm_that_is_over_clears_itself_and_there_is_nothing_to_release(offices: Any) -> None:
    many(offices, 4)
    offices.follow()
    context = strict(offices, floor=3)
    sweeping.record_due(context)
    for number in range(4):
        offices.submit(report_on(f"KE-{number:03}"))
    offices.follow()
    assert sweeping.record_due(context) is True
    [alarm] = storms(offices)
    assert alarm.cleared_at is not None
    with offices.context.sessions.begin() as session, pytest.raises(Problem, match="nothing is held back"):
        breaker.release(session, ADMIN, now=offices.clock.now())


def test_a_dry_run_records_nothing_and_is_for_those_who_see_all(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    offices.follow()
    answer = offices.get("/reminders/dry-run")
    assert answer.get_json()["reminders"] == 2
    assert offices.get("/reminders/dry-run", "focal_point", offices=["KEN"]).status_code == 403
    with offices.context.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM reminder")) == 0
