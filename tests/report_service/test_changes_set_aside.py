"""A change that report cannot apply is set aside, holds nothing up, and is applied late as if it had come in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import factories
from muster_report import follow, queries, regenerating
from muster_report.boards.standing import Standing, standings
from muster_report.held_facts import hold
from muster_report.making import make
from muster_report.reports import catalogue
from muster_shared import set_aside
from muster_shared.clock import real_now
from muster_shared.names import REPORT_FOLLOW
from muster_shared.set_aside import Named
from reporting import FUNDING, PARTNERSHIPS, Report, Reporting
from workbook_reading import cell, changes_in

YEAR = {"year": "2016"}
KEY = "2016/UGA/migration_health"
HERE = f"/report/reports/{FUNDING}?year=2016&copy=internal"
EAST = "East and Horn of Africa"


def spoiling(how: Callable[[dict[str, Any]], object], revision: int = 1) -> Callable[[dict[str, Any]], None]:
    """Spoil the change of Uganda's requirement."""

    def spoil(change: dict[str, Any]) -> None:
        if (change["key"], change["revision"]) == (KEY, revision):
            how(change)

    return spoil


def cut(change: dict[str, Any]) -> None:
    del change["fields"]
    change["source"]["sha256"] = 7


def unstorable(change: dict[str, Any]) -> None:
    change["fields"]["note"] = "nothing\x00"


def too_long(change: dict[str, Any]) -> None:
    change["key"] = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(5000))


def misshapen(change: dict[str, Any]) -> None:
    del change["fields"]["year"]


WAYS = {
    cut: "not readable: fields, source",
    unstorable: "DataError at muster_report.applying:",
    too_long: "OperationalError at muster_report.applying:",
    misshapen: "KeyError at muster_report.reports.",
}


@pytest.fixture
def poisoned(muster: Reporting) -> Reporting:
    """The change of Uganda's requirement is set aside, and an issue is made of what came behind it."""
    muster.report.log.spoil = spoiling(misshapen)
    muster.submit(factories.requirement("KEN", amount="5"))
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    return muster


def listed(muster: Reporting) -> list[dict[str, Any]]:
    answer = muster.report.get("/set-aside", "admin")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def mended(muster: Reporting) -> int:
    """What is applied late once the changes can be read."""
    muster.report.log.spoil = lambda _change: None
    muster.report.let_days_pass()
    return muster.report.mend()


def figures_kept_for(muster: Reporting) -> Standing:
    with muster.report.context.sessions() as session:
        return standings(session, {"funding_requirement"}, None).of({"funding_requirement"})


def places(report: Report) -> list[tuple[str, str, int]]:
    return [(state.report, state.params_key, state.position) for state in report.states()]


def standing(muster: Reporting) -> dict[str, int]:
    return queries.standing(muster.report.context)


def page(muster: Reporting, path: str, role: str = "admin") -> str:
    headers = {"Authorization": f"Bearer {muster.report.token(role)}", "Accept": "text/html"}
    return muster.report.client.get(path, headers=headers).text


@pytest.mark.parametrize(("how", "reason"), WAYS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_what_cannot_be_applied_is_set_aside_and_applied_later_as_if_it_had_come_in_time(
    muster: Reporting, second: Report, how: Callable[[dict[str, Any]], object], reason: str
) -> None:
    muster.report.log.spoil = spoiling(how)
    muster.report.follow()
    [one] = listed(muster)
    assert one["reason"].startswith(reason)
    assert (one["position"], one["kind"], one["tries"]) == (6, "funding_requirement", 1)
    assert (standing(muster)["position"], standing(muster)["set_aside"]) == (9, 1)
    assert [row[0] for row in muster.report.facts()] == [1, 2, 3, 4, 5, 7, 8, 9]
    assert mended(muster) == 1
    assert (listed(muster), standing(muster)["set_aside"]) == ([], 0)
    second.follow()
    assert muster.report.facts() == second.facts()
    assert places(muster.report) == places(second)


def test_what_is_made_after_it_was_applied_late_is_what_would_have_been_made(
    poisoned: Reporting, second: Report
) -> None:
    assert cell(poisoned.report.latest(FUNDING, **YEAR), EAST, "B6") == 5, "the total"
    figures = figures_kept_for(poisoned)
    mended(poisoned)
    assert figures_kept_for(poisoned) != figures, "pages of figures are made anew, though the position is the same"
    poisoned.report.let_days_pass()
    poisoned.report.regenerate()
    second.follow()
    assert poisoned.report.latest(FUNDING, **YEAR) == second.latest(FUNDING, **YEAR)
    assert poisoned.report.rebuild().differing == ()


def test_reports_that_may_miss_it_say_so_and_others_do_not(poisoned: Reporting) -> None:
    told = {item["key"]: item["set_aside"] for item in poisoned.report.get("/reports").get_json()["items"]}
    assert (told[FUNDING], told[PARTNERSHIPS]) == (1, 0)
    missing = "1 change that may concern it could not be applied and is missing in its figures."
    assert missing in page(poisoned, HERE)
    assert "could not be applied" not in page(poisoned, f"/report/reports/{PARTNERSHIPS}?source=A&copy=internal")
    shown = page(poisoned, "/report/admin")
    assert KEY in shown
    assert "/report/admin/set-aside/6" in shown
    issue = poisoned.report.issues(FUNDING, **YEAR)[0]["issue_id"]
    points = poisoned.report.get(f"/issues/{issue}/checklist").get_json()["points"]
    assert [point["count"] for point in points if point["code"] == "set_aside"] == [1]
    mended(poisoned)
    assert "could not be applied" not in page(poisoned, HERE)


def test_a_later_change_of_the_record_takes_its_place_and_only_the_past_misses_it(
    poisoned: Reporting, second: Report
) -> None:
    before = poisoned.report.issues(FUNDING, **YEAR)[0]
    poisoned.submit(factories.requirement("UGA", amount="7"))
    poisoned.settle()
    [one] = listed(poisoned)
    assert (one["superseded_by"], standing(poisoned)["set_aside"]) == (11, 0)
    assert "could not be applied" not in page(poisoned, HERE)
    assert cell(poisoned.report.latest(FUNDING, **YEAR), EAST, "B6") == 7
    assert mended(poisoned) == 0
    assert poisoned.report.post("/set-aside/6/retry", "admin").status_code == 409
    assert poisoned.report.rebuild().differing == ()
    assert listed(poisoned) == []
    second.follow()
    assert poisoned.report.facts() == second.facts()
    assert poisoned.report.get(f"/issues/{before['issue_id']}/checklist").status_code == 409, "it cannot be made again"
    now = poisoned.report.issues(FUNDING, **YEAR)[0]
    assert poisoned.report.get(f"/issues/{now['issue_id']}/checklist").status_code == 200


def test_nothing_is_compared_with_an_issue_that_was_made_without_it(poisoned: Reporting) -> None:
    poisoned.report.release(poisoned.report.issues(FUNDING, **YEAR)[0])
    mended(poisoned)
    poisoned.submit(factories.requirement("KEN", amount="6"))
    poisoned.settle()
    assert changes_in(poisoned.report.latest(FUNDING, **YEAR)) == []
    assert poisoned.report.rebuild().differing == ()


def test_an_attempt_that_has_read_the_facts_without_it_changes_nothing_when_it_ends(poisoned: Reporting) -> None:
    kept = hold(poisoned.report.context.engine, 1000)
    assert kept is not None
    poisoned.submit(factories.requirement("KEN", amount="6"))
    poisoned.report.follow()
    claim = regenerating._claim(poisoned.report.context)
    assert claim is not None
    with poisoned.report.context.sessions() as session:
        made = make(session, catalogue()[claim.report], claim.params, claim.position, None)
    mended(poisoned)
    regenerating._finish(poisoned.report.context, claim, made)
    assert len(poisoned.report.issues(FUNDING, **YEAR)) == 1
    poisoned.report.let_days_pass()
    poisoned.report.regenerate()
    assert cell(poisoned.report.latest(FUNDING, **YEAR), EAST, "B6") == 250_000, "what is kept in memory is read again"


def test_a_restored_log_costs_no_facts_behind_what_is_set_aside(poisoned: Reporting) -> None:
    facts = poisoned.report.facts()
    poisoned.ingest.restore()
    poisoned.settle()
    assert (poisoned.report.facts(), len(listed(poisoned))) == (facts, 1)
    assert len(poisoned.report.issues(FUNDING, **YEAR)) == 1
    poisoned.ingest.restore(upto=5)
    poisoned.settle()
    assert listed(poisoned) == [], "the log holds it no more"


def test_a_database_that_is_away_is_no_fault_of_the_change(muster: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, ConnectionError("the server closed the connection"))

    monkeypatch.setattr(follow, "apply", away)
    with pytest.raises(OperationalError):
        muster.report.follow()
    assert (standing(muster)["position"], listed(muster)) == (0, [])


def test_it_is_tried_each_time_later_and_at_once_by_another_version(poisoned: Reporting) -> None:
    waits = []
    with poisoned.report.context.sessions.begin() as session:
        for _ in range(12):
            [row] = set_aside.listed(session)
            waits.append((row["try_at"] - row["last_tried"]).total_seconds())
            set_aside.note(session, Named(6, row["kind"], row["key"]), "again", now=real_now())
    assert waits[:5] == [60, 120, 240, 480, 960]
    assert waits[-1] == 6 * 3600
    poisoned.report.log.spoil = lambda _change: None
    assert poisoned.report.mend() == 0, "its time has not come"
    with poisoned.report.context.sessions.begin() as session:
        session.execute(text("UPDATE set_aside SET version = '0.0.1'"))
    assert poisoned.report.mend() == 1


def test_an_administrator_has_it_tried_again_now(poisoned: Reporting) -> None:
    for path in ("/set-aside/6/retry", "/set-aside/5/retry", f"/set-aside/{2**64}/retry"):
        assert poisoned.report.post(path, "analyst").status_code == 403
    assert poisoned.report.get("/set-aside", "analyst").status_code == 403
    assert poisoned.report.post("/set-aside/5/retry", "admin").status_code == 404
    assert poisoned.report.post(f"/set-aside/{2**64}/retry", "admin").status_code == 404
    assert poisoned.report.mend() == 0, "its time has not come"
    answer = poisoned.report.post("/set-aside/6/retry", "admin")
    assert (answer.status_code, answer.get_json()["items"][0]["key"]) == (202, KEY)
    assert poisoned.report.is_woken(REPORT_FOLLOW)
    assert (poisoned.report.mend(), listed(poisoned)[0]["tries"]) == (0, 2)
