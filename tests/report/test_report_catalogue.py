"""What a report tells the rest of the service: its parameters and what makes it stale."""

from __future__ import annotations

from typing import Any

import pytest

from muster_report.reports import ParameterError, catalogue

KNOWN = [
    {"year": "2016", "copy": "internal"},
    {"year": "2016", "copy": "donor"},
    {"year": "2017", "copy": "internal"},
]


def affected(report: str, kind: str, fields: dict[str, Any]) -> list[dict[str, str]]:
    return list(catalogue()[report].affected(kind, fields, KNOWN))


def test_the_catalogue_names_reports_with_an_example_that_they_accept() -> None:
    assert {"funding-requirements", "partnerships", "field-activities", "indicators", "donor"} <= set(catalogue())
    for report in catalogue().values():
        given = {parameter.name: parameter.example for parameter in report.parameters}
        assert report.read(given) == {**given, "copy": "internal"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "year"),
        ({"year": "16"}, "year"),
        ({"year": "٢٠١٦"}, "year"),
        ({"year": "2016", "copy": "press"}, "copy"),
        ({"year": "2016", "yaer": "2016"}, "yaer"),
    ],
)
def test_a_wrong_parameter_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(ParameterError) as caught:
        catalogue()["funding-requirements"].read(given)
    assert caught.value.parameter == named


def test_a_requirement_an_initiative_and_a_printed_total_make_their_year_stale() -> None:
    for kind in ("funding_requirement", "initiative"):
        assert affected("funding-requirements", kind, {"year": 2018}) == [{"year": "2018"}]
    printed = {"year": 2016, "report": "funding-requirements"}
    assert affected("funding-requirements", "published_total", printed) == [{"year": "2016"}]


def test_a_printed_total_of_another_report_makes_nothing_stale() -> None:
    assert affected("funding-requirements", "published_total", {"year": 2016, "report": "another"}) == []


def test_an_office_makes_every_known_year_stale_once() -> None:
    assert affected("funding-requirements", "office", {}) == [{"year": "2016"}, {"year": "2017"}]


def test_a_partnership_makes_its_source_stale_and_a_partner_every_known_source() -> None:
    report = catalogue()["partnerships"]
    known = [{"source": "A"}, {"source": "B"}]
    assert list(report.affected("partnership", {"source": "MC/INF/253"}, known)) == [{"source": "MC/INF/253"}]
    assert list(report.affected("partner", {}, known)) == [{"source": "A"}, {"source": "B"}]


def test_other_kinds_make_nothing_stale() -> None:
    assert affected("funding-requirements", "partnership", {"source": "MC/INF/253"}) == []
    assert affected("partnerships", "funding_requirement", {"year": 2016}) == []
