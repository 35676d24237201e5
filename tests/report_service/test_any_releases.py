"""Whatever is submitted and released, in whatever order: no small count follows from all that left the house.

``--hypothesis-profile=long`` looks further than the few examples of every day.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import factories
from leaving_books import given_away
from muster_report import usecases
from muster_report.disclosure import statements
from muster_report.models import Release
from muster_report.suppressed_tables import Told
from muster_shared.problems import Problem
from reporting import ANALYST, Reporting

LONG = settings.get_current_profile_name() == "long"
COUNTS = st.one_of(st.integers(1, 4), st.integers(0, 40))
PEOPLE = st.lists(
    st.builds(
        lambda group, sex, age_min, count: (
            {"group": group, "sex": sex, "age_min": age_min, "count": count}
            | ({"age_max": 4} if age_min == 0 else {"age_max": 59})
        ),
        st.sampled_from(["guests", "hosts"]),
        st.sampled_from(["female", "male"]),
        st.sampled_from([0, 18]),
        COUNTS,
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: (row["group"], row["sex"], row["age_min"]),
)
PROJECTS = st.builds(
    lambda code, targets: factories.project(f"{code}-1", office=code, status="active", targets=targets),
    st.sampled_from(["KEN", "UGA"]),
    PEOPLE,
)
REPORTS = st.builds(lambda reached: factories.progress_report("KEN-1", reached=reached), PEOPLE)
RELEASES = st.tuples(
    st.sampled_from(
        [
            ("beneficiaries", {"year": "2015"}),
            ("beneficiaries", {"year": "2016"}),
            ("donor", {"donor_id": "example-fund", "until": "2016-11-30"}),
        ]
    ),
    st.sampled_from(["donor", "public"]),
    st.sampled_from([{}, {"lang": "fr"}]),
)
STEPS = st.lists(st.one_of(PROJECTS, REPORTS, RELEASES, RELEASES), min_size=5, max_size=9)


def begin(muster: Reporting) -> None:
    muster.ingest.empty()
    muster.report.empty()
    muster.submit(*(factories.office(code) for code in ("HQ", "KEN", "UGA")), factories.donor())
    muster.submit(factories.project("KEN-1", status="active"), factories.grant(project_code="KEN-1"))


def release(muster: Reporting, report: str, params: dict[str, str]) -> None:
    """As an analyst does: the newest issue; one that is refused for what it would give away stays in the house."""
    muster.settle()
    muster.report.latest(report, **params)
    issue = muster.report.issues(report, **params)[0]
    try:
        usecases.release(muster.report.context, ANALYST, UUID(issue["issue_id"]))
    except Problem as problem:
        assert problem.code == "small_counts_exposed"  # noqa: PT017 - another one is a failure
    muster.report.regenerate()


def everything_told(muster: Reporting) -> list[Told]:
    with muster.report.context.sessions() as session:
        return [statements.read(told) for told in session.scalars(select(Release.told).order_by(Release.number))]


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 120)
@settings(
    deadline=None,
    derandomize=not LONG,
    database=None,
    max_examples=200 if LONG else 3,
    phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS)
def test_no_small_count_follows_from_all_releases_and_each_is_made_again_to_the_byte(
    empty: Reporting, steps: list[Any]
) -> None:
    begin(empty)
    for step in steps:
        if isinstance(step, dict):
            empty.ingest.submit_if_right(step)
        else:
            (report, params), copy, lang = step
            release(empty, report, {**params, "copy": copy, **lang})

    assert given_away(everything_told(empty)) == []
    assert empty.report.rebuild().differing == ()
