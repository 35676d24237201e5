"""What is owed follows the change log: what is new, moved, handed in, returned, gone; never twice, never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

import factories
from muster_notify import usecases
from muster_shared.changelog import ChangeLog, Page
from owing import due_in, owed, project_owing, report_on


def states(muster: Any) -> list[tuple[str, str, str, int]]:
    return [(o["type"], o["due"], o["status"], o["days_late"]) for o in muster.obligations()]


def test_a_grants_rules_become_obligations_as_they_stand_today(offices: Any) -> None:
    offices.submit(factories.project(), factories.grant())
    assert states(offices) == [
        ("interim", "2015-08-11", "overdue", 477),
        ("interim", "2016-02-11", "overdue", 293),
        ("interim", "2016-08-11", "overdue", 111),
        ("interim", "2017-02-11", "upcoming", 0),
        ("final", "2017-03-31", "upcoming", 0),
    ]
    first = offices.obligations()[0]
    assert first["owner"] == {"name": "Amina Otieno", "email": "amina.otieno@example.org"}
    assert (first["office"], first["next_rung"]) == ("KEN", None)
    assert offices.obligations()[-1]["next_rung"] == {"rung": -30, "on": "2017-03-01", "tell": ["owner"]}


def test_a_report_handed_in_closes_what_was_owed_and_a_returned_one_opens_it_again(offices: Any) -> None:
    offices.submit(*project_owing(owed(-10)))
    assert states(offices) == [("interim", due_in(-10), "overdue", 10)]
    offices.submit(report_on(submitted_on=due_in(-7)))
    assert states(offices) == [("interim", due_in(-10), "submitted", 3)]
    offices.submit(report_on(submitted_on=due_in(-7), donor_status="returned"))
    assert states(offices) == [("interim", due_in(-10), "returned", 10)]
    offices.submit(report_on(submitted_on=due_in(-7), donor_status="accepted"))
    assert states(offices) == [("interim", due_in(-10), "closed", 3)]
    [obligation] = offices.obligations()
    assert [event["event"] for event in obligation["history"]] == ["owed", "submitted", "returned", "closed"]


def test_an_extension_moves_the_final_report_and_its_history_says_so(offices: Any) -> None:
    offices.submit(factories.project(), factories.grant(reporting_rules={"rules": "echo"}))
    before = next(o for o in offices.obligations() if o["type"] == "final")
    offices.submit(
        {
            "kind": "extension",
            "project_code": "KE-001",
            "requested_on": "2016-11-01",
            "new_end": "2017-06-30",
            "reason": "late rains",
            "decision": "approved",
            "decided_by": "Helen",
            "decided_on": "2016-11-20",
        }
    )
    after = next(o for o in offices.obligations() if o["type"] == "final")
    assert (before["due"], after["due"]) == ("2017-03-31", "2017-09-30")
    assert after["obligation_id"] == before["obligation_id"]
    moved = {"at": "2016-11-30T08:00:00Z", "event": "moved", "due": "2017-09-30", "due_before": "2017-03-31"}
    assert after["history"][-1] == moved


def test_what_is_no_longer_owed_leaves_the_list_and_keeps_its_history(offices: Any) -> None:
    offices.submit(*project_owing(owed(5)))
    [obligation] = offices.obligations()
    offices.withdraw("grant", grant_id="G-KE-001")
    assert offices.obligations() == []
    gone = offices.get(f"/obligations/{obligation['obligation_id']}").get_json()
    assert [event["event"] for event in gone["history"]] == ["owed", "cancelled"]
    assert (gone["status"], gone["next_rung"]) == ("closed", None)
    offices.submit(project_owing(owed(5))[1])
    assert [event["event"] for event in offices.obligations()[0]["history"]] == ["owed", "cancelled", "restored"]


def test_a_grant_that_goes_over_to_another_project_takes_its_obligations_along(offices: Any) -> None:
    offices.submit(*project_owing(owed(5)), factories.project("KE-002"))
    offices.follow()
    offices.submit(factories.grant("G-KE-001", "KE-002", reporting_rules=[owed(5)]))
    assert [o["project_code"] for o in offices.obligations()] == ["KE-002"]


def test_the_day_is_that_of_the_projects_office(offices: Any) -> None:
    """Eight in the morning UTC on 30 November is still 29 November in Hawaii."""
    offices.submit(*project_owing(owed(-1)))
    assert states(offices) == [("interim", due_in(-1), "overdue", 1)]
    offices.submit(factories.office("KEN", time_zone="Pacific/Honolulu"), code="HQ")
    assert states(offices) == [("interim", due_in(-1), "due_soon", 0)]
    assert offices.items("/obligations?status=overdue") == []


def test_small_pages_and_many_followers_derive_what_one_would(offices: Any) -> None:
    codes = [f"KE-{number:03}" for number in range(12)]
    for code in codes:
        offices.submit(*project_owing(owed(-3), owed(20, period_end="2016-07-31"), code=code))
    offices.log.limit = 3
    with ThreadPoolExecutor(4) as pool:
        reached = list(pool.map(lambda _: offices.follow(), range(4)))
    assert set(reached) == {28}
    offices.follow()
    assert [o["project_code"] for o in offices.items("/obligations?status=overdue")] == sorted(
        codes, key=lambda code: next(o["obligation_id"] for o in offices.obligations() if o["project_code"] == code)
    )
    assert all(len(o["history"]) == 1 for o in offices.items("/obligations"))


def test_a_restored_log_is_read_anew_and_nobody_is_told_again(offices: Any) -> None:
    offices.submit(*project_owing(owed(-3)), *project_owing(owed(-4), code="KE-002"))
    offices.sweep()
    before, told = offices.obligations(), offices.told()
    with offices.ingest.sessions.begin() as session:
        session.execute(text("UPDATE change_log SET epoch = 'restored'"))
    offices.withdraw("grant", grant_id="G-KE-002")
    offices.sweep()
    assert offices.obligations() == [o for o in before if o["project_code"] == "KE-001"]
    assert len(offices.told()) == len(told)
    assert {r["status"] for r in offices.items("/reminders?project_code=KE-001")} == {"held", "skipped"}
    assert {r["reason"] for r in offices.items("/reminders?project_code=KE-002&status=skipped")} >= {
        "the report is no longer owed"
    }
    assert offices.items("/reminders?project_code=KE-002&status=held") == []


class Behind(ChangeLog):
    """A log that gives its first changes and then says that there are more, which it cannot give yet."""

    def __init__(self, log: ChangeLog, position: int) -> None:
        self.log, self.position = log, position

    def after(self, position: int, *, limit: int = 1000) -> Page:
        page = self.log.after(position, limit=limit)
        return replace(page, items=tuple(c for c in page.items if c.position <= self.position))


def test_nobody_is_reminded_while_the_log_is_not_applied_to_its_end(offices: Any) -> None:
    """The grant is known, the report on it that came in long ago is not yet."""
    offices.submit(*project_owing(owed(-3)))
    grant_known = offices.follow()
    offices.submit(report_on())
    assert usecases.sweep(offices.context, Behind(offices.log, grant_known)) is False
    assert offices.told() == []
    assert offices.sweep() is True
    assert offices.told() == []


def test_a_run_of_changes_is_waited_out_up_to_its_cap(offices: Any) -> None:
    offices.submit(*project_owing(owed(-3)))
    patient = replace(offices.context.settings, quiet_seconds=60, quiet_cap_seconds=120)
    assert usecases.sweep(replace(offices.context, settings=patient), offices.log) is False
    assert offices.told() == []
    hasty = replace(patient, quiet_cap_seconds=0)
    assert usecases.sweep(replace(offices.context, settings=hasty), offices.log) is True
    assert offices.told() != []


class Newer(ChangeLog):
    """A log whose newest grant follows rules that this notify does not know."""

    def __init__(self, log: ChangeLog) -> None:
        self.log = log

    def after(self, position: int, *, limit: int = 1000) -> Page:
        page = self.log.after(position, limit=limit)
        odd = {"reporting_rules": {"rules": "of-next-year"}}
        items = [replace(c, fields={**c.fields, **odd}) if c.key == "G-KE-002" else c for c in page.items]
        return replace(page, items=tuple(items))


def test_a_grant_that_cannot_be_read_holds_up_no_other_one(offices: Any) -> None:
    offices.submit(*project_owing(owed(5)), *project_owing(owed(5), code="KE-002"))
    usecases.follow(offices.context, Newer(offices.log))
    assert [o["project_code"] for o in offices.items("/obligations")] == ["KE-001"]


def test_following_twice_changes_nothing(offices: Any) -> None:
    offices.submit(*project_owing(owed(-3)), report_on())
    before = offices.obligations()
    offices.advance("1d")
    assert offices.obligations() == before
    assert offices.clock.now() == datetime(2016, 12, 1, 8, tzinfo=UTC)
