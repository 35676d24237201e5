"""What an IATI activity says of a project: who, when, where, how much, for how many."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]  # publishes no types

import factories
from muster_report.exports.apportioned import apportioned
from muster_report.exports.iati import NothingToExport, iati_activities
from muster_report.exports.iati_activity import Publisher
from muster_report.exports.iati_money import budgets
from muster_report.exports.projects import OutOfOrder, Register, joined, projects_of, register_of
from muster_report.facts import Facts
from report.export_facts import (
    HOME,
    KENYA,
    activity,
    exported,
    fact_of,
    facts_of,
    project,
    report_of,
    sample_records,
)


def _transactions(found: Any) -> list[tuple[str, str, str]]:
    paths = ("transaction-type/@code", "transaction-date/@iso-date", "value/text()")
    return [tuple(str(t.xpath(path)[0]) for path in paths) for t in found.iter("transaction")]  # type: ignore[misc]


@given(whole=st.integers(0, 10**17), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_parts_add_up_and_none_is_a_whole_unit_off(whole: int, weights: list[int]) -> None:
    if sum(weights):
        parts = apportioned(whole, weights)
        assert sum(parts) == whole
        assert all(abs(part * sum(weights) - whole * w) < sum(weights) for part, w in zip(parts, weights, strict=True))


@given(
    cents=st.integers(0, 10**15), days=st.lists(st.dates(date(1990, 1, 1), date(2060, 1, 1)), min_size=2, max_size=2)
)
def test_budgets_of_years_add_up_to_the_cent(cents: int, days: list[date]) -> None:
    made = budgets(Decimal(cents) / 100, min(days), max(days))
    assert sum(budget.amount for budget in made) == Decimal(cents) / 100
    assert all(budget.start.year == budget.end.year for budget in made)


def test_a_budget_is_split_by_days_over_its_years() -> None:
    made = budgets(Decimal("100.01"), date(2015, 12, 31), date(2016, 1, 1))
    assert [(b.start.isoformat(), str(b.amount)) for b in made] == [("2015-12-31", "50.01"), ("2016-01-01", "50")]


def test_percentages_of_each_vocabulary_sum_to_exactly_100() -> None:
    thirds = [
        {"code": "migrant_assistance", "percent": 33.3333},
        {"code": "immigration_border_management", "percent": 33.3333},
        {"code": "migration_health", "percent": 33.3333},
    ]
    found = activity(KENYA, project(areas=thirds))
    of_dac = {s.get("code"): s.get("percentage") for s in found.xpath("sector[@vocabulary='1']")}
    assert of_dac == {"15190": "66.6667", "12220": "33.3333"}
    assert [s.get("percentage") for s in found.xpath("sector[@vocabulary='99']")] == ["33.3334", "33.3333", "33.3333"]


@pytest.mark.parametrize("status", [None, "draft", "submitted", "returned", "cancelled"])
def test_what_was_never_agreed_is_not_published(status: str | None) -> None:
    facts = facts_of([KENYA, project(status=status), factories.grant(status="pledged")])
    with pytest.raises(NothingToExport):
        iati_activities(projects_of(facts), register_of(facts), as_of=HOME)


def test_a_cancelled_project_that_was_funded_stays_as_cancelled_without_budgets() -> None:
    found = activity(KENYA, project(status="cancelled"), factories.grant(status="committed"))
    assert found.find("activity-status").get("code") == "5"
    assert found.find("budget") is None
    assert _transactions(found) == [("11", "2014-12-15", "400000")]


def test_money_comes_in_as_the_grant_stands() -> None:
    of_status = {
        status: [kind for kind, _, _ in _transactions(activity(project(), factories.grant(status=status)))]
        for status in ("pledged", "committed", "received")
    }
    assert of_status == {"pledged": ["13"], "committed": ["11"], "received": ["11", "1"]}


def test_a_final_report_adds_only_what_the_interim_ones_did_not_tell() -> None:
    found = activity(
        project(),
        report_of("2015-01-01", "2015-06-30", "100"),
        report_of("2015-07-01", "2015-12-31", "70.50"),
        report_of("2015-01-01", "2016-10-31", "230", type="final"),
    )
    spent = [("4", "2015-06-30", "100"), ("4", "2015-12-31", "70.5"), ("4", "2016-10-31", "59.5")]
    assert _transactions(found) == spent


def test_reports_of_other_types_on_the_same_days_do_not_count_twice() -> None:
    same = ("2015-01-01", "2015-03-31", "80")
    assert _transactions(activity(project(), report_of(*same), report_of(*same, type="financial"))) == [
        ("4", "2015-03-31", "80")
    ]


def test_reports_that_overlap_in_part_returned_or_later_do_not_count() -> None:
    found = activity(
        project(),
        report_of("2015-01-01", "2015-06-30", "100"),
        report_of("2015-06-01", "2015-09-30", "30"),
        report_of("2015-10-01", "2015-10-31", "9", donor_status="returned"),
        {**report_of("2016-01-01", "2016-03-31", "5"), "submitted_on": "2016-12-01"},
    )
    assert _transactions(found) == [("4", "2015-06-30", "100")]


def test_nothing_is_dated_after_the_day_it_is_told_on() -> None:
    early = {**report_of("2016-10-01", "2016-12-31", "7"), "submitted_on": "2016-11-15"}
    later = factories.grant(signed="2016-12-01")
    assert _transactions(activity(project(), early, later)) == [("4", "2016-11-15", "7")]


def _dates(found: Any) -> dict[str, str]:
    return {str(d.get("type")): str(d.get("iso-date")) for d in found.iter("activity-date")}


def test_actual_dates_are_of_what_has_happened() -> None:
    planned = {"1": "2015-01-01", "3": "2016-12-31"}
    assert _dates(activity(project(status="endorsed"))) == planned
    assert _dates(activity(project())) == planned | {"2": "2015-01-01"}
    assert _dates(activity(project(status="completed"))) == planned | {"2": "2015-01-01"}
    later = datetime(2017, 1, 1, tzinfo=UTC)
    assert _dates(activity(project(status="closed"), as_of=later)) == planned | {"2": "2015-01-01", "4": "2016-12-31"}


def test_an_approved_extension_moves_the_end_and_revises_the_budget() -> None:
    asked = {"kind": "extension", "project_code": "KE-001", "requested_on": "2016-10-01", "new_end": "2017-06-30"}
    approved = {**asked, "decision": "approved", "decided_on": "2016-10-20"}
    for extension, end, kind in ((asked, "2016-12-31", "1"), (approved, "2017-06-30", "2")):
        found = activity(project(), extension)
        assert (_dates(found)["3"], found.find("budget").get("type")) == (end, kind)
        assert sum(Decimal(v) for v in found.xpath("budget/value/text()")) == 500000


def test_a_project_never_ends_before_it_starts() -> None:
    asked = {"kind": "extension", "project_code": "KE-001", "requested_on": "2016-10-01", "new_end": "2014-12-31"}
    found = activity(project(), {**asked, "decision": "approved", "decided_on": "2016-10-20"})
    assert (_dates(found)["1"], _dates(found)["3"]) == ("2015-01-01", "2015-01-01")


def test_a_region_stands_where_no_country_does() -> None:
    in_region = factories.office("RO-x", type="regional", iso3=None, region="south_america")
    assert activity(KENYA, project()).find("recipient-country").get("code") == "KE"
    assert activity(in_region, project(office="RO-x")).find("recipient-region").get("code") == "489"
    assert activity(project()).find("recipient-region").get("code") == "998"
    assert activity(factories.office(iso3="XKX"), project()).find("recipient-country").get("code") == "XK"


def test_a_merged_partner_takes_part_under_the_name_that_holds() -> None:
    found = activity(
        project(),
        factories.partner("old", merged_into="new"),
        factories.partner("new", name="Umoja", iati_id="KE-1"),
        factories.partnership(partner_id="old", role="project_executor", project_code="KE-001"),
        factories.donor(iati_id="A/B"),
        factories.grant(),
    )
    taking_part = [(o.get("role"), o.get("ref"), o.findtext("narrative")) for o in found.iter("participating-org")]
    assert taking_part[0] == ("1", None, "Example Fund (illustrative)")
    assert taking_part[-1] == ("4", "KE-1", "Umoja")
    assert [role for role, _, _ in taking_part] == ["1", "2", "4"]


@pytest.mark.parametrize(("marker", "significance"), [(0, "0"), (1, "0"), (2, "1"), (3, "1"), (4, "2")])
def test_the_gender_marker_becomes_the_policy_marker(marker: int, significance: str) -> None:
    assert activity(project(gender_marker=marker)).find("policy-marker").get("significance") == significance
    assert activity(project()).find("policy-marker") is None


def test_no_person_is_named() -> None:
    written = exported(facts_of(sample_records())).decode()
    people = [record["manager"] for record in sample_records() if record["kind"] == "project"]
    assert "@" not in written
    assert len(people) > 100
    assert not [person["name"] for person in people if person["name"] in written]


def test_the_publisher_and_the_newest_record_are_named() -> None:
    records = [KENYA, project(), factories.donor(), factories.grant()]
    facts = facts_of(records)
    written = exported(facts, publisher=Publisher(identifier="XM-DAC-1", vocabulary_uri="https://example.org/areas"))
    (found,) = etree.fromstring(written)
    assert found.findtext("iati-identifier") == "XM-DAC-1-KE-001"
    assert found.get("last-updated-datetime") == "2015-11-20T08:04:00Z"
    assert found.xpath("sector/@vocabulary-uri") == ["https://example.org/areas"] * 2


def test_characters_that_xml_cannot_carry_are_replaced() -> None:
    assert (
        activity(project(title="a\x00\x1f\ud800\uffffb <&>")).findtext("title/narrative")
        == "a\ufffd\ufffd\ufffd\ufffdb <&>"
    )


def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_come() -> None:
    facts = [fact_of(record, position) for position, record in enumerate(sample_records(), start=1)]
    assert exported(Facts.of(facts)) == exported(Facts.of(reversed(facts)))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        iati_activities([], Register(), as_of=datetime(2016, 11, 30))  # noqa: DTZ001 - the point of the test


def test_streams_out_of_order_are_refused() -> None:
    streams = [fact_of(project(project_code=code), 1) for code in ("KE-002", "KE-001")]
    with pytest.raises(OutOfOrder, match="'KE-001' comes after"):
        list(joined(streams))


def test_memory_does_not_grow_with_the_portfolio() -> None:
    def written(count: int) -> int:
        projects = (fact_of(project(project_code=f"P-{n:05}"), 1) for n in range(count))
        grants = (fact_of(factories.grant(f"G-{n}", f"P-{n:05}"), 1) for n in range(count))
        gc.collect()
        tracemalloc.reset_peak()
        size = Counter(len(piece) for piece in _pieces(projects, grants))
        assert sum(size.values()) == count + 2
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        small, large = written(40), written(240)
    finally:
        tracemalloc.stop()
    assert large < small + 400_000


def _pieces(projects: Iterator[Any], grants: Iterator[Any]) -> Iterator[bytes]:
    return iati_activities(joined(projects, grants=grants), Register(), as_of=HOME)
