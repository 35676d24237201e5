"""Whose look a copy is made in; an issue keeps the look it was made in, whatever comes later."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from pictures import png
from reporting import FUNDING, Reporting

YEAR = {"year": "2016"}
GREEN = {"name": "Example Fund", "accent": "#14532d", "tint": "#dcfce7"}
RED = {"name": "Example Fund", "accent": "#7F1D1D", "tint": "#FEE2E2"}
LOGO = b64encode(png(320, 80)).decode()


def call(muster: Reporting, method: str, path: str, role: str = "analyst", **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {muster.report._token(role)}"}
    return muster.report.client.open(f"/report/v1/looks{path}", method=method, headers=headers, **options)


def styles(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read("xl/styles.xml").decode()


def numbers(muster: Reporting, report: str = FUNDING, **params: str) -> list[int]:
    return [issue["number"] for issue in muster.report.issues(report, **params)]


@pytest.fixture
def known(muster: Reporting) -> Reporting:
    muster.submit(factories.donor(), factories.project(), factories.grant())
    muster.report.follow()
    muster.report.count_as_made()
    return muster


def test_a_leaving_copy_takes_the_default_look_and_an_internal_one_none(known: Reporting) -> None:
    plain = known.report.latest(FUNDING, **YEAR), known.report.latest(FUNDING, copy="donor", **YEAR)
    assert call(known, "PUT", "/default", json={**GREEN, "logo": LOGO}).status_code == 200
    assert known.report.regenerate() == 1
    looking = known.report.latest(FUNDING, copy="donor", **YEAR)
    assert "14532D" in styles(looking)
    assert "1F4E79" not in styles(looking)
    assert known.report.latest(FUNDING, **YEAR) == plain[0]
    first, second = reversed(known.report.issues(FUNDING, copy="donor", **YEAR))
    assert known.report.file_of(first) == plain[1]
    page = known.report.get(f"/issues/{second['issue_id']}.html").text
    assert "--accent: #14532D" in page
    assert "data:image/png;base64," in page
    assert "14532D" not in known.report.get(f"/issues/{first['issue_id']}.html").text


def test_issues_are_made_again_in_the_look_they_had(known: Reporting) -> None:
    params = {"copy": "donor", **YEAR}
    call(known, "PUT", "/default", json={**GREEN, "logo": LOGO})
    known.report.latest(FUNDING, **params)
    call(known, "PUT", "/default", json=RED)
    known.report.regenerate()
    call(known, "DELETE", "/default")
    known.report.regenerate()
    colours = [styles(known.report.file_of(issue)) for issue in reversed(known.report.issues(FUNDING, **params))]
    assert [name in text for name, text in zip(("14532D", "7F1D1D", "1F4E79"), colours, strict=True)] == [True] * 3
    rebuilt = known.report.rebuild()
    assert (rebuilt.issues, rebuilt.differing) == (3, ())


def test_the_look_of_a_donor_goes_before_the_default_and_is_on_its_report_only(known: Reporting) -> None:
    donor = {"donor_id": "example-fund", "until": "2016-11-30", "copy": "donor"}
    call(known, "PUT", "/default", json=RED)
    call(known, "PUT", "/donor:example-fund", json=GREEN)
    assert "14532D" in styles(known.report.latest("donor", **donor))
    assert "7F1D1D" in styles(known.report.latest(FUNDING, copy="public", **YEAR))
    call(known, "DELETE", "/donor:example-fund")
    assert known.report.regenerate() == 1
    assert "7F1D1D" in styles(known.report.latest("donor", **donor))
    assert numbers(known, "donor", **donor) == [2, 1]


def test_a_copy_speaks_the_language_of_its_look_unless_asked_otherwise(known: Reporting) -> None:
    call(known, "PUT", "/default", json={**GREEN, "language": "fr"})
    known.report.latest(FUNDING, copy="donor", **YEAR)
    assert numbers(known, copy="donor", lang="fr", **YEAR) == [1]
    assert numbers(known, copy="donor", lang="en", **YEAR) == []
    known.report.latest(FUNDING, **YEAR)
    assert numbers(known, lang="en", **YEAR) == [1], "an internal copy stays English"


def test_a_past_time_is_shown_in_the_look_of_that_time(known: Reporting) -> None:
    before = known.report.latest(FUNDING, copy="donor", as_of="2016-11-30T12:00:00Z", **YEAR)
    known.advance("1d")
    call(known, "PUT", "/default", json=GREEN)
    assert known.report.latest(FUNDING, copy="donor", as_of="2016-11-30T12:00:00Z", **YEAR) == before
    assert "14532D" in styles(known.report.latest(FUNDING, copy="donor", as_of="2016-12-02T12:00:00Z", **YEAR))


def test_a_look_is_told_as_it_was_set_and_its_logo_without_extras(known: Reporting) -> None:
    told = call(known, "PUT", "/office:KEN", json={**GREEN, "logo": LOGO}).get_json()
    assert {name: told[name] for name in ("scope", "name", "accent", "tint", "language")} == {
        "scope": "office:KEN",
        "name": "Example Fund",
        "accent": "#14532D",
        "tint": "#DCFCE7",
        "language": None,
    }
    assert known.report.get("/looks").get_json()["items"] == [told]
    assert known.report.get("/looks/office:KEN/logo.png").data == png(320, 80)
    assert known.report.get("/looks/office:UGA").status_code == 404
    call(known, "DELETE", "/office:KEN")
    assert known.report.get("/looks").get_json()["items"] == []
    assert known.report.get("/looks/office:KEN/logo.png").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accent": "green"}, "accent"),
        ({"accent": "#FFFF00"}, "accent"),
        ({"tint": "#14532D"}, "tint"),
        ({"name": " "}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"logo": "not base64!"}, "logo"),
        ({"logo": b64encode(b"GIF89a").decode()}, "logo"),
        ({"language": "tlh"}, "language"),
        ({"colour": "#14532D"}, "colour"),
    ],
)
def test_a_look_that_cannot_be_is_refused_by_name(known: Reporting, change: dict[str, str], field: str) -> None:
    answer = call(known, "PUT", "/default", json={**GREEN, **change})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert known.report.get("/looks").get_json()["items"] == []


def test_only_analysts_set_looks_and_only_of_what_can_have_one(known: Reporting) -> None:
    assert call(known, "PUT", "/default", "focal_point", json=GREEN).status_code == 403
    assert call(known, "PUT", "/planet:mars", json=GREEN).status_code == 404
    assert call(known, "DELETE", "/default").status_code == 404
