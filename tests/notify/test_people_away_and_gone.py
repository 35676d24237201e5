"""Stand-ins, addresses that fail, nobody at all, people who change: the rung still reaches the right person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text

import factories
from muster_notify import alarms, climbing
from muster_notify.models import Alarm, FailingAddress, PreferenceRow, Reminder, RoleHolder
from muster_notify.rebuild import rebuild
from owing import ALTERNATE, HEAD, HOME_DAY, OWNER, REVIEWER, owed, project_owing

SARA = {"name": "Sara", "email": "sara@example.org"}


def stand_in(muster: Any, email: str, first: date, last: date) -> None:
    on = {"stand_in": SARA, "stand_in_from": first, "stand_in_until": last}
    with muster.context.sessions.begin() as session:
        session.merge(PreferenceRow(email=email, updated_at=muster.clock.now(), updated_by=email, **on))


def fail_for_good(muster: Any, address: str) -> int:
    """What the delivery does when a mail to this address was refused for good."""
    with muster.context.sessions.begin() as session:
        rows = session.scalars(select(Reminder).where(Reminder.recipient == address, Reminder.status == "held")).all()
        for row in rows:
            row.status, row.reason = "failed", "550 no such user"
        session.flush()
        return climbing.climb(session, rows, now=muster.clock.now())


def standing(muster: Any) -> list[tuple[str, str, str]]:
    with muster.context.sessions() as session:
        rows = session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.kind, Alarm.office))
        return [(row.kind, row.office, row.subject) for row in rows]


def instead(muster: Any) -> dict[str, str | None]:
    with muster.context.sessions() as session:
        rows = session.scalars(select(Reminder).where(Reminder.status == "held"))
        return {row.recipient: row.instead_of for row in rows}


def test_on_the_days_of_leave_the_stand_in_is_told_and_the_others_are_as_ever(offices: Any) -> None:
    stand_in(offices, OWNER, HOME_DAY - timedelta(days=1), HOME_DAY)
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    assert instead(offices) == {SARA["email"]: OWNER, ALTERNATE: None}


def test_before_and_after_the_leave_the_person_is_told(offices: Any) -> None:
    stand_in(offices, OWNER, HOME_DAY + timedelta(days=1), HOME_DAY + timedelta(days=9))
    stand_in(offices, ALTERNATE, HOME_DAY - timedelta(days=9), HOME_DAY - timedelta(days=1))
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    assert instead(offices) == {OWNER: None, ALTERNATE: None}


def test_mail_that_fails_for_good_climbs_at_once_and_the_office_is_told(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)), *project_owing(owed(-7), code="KE-002"))
    offices.sweep()
    assert fail_for_good(offices, OWNER) == 1  # of KE-002's rung the alternate and the head know already
    assert offices.told("held") == [(-7, ALTERNATE, "held"), (7, HEAD, "held"), (7, ALTERNATE, "held")]
    assert instead(offices)[ALTERNATE] in (OWNER, None)
    assert standing(offices) == [(alarms.ADDRESS_FAILS, "KEN", OWNER)]
    with offices.context.sessions() as session:
        assert session.get_one(FailingAddress, OWNER).reason == "550 no such user"


def test_later_rungs_pass_over_an_address_that_fails_and_say_so(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    fail_for_good(offices, OWNER)
    offices.submit(*project_owing(owed(14), code="KE-003"))
    offices.sweep()
    rows = offices.items("/reminders?project_code=KE-003")
    assert {(r["rung"], r["recipient"], r["status"], r["reason"]) for r in rows if r["rung"] == -14} == {
        (-14, OWNER, "skipped", "mail cannot reach this address"),
        (-14, ALTERNATE, "held", None),
    }


def test_what_else_was_held_for_a_failing_address_climbs_as_well(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)), *project_owing(owed(7), code="KE-002"))
    offices.sweep()
    with offices.context.sessions.begin() as session:
        one = session.scalars(select(Reminder).where(Reminder.status == "held").limit(1)).one()
        one.status = "failed"
        session.flush()
        assert climbing.climb(session, [one], now=offices.clock.now()) == 2
    assert offices.told("held") == [(-7, ALTERNATE, "held")] * 2


def test_nobody_to_tell_is_an_alarm_that_clears_itself_when_somebody_is_named(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.follow()
    with offices.context.sessions.begin() as session:
        for address in (OWNER, ALTERNATE, HEAD, REVIEWER, "helen@example.org"):
            session.add(FailingAddress(email=address, reason="gone", since=offices.clock.now()))
    offices.sweep()
    assert offices.told("held") == []
    assert standing(offices) == [(alarms.NOBODY_TO_TELL, "KEN", "KE-001")]
    offices.sweep()
    assert len(standing(offices)) == 1
    new = {"name": "New", "email": "new@example.org"}
    offices.submit(project_owing(owed(7), manager=new)[0])
    offices.sweep()
    assert offices.told("held") == [(-7, "new@example.org", "held")]
    assert standing(offices) == []


def test_an_address_that_works_again_is_told_what_reached_nobody(offices: Any) -> None:
    offices.submit(*project_owing(owed(7), alternate_manager=None))
    offices.submit(factories.office("KEN", time_zone="Europe/Zurich"), code="HQ")
    offices.follow()
    with offices.context.sessions.begin() as session:
        for address in (OWNER, REVIEWER, "helen@example.org"):
            session.add(FailingAddress(email=address, reason="gone", since=offices.clock.now()))
    offices.sweep()
    assert len(standing(offices)) == 1
    with offices.context.sessions.begin() as session:
        session.execute(text("DELETE FROM failing_address WHERE email = :owner"), {"owner": OWNER})
    offices.sweep()
    assert offices.told("held") == [(-7, OWNER, "held")]
    assert standing(offices) == []


def test_what_waits_for_somebody_who_handed_over_goes_to_who_took_over(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    new = {"name": "New", "email": "new@example.org"}
    offices.submit(project_owing(owed(-1), manager=new)[0])
    offices.sweep()
    assert offices.told("held") == [(1, "new@example.org", "held"), (1, ALTERNATE, "held")]
    [gone] = [r for r in offices.items("/reminders?status=skipped") if r["recipient"] == OWNER]
    assert gone["reason"] == "somebody else is told by now"
    offices.submit(project_owing(owed(-1))[0])
    offices.sweep()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]


def test_what_was_sent_is_not_sent_again_to_who_took_over(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    with offices.context.sessions.begin() as session:
        session.execute(text("UPDATE reminder SET status = 'sent' WHERE status = 'held'"))
    offices.submit(project_owing(owed(7), manager={"name": "New", "email": "new@example.org"})[0])
    offices.sweep()
    assert offices.told("held") == []


def test_a_new_reviewer_is_told_for_all_offices_of_the_region(offices: Any) -> None:
    zurich = {"time_zone": "Europe/Zurich"}
    offices.submit(*project_owing(owed(-14)))
    offices.sweep()
    assert (14, REVIEWER, "held") in offices.told("held")
    rico = {"name": "Rico", "email": "rico@example.org"}
    offices.submit(factories.office("RO-east_horn_of_africa", type="regional", reviewer=rico, **zurich), code="HQ")
    offices.sweep()
    assert {who for _, who, _ in offices.told("held")} == {OWNER, ALTERNATE, HEAD, rico["email"]}
    offices.submit(factories.office("RO-east_horn_of_africa", type="regional", **zurich), code="HQ")
    offices.sweep()
    assert {who for _, who, _ in offices.told("held")} == {OWNER, ALTERNATE, HEAD}


def holders(muster: Any) -> set[tuple[str, str, str, str]]:
    with muster.context.sessions() as session:
        return {(h.project_code, h.role, h.email, h.office) for h in session.scalars(select(RoleHolder))}


def test_who_fills_which_role_is_kept_however_the_records_came_and_a_rebuild_finds_the_same(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)), *project_owing(owed(7), code="KE-002", alternate_manager=None))
    offices.follow()
    region = "RO-east_horn_of_africa"
    ke1 = {
        ("KE-001", "owner", OWNER, "KEN"),
        ("KE-001", "alternate", ALTERNATE, "KEN"),
        ("KE-001", "head", HEAD, "KEN"),
        ("KE-001", "reviewer", REVIEWER, region),
        ("KE-001", "headquarters", "helen@example.org", "HQ"),
    }
    ke2 = {("KE-002", role, email, at) for _, role, email, at in ke1 if role != "alternate"}
    assert holders(offices) == ke1 | ke2
    assert rebuild(offices.context, offices.log).differing == ()
    assert holders(offices) == ke1 | ke2
    offices.withdraw("grant", grant_id="G-KE-002")
    offices.withdraw("project", project_code="KE-002")
    offices.follow()
    assert holders(offices) == ke1
    with offices.context.sessions.begin() as session:
        session.get_one(RoleHolder, ("KE-001", "head")).email = "wrong@example.org"
    assert rebuild(offices.context, offices.log).differing == ("head of KE-001",)
    assert holders(offices) == ke1
