"""Whatever is submitted, in all nine reports every total reconciles and every figure is the sum of its parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from explained_figures import wrongly_explained
from muster_report.movements import movements
from muster_report.reconciling import reconciled
from muster_report.reports import catalogue
from random_portfolios import ASKED, FIRST, RECORDS
from whole_sample import accepted

LONG = settings.get_current_profile_name() == "long"


def test_all_reports_are_tried_here() -> None:
    assert set(ASKED) == set(catalogue())


@pytest.mark.timeout(3600 if LONG else 120)
@settings(
    deadline=None,
    derandomize=not LONG,
    database=None,
    max_examples=2000 if LONG else 25,
    phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(first=st.lists(RECORDS, min_size=1, max_size=14), later=st.lists(RECORDS, min_size=1, max_size=4))
def test_every_total_reconciles_and_every_number_explained_adds_up_whatever_is_submitted(
    first: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    before, now = accepted([("HQ", [*FIRST, *first])]), accepted([("HQ", [*FIRST, *first, *later])])
    for key, given_params in ASKED.items():
        params = {**given_params, "copy": "internal"}
        book, base = catalogue()[key].build(now, params), catalogue()[key].build(before, params)
        assert reconciled(book) == [], key
        assert list(wrongly_explained(book)) == [], key
        assert [one for one in movements(base, book) if one.difference] == [], key
