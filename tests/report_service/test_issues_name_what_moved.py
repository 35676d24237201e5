"""A change that comes in becomes a new issue that names every cell that moved; nothing new makes no issue."""

from __future__ import annotations

from typing import Any

import factories
from reporting import FUNDING, PARTNERSHIPS, Reporting
from workbook_reading import about, cell, changes_in, moved_cells, sha256, sheet_rows


def issued(muster: Reporting, **params: str) -> dict[str, Any]:
    """The newest issue of the funding requirements of 2016."""
    return muster.report.issues(FUNDING, year="2016", **params)[0]


def first_issue(muster: Reporting) -> dict[str, Any]:
    """Of all that is known only the funding requirements of 2016 are made: the others cost time and say nothing."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, year="2016")
    return issued(muster)


def released_first_issue(muster: Reporting) -> tuple[dict[str, Any], bytes]:
    muster.report.release(first_issue(muster))
    return issued(muster), muster.report.latest(FUNDING, year="2016")


def test_one_changed_amount_makes_one_issue_that_names_exactly_the_cells_that_moved(muster: Reporting) -> None:
    first, before = released_first_issue(muster)
    muster.submit(factories.requirement("KEN", amount="1000200.5"), code="KEN")
    muster.settle()
    second, after = issued(muster), muster.report.latest(FUNDING, year="2016")
    named = changes_in(after)
    assert named == moved_cells(before, after)
    assert ("East and Horn of Africa", "B5", 1000000, 1000200.5) in named
    assert {(was, now) for _, _, was, now in named} == {(1000000, 1000200.5), (1250000, 1250200.5)}
    assert all(cell(after, sheet, at) == now for sheet, at, _, now in named)
    assert (second["number"], second["changed_cells"]) == (first["number"] + 1, len(named))
    assert second["sha256"] == sha256(after) != first["sha256"]
    assert muster.report.file_of(first) == before


def test_the_same_amount_again_makes_no_revision_no_issue_and_a_run_answers_unchanged(muster: Reporting) -> None:
    first_issue(muster)
    before = muster.report.issues(FUNDING, year="2016")
    last = muster.ingest.last()
    again = muster.submit(factories.requirement("KEN"), code="KEN")
    assert (again["unchanged"], again["changes"], muster.ingest.last()) == (1, [], last)
    assert muster.report.follow() == 0
    run = muster.report.run(FUNDING, year="2016")
    assert muster.report.watch(run)["status"] == "queued"
    muster.report.regenerate()
    seen = muster.report.watch(run)
    assert (seen["status"], seen["progress"], seen["issue_id"]) == ("unchanged", 1.0, before[0]["issue_id"])
    assert muster.report.issues(FUNDING, year="2016") == before


def test_a_run_that_finds_news_answers_done_with_the_new_issue(muster: Reporting) -> None:
    first_issue(muster)
    muster.submit(factories.requirement("KEN", amount="5"))
    muster.report.follow()
    run = muster.report.run(FUNDING, year="2016")
    muster.report.regenerate()
    seen = muster.report.watch(run)
    assert (seen["status"], seen["issue_id"]) == ("done", issued(muster)["issue_id"])
    assert issued(muster)["number"] == 2


def test_changes_count_from_the_release_however_many_issues_lie_between(muster: Reporting) -> None:
    released_first_issue(muster)
    for amount in ("2", "3", "4"):
        muster.submit(factories.requirement("UGA", amount=amount))
        muster.settle()
    assert issued(muster)["number"] == 4
    named = changes_in(muster.report.latest(FUNDING, year="2016"))
    assert ("East and Horn of Africa", "B6", 250000, 4) in named
    assert {was for _, _, was, _ in named} == {250000, 1250000}


def test_an_issue_released_after_a_later_one_was_made_becomes_what_that_one_counts_from(muster: Reporting) -> None:
    first = first_issue(muster)
    muster.submit(factories.requirement("UGA", amount="7"))
    muster.settle()
    assert changes_in(muster.report.latest(FUNDING, year="2016")) == []
    muster.report.release(first)
    assert muster.report.stale() == [(FUNDING, "2016")]
    muster.report.regenerate()
    assert ("East and Horn of Africa", "B6", 250000, 7) in changes_in(muster.report.latest(FUNDING, year="2016"))
    assert [issue["position"] for issue in muster.report.issues(FUNDING, year="2016")] == [10, 10, 6]


def test_a_withdrawal_is_what_the_workbook_is_dated_by(muster: Reporting) -> None:
    first_issue(muster)
    muster.advance("1d")
    muster.withdraw("funding_requirement", year=2016, office="KEN", area="migration_health")
    muster.withdraw("partnership", partnership_id="p-1")
    muster.settle()
    funding = muster.report.latest(FUNDING, year="2016")
    partnerships = muster.report.latest(PARTNERSHIPS, source="A")
    assert about(funding)["Change-log position"] == muster.ingest.last() - 1 == issued(muster)["position"]
    assert about(partnerships)["Change-log position"] == muster.ingest.last()
    assert about(funding)["As of"] == about(partnerships)["As of"] == "1 December 2016, 08:00 UTC"
    assert "Kenya" not in {row[0] for row in sheet_rows(funding, "East and Horn of Africa")}


def test_what_was_withdrawn_and_sent_again_counts_as_no_difference(muster: Reporting) -> None:
    released_first_issue(muster)
    muster.withdraw("funding_requirement", year=2016, office="KEN", area="migration_health")
    muster.submit(factories.requirement("KEN"))
    muster.settle()
    assert changes_in(muster.report.latest(FUNDING, year="2016")) == []
    assert issued(muster)["changed_cells"] == 0


def test_as_of_a_past_time_gives_the_bytes_of_the_issue_made_then(muster: Reporting) -> None:
    first_issue(muster)
    made: list[tuple[str, bytes]] = []
    for day, amount in enumerate(("11", "12", "13")):
        muster.advance("1d")
        muster.submit(factories.requirement("KEN", amount=amount))
        muster.settle()
        if day == 0:
            muster.report.release(issued(muster))
        made.append((str(issued(muster)["as_of"]), muster.report.latest(FUNDING, year="2016")))
    assert len({content for _, content in made}) == 3
    for moment, content in made:
        assert muster.report.latest(FUNDING, year="2016", as_of=moment) == content
    between = muster.report.get(f"/reports/{FUNDING}/latest.xlsx", year="2016", as_of="2016-12-02T07:59:59Z")
    assert between.data == made[0][1]
    assert between.headers["ETag"] == f'"{sha256(made[0][1])}"'


def test_as_of_makes_no_issue_and_knows_nothing_before_the_first_submission(muster: Reporting) -> None:
    first_issue(muster)
    muster.report.latest(FUNDING, year="2016", as_of="2016-11-30T08:00:00Z")
    assert len(muster.report.issues(FUNDING, year="2016")) == 1
    answer = muster.report.get(f"/reports/{FUNDING}/latest.xlsx", year="2016", as_of="2016-11-30T07:59:59Z")
    assert (answer.status_code, answer.get_json()["type"]) == (404, "urn:muster:problem:nothing_submitted")


def test_a_donor_copy_is_made_when_first_asked_for_and_follows_from_then_on(muster: Reporting) -> None:
    first_issue(muster)
    assert muster.report.issues(FUNDING, year="2016", copy="donor") == []
    donor = muster.report.latest(FUNDING, year="2016", copy="donor")
    assert issued(muster, copy="donor")["params"] == {"year": "2016", "copy": "donor"}
    assert donor != muster.report.latest(FUNDING, year="2016")
    assert (
        about(donor)["Change-log position"] == about(muster.report.latest(FUNDING, year="2016"))["Change-log position"]
    )
    muster.submit(factories.requirement("KEN", amount="9"))
    muster.settle()
    assert [issue["number"] for issue in muster.report.issues(FUNDING, year="2016", copy="donor")] == [2, 1]
    assert muster.report.latest(FUNDING, year="2016", copy="donor") != donor


def test_a_release_of_one_copy_is_not_what_another_copy_counts_from(muster: Reporting) -> None:
    released_first_issue(muster)
    muster.report.latest(FUNDING, year="2016", copy="donor")
    muster.submit(factories.requirement("KEN", amount="9"))
    muster.settle()
    assert changes_in(muster.report.latest(FUNDING, year="2016", copy="donor")) == []
    assert changes_in(muster.report.latest(FUNDING, year="2016"))
