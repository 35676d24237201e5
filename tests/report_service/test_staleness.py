"""A change marks the reports that it affects, by what the record was and by what it is, and no others."""

from __future__ import annotations

import pytest

import factories
from muster_shared.changelog import LogUnreachable
from reporting import FUNDING, PARTNERSHIPS, IngestLog, Reporting

Y2016, Y2017, A, B = (FUNDING, "2016"), (FUNDING, "2017"), (PARTNERSHIPS, "A"), (PARTNERSHIPS, "B")


@pytest.fixture
def settled(muster: Reporting) -> Reporting:
    """All that is known counts as made, without the cost of making it: these tests are about marks."""
    muster.report.follow()
    muster.report.count_as_made()
    assert muster.report.stale() == []
    return muster


def test_the_first_records_make_their_reports_known_and_stale(muster: Reporting) -> None:
    muster.report.follow()
    assert muster.report.stale() == [Y2016, Y2017, A, B]


def test_an_amount_of_one_year_marks_that_year_only(settled: Reporting) -> None:
    settled.submit(factories.requirement("KEN", amount="5"))
    settled.report.follow()
    assert settled.report.stale() == [Y2016]


def test_a_partnership_moved_to_another_source_marks_both(settled: Reporting) -> None:
    settled.submit(factories.partnership("p-1", source="B"))
    settled.report.follow()
    assert settled.report.stale() == [A, B]


def test_a_partnership_moved_to_a_new_source_marks_the_old_one_and_makes_the_new_one_known(settled: Reporting) -> None:
    settled.submit(factories.partnership("p-1", source="C"))
    settled.report.follow()
    assert settled.report.stale() == [A, (PARTNERSHIPS, "C")]


def test_moving_there_and_back_within_one_page_of_the_log_marks_both(settled: Reporting) -> None:
    settled.submit(factories.partnership("p-1", source="B"))
    settled.submit(factories.partnership("p-1", source="A"))
    settled.report.follow()
    assert settled.report.stale() == [A, B]
    assert [settled.report.state(PARTNERSHIPS, source=source).position for source in "AB"] == [
        settled.ingest.last()
    ] * 2


def test_a_renamed_partner_marks_its_sources_and_no_funding(settled: Reporting) -> None:
    settled.submit(factories.partner(name="HAYAT (renamed)"))
    settled.report.follow()
    assert settled.report.stale() == [A, B]


def test_a_moved_office_marks_everything_that_is_placed_by_region(settled: Reporting) -> None:
    settled.submit(factories.office("KEN", region="southern_africa"))
    settled.report.follow()
    assert settled.report.stale() == [Y2016, Y2017, A, B]


def test_records_that_no_report_reads_mark_nothing(settled: Reporting) -> None:
    settled.submit(factories.donor(), factories.project(), factories.grant())
    assert settled.report.follow() == 3
    assert settled.report.stale() == []


def test_a_printed_total_of_another_report_marks_nothing(settled: Reporting) -> None:
    printed = {"kind": "published_total", "year": 2016, "table": "overview", "region": "all", "area": "all"}
    settled.submit({**printed, "report": "another", "printed": "1", "currency": "USD"})
    settled.report.follow()
    assert settled.report.stale() == []
    settled.submit({**printed, "report": FUNDING, "printed": "1", "currency": "USD"})
    settled.report.follow()
    assert settled.report.stale() == [Y2016]


def test_a_withdrawal_marks_what_the_record_was_in_and_so_does_its_return_elsewhere(settled: Reporting) -> None:
    settled.withdraw("partnership", partnership_id="p-1")
    settled.report.follow()
    settled.report.count_as_made()
    settled.submit(factories.partnership("p-1", source="B"))
    settled.report.follow()
    assert settled.report.stale() == [A, B]


def test_every_copy_that_was_asked_for_is_marked(settled: Reporting) -> None:
    settled.report.latest(FUNDING, year="2016", copy="donor")
    settled.submit(factories.requirement("KEN", amount="5"))
    settled.report.follow()
    assert settled.report.stale() == [Y2016, Y2016]


def test_small_pages_of_the_log_mark_the_same_as_one_large_page(muster: Reporting) -> None:
    muster.submit(factories.partnership("p-1", source="B"), factories.requirement("UGA", amount="5"))
    muster.report.log.page = 1
    assert muster.report.follow() == muster.ingest.last()
    by_one = [(s.report, s.params_key, s.position) for s in muster.report.states()], muster.report.facts()
    muster.report.empty()
    muster.report.log.page = 1000
    muster.report.follow()
    assert ([(s.report, s.params_key, s.position) for s in muster.report.states()], muster.report.facts()) == by_one


def test_what_was_applied_before_ingest_went_away_stays_and_is_made(muster: Reporting) -> None:
    muster.report.log = IngestLog(muster.ingest.context, page=5)
    muster.report.log.away_after = 1
    with pytest.raises(LogUnreachable):
        muster.report.follow()
    assert len(muster.report.facts()) == 5
    assert muster.report.is_woken("report.regenerate")
    muster.report.log.away_after = None
    muster.report.follow()
    assert len(muster.report.facts()) == muster.ingest.last()
    assert muster.report.rebuild().differing == ()
