"""A log that was restored is derived anew; a rebuild proves that nothing depends on how the facts came in."""

from __future__ import annotations

import pytest
from sqlalchemy import text

import factories
from muster_report import regenerating
from muster_report.making import make
from muster_report.reports import catalogue
from reporting import FUNDING, PARTNERSHIPS, Reporting
from workbook_reading import about, changes_in

YEAR = {"year": "2016"}


@pytest.fixture
def settled(muster: Reporting) -> Reporting:
    muster.submit(factories.requirement("KEN", amount="2"))
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    return muster


def test_another_epoch_ends_in_the_same_facts_marks_and_bytes(settled: Reporting) -> None:
    facts, before = settled.report.facts(), settled.report.latest(FUNDING, **YEAR)
    positions = [(s.report, s.params_key, s.position) for s in settled.report.states()]
    settled.ingest.restore()
    settled.report.follow()
    assert settled.report.facts() == facts
    assert [(s.report, s.params_key, s.position) for s in settled.report.states()] == positions
    settled.report.regenerate()
    assert settled.report.latest(FUNDING, **YEAR) == before
    assert len(settled.report.issues(FUNDING, **YEAR)) == 1
    assert settled.report.follow() == 0


def test_another_epoch_is_derived_as_a_whole_or_not_at_all(settled: Reporting) -> None:
    facts = settled.report.facts()
    settled.ingest.restore(upto=8)
    settled.submit(*(factories.requirement("UGA", year=year) for year in (2018, 2019, 2020)))
    settled.report.log.page = 2
    settled.report.log.away_after = 7
    with pytest.raises(Exception, match="ConnectionError"):
        settled.report.follow()
    assert settled.report.facts() == facts, "half a log is no state to make reports from"
    settled.report.log.away_after = None
    settled.report.follow()
    assert [row[0] for row in settled.report.facts()] == list(range(1, 12))
    assert settled.report.rebuild().differing == ()


def test_what_a_restored_log_lost_is_gone_from_the_next_issue(settled: Reporting) -> None:
    last = settled.ingest.last()
    settled.ingest.restore(upto=last - 1)
    settled.settle()
    after = settled.report.latest(FUNDING, **YEAR)
    assert about(after)["Change-log position"] < last
    assert [issue["number"] for issue in settled.report.issues(FUNDING, **YEAR)] == [2, 1]
    settled.submit(factories.requirement("KEN", amount="77"))
    settled.settle()
    assert about(settled.report.latest(FUNDING, **YEAR))["Change-log position"] == settled.ingest.last() == last


def test_a_report_whose_records_are_all_lost_keeps_its_last_issue(settled: Reporting) -> None:
    settled.submit(factories.requirement("KEN", year=2018))
    settled.settle()
    kept = settled.report.latest(FUNDING, year="2018")
    settled.ingest.restore(upto=settled.ingest.last() - 1)
    settled.settle()
    settled.submit(factories.office("KEN", name="Kenya (renamed)"))
    settled.settle()
    assert settled.report.latest(FUNDING, year="2018") == kept
    assert len(settled.report.issues(FUNDING, year="2018")) == 1


def test_an_attempt_at_work_while_the_log_is_restored_changes_nothing_when_it_ends(settled: Reporting) -> None:
    settled.submit(factories.requirement("KEN", amount="500"))
    settled.report.follow()
    claim = regenerating._claim(settled.report.context)
    assert claim is not None
    with settled.report.context.sessions() as session:
        made = make(session, catalogue()[claim.report], claim.params, claim.position, None)
    settled.ingest.restore(upto=settled.ingest.last() - 1)
    settled.report.follow()
    regenerating._finish(settled.report.context, claim, made)
    assert len(settled.report.issues(FUNDING, **YEAR)) == 1
    assert settled.report.rebuild().differing == ()


def test_changes_never_count_from_an_issue_of_a_log_that_is_no_more(settled: Reporting) -> None:
    first = settled.report.issues(FUNDING, **YEAR)[0]
    settled.report.release(first)
    settled.submit(factories.requirement("KEN", amount="500"))
    settled.settle()
    settled.report.release(settled.report.issues(FUNDING, **YEAR)[0])
    settled.ingest.restore(upto=settled.ingest.last() - 1)
    settled.submit(factories.requirement("KEN", amount="600"))
    settled.submit(factories.requirement("KEN", amount="700"))
    settled.settle()
    named = changes_in(settled.report.latest(FUNDING, **YEAR))
    assert ("East and Horn of Africa", "B5", 2, 700) in named, "500 was never in this log, 2 was and is released"
    assert settled.report.rebuild().differing == ()


def test_a_rebuild_makes_every_issue_again_to_the_same_bytes(settled: Reporting) -> None:
    settled.report.release(settled.report.issues(FUNDING, **YEAR)[0])
    settled.report.latest(PARTNERSHIPS, source="A", copy="public")
    settled.submit(factories.requirement("KEN", amount="4"), factories.partnership("p-1", source="B"))
    settled.settle()
    rebuilt = settled.report.rebuild()
    issues = [i for s in settled.report.states() for i in settled.report.issues(s.report, **s.params)]
    assert (rebuilt.changes, rebuilt.issues, rebuilt.differing) == (settled.ingest.last(), len(issues), ())


def test_a_rebuild_names_the_issue_whose_bytes_come_out_otherwise(settled: Reporting) -> None:
    with settled.ingest.context.sessions.begin() as session:
        session.execute(
            text("""UPDATE revision SET fields = fields || '{"amount": "3"}' WHERE fields ->> 'amount' = '2'""")
        )
    assert settled.report.rebuild().differing == (f'{FUNDING} {{"copy":"internal","year":"2016"}} issue 1',)


def test_a_rebuild_swallows_no_change_that_was_not_followed_yet(settled: Reporting) -> None:
    settled.submit(factories.requirement("KEN", amount="99"))
    assert settled.report.rebuild().differing == ()
    settled.settle()
    assert about(settled.report.latest(FUNDING, **YEAR))["Change-log position"] == settled.ingest.last()


def test_a_rebuild_swallows_no_restore_that_was_not_followed_yet(settled: Reporting) -> None:
    settled.ingest.restore(upto=settled.ingest.last() - 1)
    settled.report.rebuild()
    settled.settle()
    assert about(settled.report.latest(FUNDING, **YEAR))["Change-log position"] == settled.ingest.last() - 3
