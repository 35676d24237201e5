"""The sweep: each rung once, to the right people, whatever was missed, whoever else sweeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

import factories
from owing import ALTERNATE, HEAD, HEADQUARTERS, OWNER, REVIEWER, due_in, owed, project_owing, report_on

CODES = ("KE-001", "NP-001")
OVERTAKEN = "a higher rung was reached first: only the highest one due is sent"


@pytest.mark.parametrize(
    ("days", "rung", "recipients"),
    [
        (30, -30, [OWNER]),
        (14, -14, [OWNER]),
        (7, -7, [OWNER]),
        (1, -1, [OWNER]),
        (-1, 1, [OWNER, ALTERNATE]),
        (-7, 7, [OWNER, HEAD, ALTERNATE]),
        (-14, 14, [OWNER, HEAD, ALTERNATE, REVIEWER]),
        (-30, 30, [OWNER, HEADQUARTERS, HEAD, ALTERNATE, REVIEWER]),
    ],
)
def test_each_rung_tells_its_people(offices: Any, days: int, rung: int, recipients: list[str]) -> None:
    offices.submit(*project_owing(owed(days)))
    offices.sweep()
    assert offices.told("held") == [(rung, recipient, "held") for recipient in sorted(recipients)]


def test_a_ladder_climbed_without_an_outage_skips_nothing_and_repeats_nothing(offices: Any) -> None:
    offices.submit(*project_owing(owed(30)))
    for wait in ("0d", "16d", "7d", "6d", "2d", "2d", "4d", "7d", "16d", "1d"):  # two rungs fall on a weekend
        offices.advance(wait)
        offices.sweep()
        offices.deliver()
    told = offices.told()
    assert [(rung, who) for rung, who, _ in told].count((30, HEADQUARTERS)) == 1
    assert [rung for rung, who, _ in told if who == OWNER] == [-30, -14, -7, -1, 1, 7, 14, 30]
    assert len(told) == len(set(told)) == 4 + 2 + 3 + 4 + 5
    assert {status for _, _, status in told} == {"sent"}


def test_an_obligation_is_looked_at_again_only_when_its_next_rung_is_reached(offices: Any) -> None:
    offices.submit(*project_owing(owed(20), code="KE-001"), *project_owing(owed(-40), code="KE-002"))
    offices.sweep()
    with offices.context.sessions() as session:
        rows = session.execute(text("SELECT project_code, next_rung_on::text FROM obligation"))
        assert {row.project_code: row.next_rung_on for row in rows} == {"KE-001": due_in(6), "KE-002": None}


def test_after_an_outage_only_the_highest_rung_is_sent_and_the_others_are_kept_as_skipped(offices: Any) -> None:
    offices.submit(*project_owing(owed(14)))
    offices.sweep()
    offices.deliver()
    offices.advance("23d")  # nine days overdue: -7, -1 and +1 were missed
    offices.sweep()
    skipped = [(r["rung"], r["recipient"], r["reason"]) for r in offices.items("/reminders?status=skipped")]
    assert sorted(skipped) == [(days, None, OVERTAKEN) for days in (-30, -7, -1, 1)]
    assert {rung for rung, _, _ in offices.told("held")} == {7}


def test_sweeping_again_and_at_the_same_time_makes_no_second_reminder(offices: Any) -> None:
    for number in range(8):
        offices.submit(*project_owing(owed(-20), code=f"KE-{number:03}"))
    offices.follow()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: offices.sweep(), range(8)))
    told = offices.items("/reminders")
    assert len([r for r in told if r["status"] == "held"]) == 8 * 4
    assert len({(r["obligation_ids"][0], r["rung"], r["recipient"]) for r in told}) == len(told) == 8 * (4 + 6)


def test_a_report_handed_in_stops_the_reminders_that_were_not_sent_yet(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    offices.submit(report_on())
    offices.sweep()
    assert offices.told("held") == []
    stopped = [r for r in offices.items("/reminders?status=skipped") if r["rung"] == 1]
    assert {r["reason"] for r in stopped} == {"the report was handed in on 2016-11-30"}
    offices.advance("20d")
    offices.sweep()
    assert offices.told("held") == []


def test_a_returned_report_starts_the_ladder_again(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    offices.deliver()
    offices.submit(report_on(donor_status="sent"))
    offices.submit(report_on(donor_status="returned"))
    offices.advance("1d")
    offices.sweep()
    assert (1, OWNER, "sent") in offices.told()
    assert offices.told("held") == [(1, OWNER, "held"), (1, ALTERNATE, "held")]


def test_a_due_date_that_moves_starts_the_ladder_again_for_the_new_one(offices: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.submit(project_owing(owed(30))[1])
    offices.sweep()
    assert offices.told("held") == [(-30, OWNER, "held")]
    stopped = [r["reason"] for r in offices.items("/reminders?status=skipped") if r["recipient"] == OWNER]
    assert stopped == [f"the report is now due on {due_in(30)}"]


def test_who_is_told_next_is_named_ahead(offices: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    [obligation] = offices.obligations()
    assert obligation["next_rung"] == {"rung": 7, "on": due_in(6), "tell": ["owner", "alternate", "head"]}


def test_the_reviewer_is_that_of_the_offices_own_region(offices: Any) -> None:
    asia = {"region": "asia_pacific", "time_zone": "Europe/Zurich"}
    aldo = {"name": "Aldo", "email": "aldo@example.org"}
    offices.submit(
        factories.office("RO-asia_pacific", type="regional", reviewer=aldo, **asia),
        factories.office("NPL", **asia),
        code="HQ",
    )
    offices.submit(*project_owing(owed(-14)))
    offices.submit(*project_owing(owed(-14), code="NP-001", office="NPL"), code="NPL")
    offices.sweep()
    told = {code: {r["recipient"] for r in offices.items(f"/reminders?project_code={code}")} for code in CODES}
    assert {REVIEWER, aldo["email"]} & told["KE-001"] == {REVIEWER}
    assert {REVIEWER, aldo["email"]} & told["NP-001"] == {aldo["email"]}


def test_missing_people_are_said_and_the_others_told(offices: Any) -> None:
    offices.submit(*project_owing(owed(-7), alternate_manager=None))
    offices.submit(factories.office("KEN", time_zone="Europe/Zurich"), code="HQ")
    offices.sweep()
    assert offices.told("held") == [(7, OWNER, "held")]
    missing = {(r["recipient"], r["reason"]) for r in offices.items("/reminders?status=skipped") if r["rung"] == 7}
    assert missing == {
        ("alternate", "no alternate manager with an address is named"),
        ("head", "no head of office with an address is named"),
    }


def test_someone_in_two_roles_is_told_once(offices: Any) -> None:
    offices.submit(*project_owing(owed(-7), alternate_manager={"name": "A. Otieno", "email": OWNER.upper()}))
    offices.sweep()
    assert offices.told("held") == [(7, OWNER, "held"), (7, HEAD, "held")]


def test_a_higher_rung_takes_the_place_of_one_still_held(offices: Any) -> None:
    """The window stayed closed from the day after the due date to a week after it."""
    offices.submit(factories.office("KEN", time_zone="Africa/Nairobi"), code="HQ")
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    assert offices.deliver() == 0
    offices.advance("6d")
    offices.sweep()
    assert {rung for rung, _, _ in offices.told("held")} == {7}
    assert {r["reason"] for r in offices.items("/reminders?status=skipped")} == {OVERTAKEN, *missing_head()}


def missing_head() -> set[str]:
    return {"no head of office with an address is named"}


def test_ingest_being_away_holds_up_no_reminder_that_is_known_to_be_due(offices: Any) -> None:
    from muster_notify import usecases
    from muster_shared.changelog import ChangeLog

    offices.submit(*project_owing(owed(1)))
    offices.follow()
    nobody_there = ChangeLog(offices.context.settings, "notify")
    assert usecases.sweep(offices.context, nobody_there) is True
    assert offices.told("held") == [(-1, OWNER, "held")]


FIRST_HALF_OF_2015 = {"period_start": "2015-01-01", "period_end": "2015-06-30"}


def test_what_was_long_overdue_when_it_became_known_is_told_to_its_owner_once_and_climbs_to_nobody(
    offices: Any, post_office: Any
) -> None:
    years_late = [
        owed(
            -366 - 90 * number, type="financial", period_start=f"20{number:02}-01-01", period_end=f"20{number:02}-03-31"
        )
        for number in range(1, 12)
    ]
    offices.submit(
        *(
            one
            for number in range(20)
            for one in project_owing(*years_late, owed(-365, **FIRST_HALF_OF_2015), code=f"KE-{number:03}")
        )
    )
    offices.sweep()
    with offices.context.sessions() as session:
        held = session.execute(text("SELECT recipient, count(*) FROM reminder WHERE status = 'held' GROUP BY 1")).all()
    assert dict(map(tuple, held)) == {OWNER: 240, ALTERNATE: 20, HEAD: 20, REVIEWER: 20, HEADQUARTERS: 20}
    offices.deliver()
    assert len(post_office.to(OWNER)) == 1
    for _ in range(3):
        offices.advance("20d")
        offices.sweep()
        assert offices.deliver() == 0


def test_returned_by_its_donor_it_climbs_after_all(offices: Any) -> None:
    offices.submit(*project_owing(owed(-400, **FIRST_HALF_OF_2015)))
    offices.sweep()
    assert {who for _, who, _ in offices.told("held")} == {OWNER}
    offices.submit(report_on(**FIRST_HALF_OF_2015))
    offices.sweep()
    offices.submit(report_on(donor_status="returned", **FIRST_HALF_OF_2015))
    offices.sweep()
    assert HEADQUARTERS in {who for _, who, _ in offices.told("held")}
