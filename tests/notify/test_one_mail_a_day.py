"""One mail for a person on a day of theirs; what may break that, and what reaches those who want none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

import factories
from muster_notify import gathering
from muster_notify.gathering import gather, sweeping
from muster_notify.ladder import Ladders, parse_ladders
from muster_notify.models import PreferenceRow
from muster_notify.noting import DoubtfulMails
from muster_notify.standing import standing
from owing import ALTERNATE, OWNER, owed, project_owing, report_on

BREAKING = parse_ladders(
    """
    [[default.rung]]
    days = -7
    tell = ["owner"]
    [[default.rung]]
    days = 1
    tell = ["owner", "alternate"]
    breaks_digest = true
    """
)


def prefers(muster: Any, email: str, **stated: Any) -> None:
    with muster.context.sessions.begin() as session:
        session.add(PreferenceRow(email=email, updated_at=muster.clock.now(), updated_by="test", **stated))


def days_of_mails(muster: Any) -> list[str]:
    with muster.context.sessions() as session:
        return [str(day) for day in session.scalars(text("SELECT day FROM mail ORDER BY created_at, mail_id"))]


def change(muster: Any, statement: str, **values: Any) -> None:
    with muster.context.sessions.begin() as session:
        session.execute(text(statement), values)


def test_what_comes_after_the_days_digest_waits_for_the_next_working_day(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 1
    offices.submit(*project_owing(owed(14), code="KE-002"), *project_owing(owed(-1), code="KE-003"))
    offices.sweep()
    assert offices.deliver() == 1, "the alternate, who had none yet"
    assert offices.told("held") == [(-14, OWNER, "held"), (1, OWNER, "held")]
    offices.advance("1d")
    assert offices.deliver() == 1
    assert [mail["Subject"] for mail in post_office.to(OWNER)][1] == "2 reports owed, 1 overdue"
    assert days_of_mails(offices) == ["2016-11-30", "2016-11-30", "2016-12-01"]


def test_a_digest_that_could_not_go_out_takes_in_what_comes_and_is_that_of_the_next_day(
    offices: Any, post_office: Any
) -> None:
    post_office.answers = ["451 busy"]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 0
    offices.submit(*project_owing(owed(14), code="KE-002"))
    offices.sweep()
    offices.advance("1d")
    change(offices, "UPDATE mail SET try_at = now() - interval '1 second'")
    assert offices.deliver() == 1
    assert [mail["Subject"] for mail in post_office.to(OWNER)] == ["2 reports owed"]
    assert days_of_mails(offices) == ["2016-12-01"]
    assert offices.told("held") == []


def test_a_digest_that_was_skipped_leaves_its_day_to_another(offices: Any, post_office: Any) -> None:
    post_office.answers = ["451 busy"]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    offices.submit(report_on())
    offices.follow()
    change(offices, "UPDATE mail SET try_at = now() - interval '1 second'")
    assert offices.deliver() == 0
    offices.submit(*project_owing(owed(14), code="KE-002"))
    offices.sweep()
    assert offices.deliver() == 1


def test_an_address_written_in_two_ways_is_one_person(offices: Any, post_office: Any) -> None:
    shouted = {"name": "Amina Otieno", "email": OWNER.upper()}
    offices.submit(*project_owing(owed(7)), *project_owing(owed(7), code="KE-002", manager=shouted))
    offices.sweep()
    assert offices.deliver() == 1
    assert post_office.taken[0]["Subject"] == "2 reports owed"


def test_a_persons_own_time_zone_comes_before_that_of_the_office(offices: Any, post_office: Any) -> None:
    prefers(offices, OWNER, time_zone="America/Bogota")
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 0
    offices.advance("6h")
    assert offices.deliver() == 1


def test_a_holiday_of_the_office_is_no_day_to_write_on(offices: Any, post_office: Any) -> None:
    offices.submit(factories.office("KEN", time_zone="Europe/Zurich", iso3="KEN"), code="HQ")
    offices.submit(*project_owing(owed(19)))
    offices.advance("12d")  # Monday, 12 December 2016: Jamhuri Day
    offices.sweep()
    assert offices.deliver() == 0
    offices.advance("1d")
    assert offices.deliver() == 1


def test_where_the_clock_runs_each_person_has_a_turn_of_their_own(offices: Any, post_office: Any) -> None:
    for number in range(6):
        manager = {"name": f"Manager {number}", "email": f"manager{number}@example.org"}
        offices.submit(*project_owing(owed(7), code=f"KE-{number:03}", manager=manager))
    offices.sweep()
    made = []
    for minute in range(0, 120, 15):
        now = datetime(2016, 11, 30, 8, minute % 60, tzinfo=UTC) + timedelta(hours=minute // 60)
        with offices.context.sessions.begin() as session:
            made.append(gather(session, gathering.Moment(now, now, "example.org"), is_spread=True))
    assert sum(made) == 6
    assert sum(count > 0 for count in made) > 2
    assert made[-1] == 0, "the last half hour is for what was late"


def test_who_wants_no_digests_hears_only_of_what_is_overdue_and_told_to_others_too(
    offices: Any, post_office: Any
) -> None:
    prefers(offices, OWNER, digest=False)
    offices.submit(*project_owing(owed(7), owed(-1, type="financial")))
    offices.sweep()
    assert offices.deliver() == 2
    [mail] = post_office.to(OWNER)
    assert "financial report 1 day overdue" in mail["Subject"]
    assert mail["List-Unsubscribe"] is None
    [told] = offices.items(f"/reminders?status=skipped&recipient={OWNER}")
    assert (told["rung"], told["reason"]) == (-7, "the person asked for no digests: only escalations reach them")


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Ladders:
    monkeypatch.setattr(gathering, "shipped_ladders", lambda: BREAKING)
    return BREAKING


def test_a_rung_that_breaks_the_digest_goes_out_at_once_in_a_mail_of_its_own(
    offices: Any, post_office: Any, breaking: Ladders
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    offices.advance("4h")  # one o'clock: the window is closed, and today's digest went out
    offices.submit(*project_owing(owed(-1), code="KE-002"), *project_owing(owed(7), code="KE-003"))
    offices.sweep()
    assert offices.deliver() == 2
    assert post_office.to(OWNER)[1]["Subject"] == "Attention needed: KE-002: interim report 1 day overdue"
    assert offices.told("held") == [(-7, OWNER, "held")]


@pytest.mark.parametrize(("quiet", "later"), [(("12:00", "15:00"), "2h"), ((None, None), "0h")])
def test_a_rung_that_breaks_the_digest_does_not_break_quiet_hours(
    offices: Any, post_office: Any, breaking: Ladders, quiet: tuple[str | None, str | None], later: str
) -> None:
    prefers(offices, OWNER, quiet_from=quiet[0], quiet_until=quiet[1])
    offices.advance("4h")
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    offices.deliver()
    assert len(post_office.to(OWNER)) == (0 if quiet[0] else 1)
    offices.advance(later)
    offices.deliver()
    assert len(post_office.to(OWNER)) == 1


def test_nothing_is_gathered_while_a_sweep_records(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    with sweeping(offices.context.engine), sweeping(offices.context.engine):
        assert offices.deliver() == 0
    assert offices.deliver() == 1


def test_two_schedulers_and_four_workers_at_once_change_nothing(offices: Any, post_office: Any) -> None:
    post_office.seconds = 0.01
    for number in range(30):
        manager = {"name": f"Manager {number}", "email": f"manager{number}@example.org"}
        offices.submit(*project_owing(owed(-1), code=f"KE-{number:03}", manager=manager))
    offices.follow()
    with ThreadPoolExecutor(6) as pool:
        swept = [pool.submit(offices.sweep) for _ in range(2)]
        sent = [pool.submit(offices.deliver) for _ in range(4)]
        assert all(one.result() for one in swept)
        total = sum(one.result() for one in sent) + offices.deliver()
    assert total == 31
    assert len({mail["Message-ID"] for mail in post_office.taken}) == len(post_office.taken) == 31
    assert post_office.to(ALTERNATE)[0]["Subject"] == "30 reports owed, 30 overdue"
    assert {status for _, _, status in offices.told()} == {"sent", "skipped"}


def test_no_more_mails_an_hour_than_are_allowed(offices: Any, post_office: Any, breaking: Ladders) -> None:
    offices.context = replace(offices.context, settings=replace(offices.context.settings, mails_per_hour=2))
    for number in range(4):
        offices.submit(*project_owing(owed(-1), code=f"KE-{number:03}"))
        offices.sweep()
        offices.deliver()
    assert len(post_office.to(OWNER)) == 2
    assert standing(offices.context)["over_cap"] == 4
    offices.advance("61m")
    offices.deliver()
    assert len(post_office.to(OWNER)) == 4


@pytest.mark.parametrize(
    "what_happens",
    [
        "UPDATE obligation SET state = 'submitted'",
        "UPDATE obligation SET cycle = cycle + 1",
        "UPDATE obligation SET cancelled_at = now()",
        "UPDATE obligation SET snoozed_until = '2016-11-30'",
    ],
)
def test_the_last_look_is_just_before_the_mail_goes_out(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch, what_happens: str
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    noting = DoubtfulMails.note

    def noting_after(*arguments: Any, **times: Any) -> None:
        change(offices, what_happens)
        noting(*arguments, **times)

    monkeypatch.setattr(DoubtfulMails, "note", noting_after)
    assert offices.deliver() == 0
    assert post_office.taken == []
    assert offices.told("sending") == offices.told("held") == []


def test_a_snooze_that_is_over_lets_the_mail_out(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    change(offices, "UPDATE obligation SET snoozed_until = '2016-11-29'")
    assert offices.deliver() == 1
