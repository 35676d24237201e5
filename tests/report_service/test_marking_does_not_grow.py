"""Following a page of changes takes as many statements however many donors there are, and looks at few sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

import factories
from muster_report import follow
from muster_report.known_sets import KnownSets
from reporting import Reporting

UNTIL = "2016-11-30"


@contextmanager
def statements(muster: Reporting) -> Iterator[list[str]]:
    """The statements that report sends meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = muster.report.context.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def portfolio(muster: Reporting, donors: int) -> None:
    """A project with a grant of each donor, whose reports are followed."""
    records = [factories.office("HQ"), factories.office("KEN"), factories.project("KE-001")]
    for number in range(donors):
        records += [
            factories.donor(f"donor-{number}"),
            factories.grant(f"G-{number}", "KE-001", donor_id=f"donor-{number}"),
        ]
    muster.submit(*records)
    muster.report.follow()
    with muster.report.context.sessions.begin() as session:
        for number in range(donors):
            params = {"donor_id": f"donor-{number}", "until": UNTIL, "copy": "internal"}
            follow.ensure(session, "donor", params, 1)


@pytest.mark.parametrize("changed", ["the project", "every grant"])
def test_many_marks_are_made_in_as_few_statements_as_one(empty: Reporting, changed: str) -> None:
    counted = []
    for donors in (1, 12):
        portfolio(empty, donors)
        grants = [
            factories.grant(f"G-{number}", "KE-001", donor_id=f"donor-{number}", amount=str(donors))
            for number in range(donors)
        ]
        empty.submit(*([factories.project("KE-001", title=f"For {donors}")] if changed == "the project" else grants))
        with statements(empty) as sent:
            empty.report.follow()
        marked = [state for state in empty.report.states() if state.report == "donor" and state.wanted > 0]
        assert len(marked) == donors
        counted.append(len(sent))
    assert counted[1] <= counted[0]


def test_a_grant_is_held_against_the_sets_of_its_own_donor_only(
    empty: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    portfolio(empty, 12)
    looked_at = list[int]()
    near = KnownSets.near

    def noted(self: KnownSets, report: Any, changed: Any) -> Any:
        found = near(self, report, changed)
        looked_at.append(len(found))
        return found

    monkeypatch.setattr(KnownSets, "near", noted)
    empty.submit(factories.grant("G-3", "KE-001", donor_id="donor-3", amount="7"))
    empty.report.follow()
    assert max(looked_at) == 1
