"""All nine reports, whatever the history: followed bit by bit, rebuilt, and replayed as of a time give the same bytes.

``--hypothesis-profile=long`` looks further than the few examples of every day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_report.reports import catalogue
from muster_shared.clock import iso_z
from patient_examples import LONG, patient_examples
from random_portfolios import ASKED, FIRST, RECORDS
from reporting import Report, Reporting

COPIES = st.sampled_from(("internal", "internal", "donor"))


@dataclass(frozen=True)
class Step:
    """Records sent in one submission, how many changes a page of the log holds, and which report is asked for then."""

    records: list[dict[str, Any]]
    page: int
    report: str
    copy: str


@dataclass
class Seen:
    """Workbooks as they came: report, parameters and the time at which it was the current one."""

    workbooks: list[tuple[str, dict[str, str], str, bytes]] = field(default_factory=list)

    def ask(self, muster: Reporting, report: str, copy: str) -> None:
        params = {**ASKED[report], "copy": copy}
        now = iso_z(muster.report.context.clock.now())
        self.workbooks.append((report, params, now, muster.report.latest(report, **params)))


STEPS = st.lists(
    st.builds(
        Step,
        st.lists(RECORDS, min_size=1, max_size=4),
        st.sampled_from((1, 3, 1000)),
        st.sampled_from(tuple(ASKED)),
        COPIES,
    ),
    min_size=2,
    max_size=5,
)


def begun(muster: Reporting) -> Reporting:
    muster.ingest.empty()
    muster.report.empty()
    muster.submit(*FIRST)
    return muster


def lived_through(muster: Reporting, steps: list[Step]) -> Seen:
    """Submit, follow page by page, and make workbooks on the way; in the end all nine."""
    seen = Seen()
    for step in steps:
        for record in step.records:
            muster.ingest.submit_if_right(record)
        muster.report.log.page = step.page
        muster.settle()
        seen.ask(muster, step.report, step.copy)
        muster.advance("1h")
    for report in ASKED:
        seen.ask(muster, report, "internal")
    return seen


def test_all_reports_are_tried_here() -> None:
    assert set(ASKED) == set(catalogue())


@pytest.mark.slow
@pytest.mark.timeout(7200 if LONG else 240)
@patient_examples(every_day=2, long=100)
@given(steps=STEPS)
def test_incremental_rebuild_and_replay_give_the_same_bytes_of_all_nine_reports(
    empty: Reporting, second: Report, steps: list[Step]
) -> None:
    seen = lived_through(begun(empty), steps)
    assert empty.report.rebuild().differing == ()
    for report, params, moment, content in seen.workbooks:
        replayed = empty.report.get(f"/reports/{report}/latest.xlsx", **params, as_of=moment)
        assert replayed.data == content, (report, params, moment)

    second.empty()
    second.follow()
    assert second.facts() == empty.report.facts()
    for report, params, _, content in seen.workbooks[-len(ASKED) :]:
        assert second.latest(report, **params) == content, report
