"""Whatever changes: a workbook that no change made stale shows what one made now would show, cell by cell.

``--hypothesis-profile=long`` looks further than the few examples of every day.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import factories
from muster_report import history, making
from muster_report.reports import catalogue
from patient_examples import LONG, patient_examples
from random_portfolios import ASKED, FIRST, PROJECTS, RECORDS, Record
from reporting import Reporting

DAYS = ("2015-09-30", "2016-03-31", "2016-06-30", "2016-08-12", "2016-11-30", "2017-02-28", "2017-06-30")
SETS: list[tuple[str, dict[str, str]]] = [
    *((report, dict(params)) for report, params in ASKED.items()),
    *(("reporting-compliance", {"until": day}) for day in DAYS),
    *(("donor", {"donor_id": "other-fund", "until": day}) for day in DAYS[1::2]),
    *((report, {"year": year}) for report in ("beneficiaries", "project-analysis") for year in ("2015", "2017")),
]
PERIODS = (("2015-07-01", "2015-12-31"), ("2016-01-01", "2016-06-30"), ("2016-07-01", "2016-12-31"))

_codes = st.sampled_from(tuple(PROJECTS))
_owed = st.builds(
    lambda code, period, submitted, status: factories.progress_report(
        code,
        grant_id=f"{code}-G1",
        period_start=period[0],
        period_end=period[1],
        submitted_on=submitted,
        donor_status=status,
    ),
    _codes,
    st.sampled_from(PERIODS),
    st.sampled_from(("2016-02-11", "2016-02-12", "2016-08-10", "2016-08-11", "2016-08-12", "2016-11-29", "2017-01-03")),
    st.sampled_from(("sent", "accepted", "returned")),
)
_told = st.builds(
    lambda code, title, name: factories.project(
        code,
        office=PROJECTS[code],
        start="2016-01-01",
        status="active",
        title=title,
        manager={"name": name, "email": "m@example.org"},
    ),
    _codes,
    st.sampled_from(("Shelter", "Health")),
    st.sampled_from(("Amina", "Paul")),
)
_withdrawn = _owed.map(
    lambda report: {
        "kind": "progress_report",
        "action": "withdraw",
        **{name: report[name] for name in ("project_code", "grant_id", "type", "period_start", "period_end")},
    }
)
_week = st.builds(
    lambda code, days: factories.office(code, iso3=code, weekend=days),
    st.sampled_from(("KEN", "UGA")),
    st.sampled_from((["sat", "sun"], ["fri", "sat"])),
)
PAGES = st.lists(
    st.lists(st.one_of(_owed, _owed, _owed, _withdrawn, _told, _week, RECORDS), min_size=1, max_size=3),
    min_size=2,
    max_size=6,
)


def late(day: str, status: str = "sent") -> Record:
    start, end = PERIODS[1]
    return factories.progress_report(
        grant_id="KE-001-G1", period_start=start, period_end=end, submitted_on=day, donor_status=status
    )


def figures(muster: Reporting, report: str, params: dict[str, str], position: int) -> dict[str, Any]:
    with muster.report.context.sessions() as session:
        book = making.book(session, catalogue()[report], catalogue()[report].read(params), position)
        return {sheet.name: sheet.values() for sheet in book.sheets}


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 240)
@patient_examples(every_day=6, long=200)
@given(pages=PAGES)
@example(pages=[[late("2016-08-11")], [late("2016-08-12")], [late("2016-08-12", "returned")], [late("2016-08-10")]])
@example(pages=[[factories.grant("KE-001-G1", "KE-001", reporting_rules={"rules": "prm"})], [late("2016-02-12")]])
def test_a_workbook_that_nothing_made_stale_shows_what_one_made_now_would(
    empty: Reporting, pages: list[list[Record]]
) -> None:
    empty.ingest.empty()
    empty.report.empty()
    empty.submit(*FIRST)
    empty.report.follow()
    for report, params in SETS:
        empty.report.post(f"/reports/{report}/runs", json=params)
    for page in pages:
        empty.ingest.submit_if_right(*page)
        empty.report.follow()
        with empty.report.context.sessions() as session:
            applied = history.applied_position(session)
        for state in empty.report.states():
            now = figures(empty, state.report, state.params, applied)
            assert figures(empty, state.report, state.params, state.position) == now, (state.report, state.params)
