"""Under rules that say so, a due date that is no working day of the office moves; notify and report agree on it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

import factories
from muster_report.facts import Fact, Facts, Submission
from muster_report.reports import catalogue
from muster_shared import schedules
from muster_shared.rulebook import parse_rulebook

OWN_RULES = """
[[version]]
rules = "own"
holds_from = 2001-01-01
source = "written for this test"
[[version.report]]
type = "final"
at_end = true
due = { days = 30, moved_to = "after" }
"""
GRANT = factories.grant("G-1", "KE-001", start="2016-01-01", end="2016-11-12", reporting_rules={"rules": "un-default"})
KENYA = factories.office("KEN", iso3="KEN")
JAMHURI_DAY, DAY_AFTER = "2016-12-12", "2016-12-13"


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules the grants of this file name move due dates."""
    book = parse_rulebook(OWN_RULES.replace('"own"', '"un-default"'))
    monkeypatch.setattr(schedules, "shipped_rulebook", lambda: book)


@pytest.mark.usefixtures("moving")
def test_notify_moves_it_by_the_offices_weekend_and_its_countrys_holidays(offices: Any) -> None:
    offices.submit(KENYA, code="HQ")
    offices.submit(factories.project(), GRANT)
    assert [owed["due"] for owed in offices.obligations()] == [DAY_AFTER]
    offices.submit({**KENYA, "iso3": "UGA"}, code="HQ")
    assert [owed["due"] for owed in offices.obligations()] == [JAMHURI_DAY]


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize(
    ("report", "params"),
    [
        ("reporting-compliance", {"until": "2017-01-31"}),
        ("donor", {"donor_id": "example-fund", "until": "2017-01-31"}),
    ],
)
def test_reports_tell_the_same_due_date(report: str, params: dict[str, str]) -> None:
    records = [KENYA, factories.donor(), factories.project(), GRANT]
    book = catalogue()[report].build(facts_of(records), {**params, "copy": "internal"})
    told = {value for sheet in book.values().values() for value in sheet.values() if isinstance(value, date)}
    assert date.fromisoformat(DAY_AFTER) in told
    assert date.fromisoformat(JAMHURI_DAY) not in told


def facts_of(records: list[dict[str, Any]]) -> Facts:
    keys = {"office": "office", "donor": "donor_id", "project": "project_code", "grant": "grant_id"}
    sent = Submission("HQ-000001", "HQ", datetime(2016, 11, 30, tzinfo=UTC), "0" * 64, "s-1")
    return Facts.of(
        Fact(
            kind=record["kind"],
            key=record[keys[record["kind"]]],
            revision=1,
            office=record.get("office", "HQ"),
            position=position,
            occurred_at=sent.received_at,
            fields={name: value for name, value in record.items() if name != "kind"},
            submission=sent,
        )
        for position, record in enumerate(records, start=1)
    )
