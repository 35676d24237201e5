"""One attempt at a time, no wish forgotten, no failure that costs the last good issue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

import factories
from muster_report import regenerating, usecases
from muster_report.regenerating import Claim
from muster_report.reports import catalogue
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.objects import Objects
from muster_shared.problems import Problem
from reporting import FUNDING, Reporting
from workbook_reading import about

YEAR = {"year": "2016"}


@pytest.fixture
def one_stale(muster: Reporting) -> Reporting:
    """Of two reports with an issue, one is stale."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    muster.submit(factories.requirement("KEN", amount="2"))
    muster.report.follow()
    return muster


@pytest.fixture
def full_disk(one_stale: Reporting, tmp_path: Path) -> Context:
    """Report with an object store that cannot be written."""
    (tmp_path / "full").write_text("a file where a folder should be")
    return replace(one_stale.report.context, objects=Objects((tmp_path / "full" / "objects").as_uri()))


def claimed(muster: Reporting) -> Claim:
    claim = regenerating._claim(muster.report.context)
    assert claim is not None
    return claim


def positions(muster: Reporting) -> list[int]:
    return [issue["position"] for issue in muster.report.issues(FUNDING, **YEAR)]


def test_a_change_that_comes_while_a_report_is_being_made_is_made_next(one_stale: Reporting) -> None:
    claim = claimed(one_stale)
    one_stale.submit(factories.requirement("KEN", amount="3"))
    one_stale.report.follow()
    regenerating._regenerate(one_stale.report.context, claim)
    last = one_stale.ingest.last()
    assert positions(one_stale)[0] == last - 1
    state = one_stale.report.state(FUNDING, **YEAR)
    assert (state.wanted - state.built, state.stale_since is None, state.lease_until) == (1, False, None)
    assert one_stale.report.regenerate() == 1
    assert positions(one_stale)[0] == last
    state = one_stale.report.state(FUNDING, **YEAR)
    assert (state.wanted - state.built, state.stale_since) == (0, None)


def test_what_is_claimed_is_not_claimed_again_before_its_lease_ends(one_stale: Reporting) -> None:
    claimed(one_stale)
    assert one_stale.report.regenerate() == 0
    one_stale.report.let_days_pass()
    assert one_stale.report.regenerate() == 1


def test_who_asks_for_a_report_that_another_process_makes_waits_for_it(muster: Reporting) -> None:
    muster.submit(factories.requirement("KEN", amount="2"))
    muster.report.follow()
    muster.report.count_as_made()
    report, params = catalogue()[FUNDING], catalogue()[FUNDING].read(YEAR)
    usecases.want(muster.report.context, report, params)
    claim = claimed(muster)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(usecases.current_issue, muster.report.context, report, params)
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.5)
        regenerating._regenerate(muster.report.context, claim)
        assert asked.result(timeout=20).number == 1


def test_who_asks_for_a_report_that_cannot_be_made_hears_it_at_once(muster: Reporting, tmp_path: Path) -> None:
    muster.submit(factories.requirement("KEN", amount="2"))
    muster.report.follow()
    muster.report.count_as_made()
    (tmp_path / "full").write_text("a file where a folder should be")
    full = replace(muster.report.context, objects=Objects((tmp_path / "full" / "objects").as_uri()))
    began = monotonic()
    with pytest.raises(Problem, match="not be made"):
        usecases.current_issue(full, catalogue()[FUNDING], catalogue()[FUNDING].read(YEAR))
    assert monotonic() - began < 20


def test_an_attempt_whose_lease_was_taken_over_changes_nothing_when_it_ends(one_stale: Reporting) -> None:
    slow = claimed(one_stale)
    one_stale.report.let_days_pass()
    quick = claimed(one_stale)
    before = one_stale.report.state(FUNDING, **YEAR)
    regenerating._regenerate(one_stale.report.context, slow)
    after = one_stale.report.state(FUNDING, **YEAR)
    assert (after.built, after.attempt, after.lease_until) == (before.built, quick.attempt, before.lease_until)
    assert len(positions(one_stale)) == 1
    regenerating._regenerate(one_stale.report.context, quick)
    assert len(positions(one_stale)) == 2
    assert one_stale.report.stale() == []


def test_an_attempt_whose_lease_was_taken_over_fails_for_itself_only(one_stale: Reporting, full_disk: Context) -> None:
    run = one_stale.report.run(FUNDING, **YEAR)
    slow = claimed(one_stale)
    one_stale.report.let_days_pass()
    quick = claimed(one_stale)
    regenerating._regenerate(full_disk, slow)
    assert one_stale.report.state(FUNDING, **YEAR).failures == 0
    assert one_stale.report.watch(run)["status"] == "queued"
    regenerating._regenerate(one_stale.report.context, quick)
    assert one_stale.report.watch(run)["status"] == "done"


def test_an_attempt_that_was_taken_over_takes_no_progress_back(one_stale: Reporting) -> None:
    run = one_stale.report.run(FUNDING, **YEAR)
    slow = claimed(one_stale)
    one_stale.report.let_days_pass()
    regenerating._progress(one_stale.report.context, claimed(one_stale), 0.9)
    regenerating._progress(one_stale.report.context, slow, 0.2)
    assert one_stale.report.watch(run)["progress"] == 0.9


def test_a_failure_keeps_the_last_good_issue_and_is_told(one_stale: Reporting, full_disk: Context) -> None:
    good = one_stale.report.latest(FUNDING, **YEAR)
    run = one_stale.report.run(FUNDING, **YEAR)
    assert regenerating.regenerate_due(full_disk) == 0
    assert one_stale.report.latest(FUNDING, **YEAR) == good
    shown = next(known for known in one_stale.report.known(FUNDING) if known["params"]["year"] == "2016")
    assert (shown["stale"], shown["failures"]) == (True, 1)
    assert shown["error"].isidentifier()
    assert shown["last_issue"]["number"] == 1
    seen = one_stale.report.watch(run)
    assert (seen["status"], seen["detail"]) == ("failed", shown["error"])


def test_failures_wait_longer_each_time_and_one_success_mends_all(one_stale: Reporting, full_disk: Context) -> None:
    waits = []
    for _ in range(3):
        one_stale.report.let_days_pass()
        began = real_now()
        regenerating.regenerate_due(full_disk)
        due_at = one_stale.report.state(FUNDING, **YEAR).due_at
        assert due_at is not None
        waits.append(round((due_at - began).total_seconds()))
    assert waits[0] >= 2
    assert waits == sorted(set(waits))
    assert one_stale.report.regenerate() == 0, "it is not due yet"
    one_stale.report.let_days_pass()
    assert one_stale.report.regenerate() == 1
    state = one_stale.report.state(FUNDING, **YEAR)
    assert (state.failures, state.error, one_stale.report.stale()) == (0, None, [])
    assert about(one_stale.report.latest(FUNDING, **YEAR))["Change-log position"] == one_stale.ingest.last()


def test_one_report_that_fails_does_not_hold_up_the_others(one_stale: Reporting, tmp_path: Path) -> None:
    one_stale.submit(factories.requirement("KEN", year=2017, amount="8"))
    one_stale.report.follow()
    claim = claimed(one_stale)
    regenerating._fail(one_stale.report.context, claim, "AnyError")
    assert one_stale.report.regenerate() == 1
    assert one_stale.report.stale() == [(claim.report, claim.params["year"])]


def test_a_first_copy_that_cannot_be_made_answers_503_and_is_made_at_the_next_asking(
    one_stale: Reporting, tmp_path: Path
) -> None:
    one_stale.report.regenerate()
    folder = one_stale.report.context.settings.data_dir / "objects"
    kept = folder.rename(folder.with_name("kept"))
    folder.write_text("a file where a folder should be")
    answer = one_stale.report.get(f"/reports/{FUNDING}/latest.xlsx", copy="donor", **YEAR)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["type"] == "urn:muster:problem:not_made"
    folder.unlink()
    kept.rename(folder)
    assert one_stale.report.latest(FUNDING, copy="donor", **YEAR)
