"""The same figures in other formats and languages, and exports straight from the facts."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from lxml import etree  # type: ignore[import-untyped]  # publishes no types

import factories
from reporting import FUNDING, PARTNERSHIPS, Reporting
from workbook_reading import sha256

LATEST = f"/reports/{FUNDING}/latest"
YEAR = {"year": "2016"}


@pytest.fixture
def settled(muster: Reporting) -> Reporting:
    muster.settle()
    return muster


def test_an_issue_says_the_same_on_a_page_in_csv_and_in_json(settled: Reporting) -> None:
    page = settled.report.get(f"{LATEST}.html", **YEAR)
    assert page.content_type == "text/html; charset=utf-8"
    assert "1,250,000" in page.text
    document = json.loads(settled.report.get(f"{LATEST}.json", **YEAR).data)
    assert "1250000" in json.dumps(document)
    archive = zipfile.ZipFile(io.BytesIO(settled.report.get(f"{LATEST}.csv", **YEAR).data))
    rows = [row for name in archive.namelist() for row in csv.reader(archive.read(name).decode().splitlines())]
    assert any("1250000" in row for row in rows)


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_a_format_is_the_same_bytes_again_and_of_its_issue(settled: Reporting, form: str) -> None:
    first = settled.report.get(f"{LATEST}.{form}", **YEAR)
    assert first.headers["ETag"] == f'"{sha256(first.data)}"'
    assert settled.report.get(f"{LATEST}.{form}", etag=first.headers["ETag"], **YEAR).status_code == 304
    issue = settled.report.issues(FUNDING, **YEAR)[0]["issue_id"]
    settled.submit(factories.requirement("KEN", amount="5"), code="KEN")
    settled.settle()
    assert settled.report.get(f"/issues/{issue}.{form}").data == first.data
    assert settled.report.get(f"{LATEST}.{form}", **YEAR).data != first.data


def test_a_language_is_an_issue_of_its_own_and_english_needs_no_name(settled: Reporting) -> None:
    french = settled.report.get(f"/reports/{PARTNERSHIPS}/latest.html", source="A", lang="fr")
    assert 'lang="fr"' in french.text
    assert "Partenariats" in french.text
    english = settled.report.issues(PARTNERSHIPS, source="A")
    assert [issue["params"] for issue in english] == [{"source": "A", "copy": "internal"}]
    assert settled.report.issues(PARTNERSHIPS, source="A", lang="en") == english
    assert settled.report.issues(PARTNERSHIPS, source="A", lang="fr")[0]["params"]["lang"] == "fr"
    assert settled.report.get(f"/reports/{PARTNERSHIPS}/latest.html", source="A", lang="de").status_code == 422


def test_a_change_brings_every_language_that_was_asked_for_up_to_date(settled: Reporting) -> None:
    settled.report.latest(PARTNERSHIPS, source="A", lang="fr")
    settled.submit(factories.partnership("p-9", source="A"))
    settled.settle()
    assert [len(settled.report.issues(PARTNERSHIPS, source="A", **more)) for more in ({}, {"lang": "fr"})] == [2, 2]


def test_every_kind_is_exported_with_hashtags(settled: Reporting) -> None:
    answer = settled.report.get("/exports/funding_requirement.csv")
    header, tags, *rows = csv.reader(answer.text.splitlines())
    assert header[:3] == ["year", "office", "area"]
    assert all(tag == "" or tag.startswith("#") for tag in tags)
    assert len(rows) == 3
    assert settled.report.get("/exports/nothing.csv").status_code == 404
    assert settled.report.get("/exports/partner.csv", colour="red").status_code == 422
    assert settled.report.get("/exports/partner.csv", "focal_point").status_code == 403


def test_the_portfolio_is_exported_as_iati_once_there_is_one(settled: Reporting) -> None:
    assert settled.report.get("/exports/iati.xml").status_code == 404
    settled.submit(factories.donor(), factories.project("KE-1", status="active"), factories.grant("G-1", "KE-1"))
    settled.settle()
    answer = settled.report.get("/exports/iati.xml")
    root = etree.fromstring(answer.data)
    assert (root.get("version"), len(root.findall("iati-activity"))) == ("2.03", 1)
    assert settled.report.get("/exports/iati.xml").data == answer.data
    assert settled.report.get("/exports/iati.xml", as_of="2016-11-29T00:00:00Z").status_code == 404


def test_any_two_issues_are_compared(settled: Reporting) -> None:
    settled.submit(factories.requirement("KEN", amount="1500000"), code="KEN")
    settled.settle()
    newer, older = settled.report.issues(FUNDING, **YEAR)
    told = settled.report.get(f"/issues/{older['issue_id']}/compare/{newer['issue_id']}").get_json()["items"]
    assert told[0]["by"] == "500000"
    back = settled.report.get(f"/issues/{newer['issue_id']}/compare/{older['issue_id']}").get_json()["items"]
    assert [(c["old"], c["new"]) for c in back] == [(c["new"], c["old"]) for c in told]
    assert settled.report.get(f"/issues/{newer['issue_id']}/compare/{newer['issue_id']}").get_json()["items"] == []
    settled.report.latest(PARTNERSHIPS, source="A")
    other = settled.report.issues(PARTNERSHIPS, source="A")[0]["issue_id"]
    assert settled.report.get(f"/issues/{newer['issue_id']}/compare/{other}").status_code == 409
