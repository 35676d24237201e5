"""Records are browsed, tell where each value comes from, and one value is corrected on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from ingest_pages import Browser, House
from muster_ingest.kinds import KINDS
from muster_shared.embedded.postgres import Postgres
from standing_house import standing_house
from workbook_making import cells_of_record, workbook

UPLOAD = "/ingest/upload"  # a page with a form for everybody who may send anything


@pytest.fixture(scope="module")
def house(
    postgres_server: Postgres, template: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with standing_house(postgres_server, template, tmp_path_factory.mktemp("records")) as made:
        yield made


@pytest.fixture
def amina(house: House) -> Browser:
    return house.browser("focal_point")


def project(code: str) -> str:
    return f"/ingest/records/project/{code}"


def correct(browser: Browser, page: str, field: str, **typed: str) -> TestResponse:
    """Send the form of a field as it is shown, with what is typed into it."""
    form = browser.read(f"{page}?correct={field}")
    base = re.search(r'name="base_revision" value="(\d+)"', form)
    assert base, f"{field} has no form"
    given = {name.replace("_at_", "."): text for name, text in typed.items()}
    return browser.send(f"{page}?correct={field}", page, field=field, **{"base_revision": base[1], **given})


def row(text: str, field: str) -> str:
    """What a record's page tells of one field."""
    return text.partition(f'<tr id="field-{field}">')[2].partition('<tr id="field-')[0].partition("<h2>")[0]


def test_records_are_browsed_searched_and_paged(house: House, amina: Browser) -> None:
    house.accept(*(factories.partner(f"wells-{n:03}", name=f"Wells {n}") for n in range(60)))
    page = amina.read("/ingest/records/partner?q=wells")
    assert page.count("/ingest/records/partner/wells-") == 50
    further = re.search(r'href="([^"]+)" rel="next"', page)
    assert further
    assert amina.read(further[1]).count("/ingest/records/partner/wells-") == 10
    assert "National" in page, "codes are told by their names"
    assert "No record is as you ask." in amina.read("/ingest/records/partner?q=nowhere")
    assert amina.get("/ingest/records/spaceship").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_list(house: House, kind: str) -> None:
    assert house.admin.get(f"/ingest/records/{kind}").status_code == 200


def test_every_field_tells_who_wrote_it_when_with_which_submission_and_in_which_cell(
    house: House, amina: Browser
) -> None:
    house.accept(factories.project("KE-100"))
    rows = cells_of_record(factories.project("KE-100", title="Roofs", end="2017-03-31"))
    answer = amina.send(UPLOAD, UPLOAD, file=("p.xlsx", workbook({"project": rows})), office="KEN", do="submit")
    page = amina.read(project("KE-100"))
    title = row(page, "title")
    assert f'<a href="{answer.headers["Location"]}">KEN-' in title
    assert "<code>project, B2</code>" in title
    assert "focal_point@example.org" in title
    assert "<del>Shelter for displaced families</del><br><ins>Roofs</ins>" in title
    assert "<code>/records/0/title</code>" in title, "and where it stood first"
    assert "2 changes" in title
    start = row(page, "start")
    assert "admin@example.org" in start
    assert "1 Jan 2015" in start
    assert "change" not in start


def test_one_value_is_corrected_and_the_rest_stays(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-200", objectives="Roofs"))
    answer = correct(amina, project("KE-200"), "budget", value_at_amount="750000.50", value_at_currency="EUR")
    assert answer.status_code == 303, answer.text
    page = amina.read(answer.headers["Location"].partition("#")[0])
    assert "Stored. The receipt is" in page
    assert "750,000.5 EUR" in row(page, "budget")
    assert "Roofs" in row(page, "objectives")
    assert "2 changes" in row(page, "budget")
    assert "change" not in row(page, "objectives")


def test_what_is_wrong_stands_at_its_input_and_what_was_typed_stays(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-300"))
    typed = {"value_at_0_at_code": "migration_health", "value_at_0_at_percent": "140"}
    answer = correct(amina, project("KE-300"), "areas", **typed)
    assert answer.status_code == 422
    field = re.search(r'<input value="140"[^>]+name="value.0.percent"[^>]+aria-invalid="true"', answer.text)
    assert field, answer.text
    assert re.search(
        r'id="in-value-0-percent-wrong"><span lang="en">percent: (&#39;)?140(&#39;)? is more than 100', answer.text
    )
    whole = correct(
        amina, project("KE-300"), "areas", value_at_0_at_code="migration_health", value_at_0_at_percent="40"
    )
    assert "percentages sum to 40: they must sum to 100" in whole.text
    order = correct(amina, project("KE-300"), "end", value="2014-01-01")
    assert "end 2014-01-01 is before start 2015-01-01" in order.text
    assert 'value="2014-01-01"' in order.text
    number = correct(amina, project("KE-300"), "gender_marker", value="two")
    assert "&#39;two&#39; is not a number" in number.text
    assert "<td>31 Dec 2016" in amina.read(project("KE-300"))


def test_what_is_wrong_is_told_in_the_language_of_the_reader(house: House) -> None:
    house.accept(factories.project("KE-310"))
    reader, typed = house.browser("focal_point"), {"base_revision": "1"}
    assert "Marqueur de genre" in reader.read(f"{project('KE-310')}?lang=fr")
    read = reader.send(UPLOAD, project("KE-310"), field="gender_marker", value="two", **typed)
    assert "Ce type de valeur ne va pas ici.<br>" in read.text
    checked = reader.send(UPLOAD, project("KE-310"), field="end", value="2014-01-01", **typed)
    assert "La fin précède le début.<br>" in checked.text


def test_who_was_slower_sees_both_values_and_decides(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-400", title="First"))
    house.accept(factories.project("KE-400", title="Theirs"))
    slower = amina.send(UPLOAD, project("KE-400"), field="title", base_revision="1", value="Mine")
    assert slower.status_code == 422
    assert "Somebody was faster: admin@example.org has changed this." in slower.text
    assert "<b>Theirs</b>" in slower.text
    assert 'value="Mine"' in slower.text
    newest = re.search(r'name="base_revision" value="(\d+)"', slower.text)
    assert newest
    again = amina.send(UPLOAD, project("KE-400"), field="title", base_revision=newest[1], value="Mine")
    assert again.status_code == 303
    assert "Mine" in row(amina.read(project("KE-400")), "title")


def test_a_change_of_another_field_meanwhile_is_kept_and_no_conflict(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-500", title="First", objectives="Old"))
    house.accept(factories.project("KE-500", title="First", objectives="Theirs"))
    answer = amina.send(UPLOAD, project("KE-500"), field="title", base_revision="1", value="Mine")
    assert answer.status_code == 303, answer.text
    page = amina.read(project("KE-500"))
    assert "Mine" in row(page, "title")
    assert "Theirs" in row(page, "objectives")


def test_only_who_may_write_a_record_is_offered_to_correct_it(house: House) -> None:
    house.accept(factories.project("UG-600", office="UGA"), code="UGA")
    analyst = house.browser("analyst")
    assert "Correct" not in analyst.read(project("UG-600"))
    refused = analyst.send(UPLOAD, project("UG-600"), field="title", base_revision="1", value="Mine")
    assert refused.status_code == 403
    assert house.browser("focal_point").get(project("UG-600")).status_code == 404
    hidden = house.browser("focal_point").send(UPLOAD, project("UG-600"), field="title", value="Mine")
    assert hidden.status_code == 404
    donor = "/ingest/records/donor/example-fund"
    assert "Correct" not in house.browser("focal_point").read(donor)
    assert correct(analyst, donor, "name", value="Example Fund").status_code == 303
    assert "Correct" not in house.browser("reviewer").read("/ingest/records/office/KEN")


def test_keys_and_what_moves_by_steps_are_not_corrected(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-700"))
    for field in ("project_code", "status", "nothing"):
        assert 'id="correct"' not in amina.read(f"{project('KE-700')}?correct={field}")
        answer = amina.send(UPLOAD, project("KE-700"), field=field, base_revision="1", value="active")
        assert answer.status_code == 422
    assert "draft" in amina.read(project("KE-700")).lower()


def test_a_withdrawn_record_shows_how_it_stood_and_takes_no_correction(house: House, amina: Browser) -> None:
    house.accept(factories.partner("gone"))
    withdrawn: dict[str, Any] = {"kind": "partner", "partner_id": "gone", "action": "withdraw"}
    house.accept(withdrawn)
    page = amina.read("/ingest/records/partner/gone")
    assert "This record was withdrawn." in page
    assert "HAYAT" in page
    assert "?correct=" not in page


def test_pages_speak_french_and_write_numbers_its_way(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-800", budget={"amount": "1234567.89", "currency": "USD"}))
    page = amina.read(f"{project('KE-800')}?lang=fr")
    assert re.search(r"1\s234\s567,89 USD", page)
    assert "Alternate manager" not in page
    assert "Responsable suppléant" in page
    assert "1 janv. 2015" in page
