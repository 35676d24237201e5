"""A workbook is checked: every wrong cell is marked, what would change is shown, and nothing is sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from ingest_pages import Browser, House
from muster_ingest import uploads
from muster_ingest.models import Submission
from muster_ingest.wrong_words import WORDS
from muster_shared.context import Context
from muster_shared.embedded.postgres import Postgres
from standing_house import standing_house
from workbook_making import cells_of_record, workbook
from workbook_of_mistakes import mistakes, spoiled

PAGE = "/ingest/upload"


@pytest.fixture(scope="module")
def house(
    postgres_server: Postgres, template: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with standing_house(postgres_server, template, tmp_path_factory.mktemp("uploading")) as made:
        yield made


@pytest.fixture
def amina(house: House) -> Browser:
    return house.browser("focal_point")


def requirements(year: int, *changes: dict[str, Any]) -> bytes:
    """A workbook of Kenya's requirements in a year, of an area each."""
    areas = ("migration_health", "migrant_assistance", "labour_mobility_human_development")
    records = [factories.requirement(area=area, year=year) for area in areas[: len(changes)]]
    rows = [cells_of_record(record)[0] | change for record, change in zip(records, changes, strict=True)]
    return workbook({"funding_requirement": rows})


def sent(browser: Browser, content: bytes, *, do: str = "check", name: str = "needs.xlsx", **said: Any) -> str:
    """Where the page leads when the file was taken in."""
    answer = browser.send(PAGE, PAGE, file=(name, content), do=do, **{"office": "KEN", **said})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def told(answer: TestResponse) -> str:
    return unescape(answer.text)


def test_a_check_shows_what_would_change_stores_nothing_and_is_submitted_without_the_file(
    house: House, amina: Browser
) -> None:
    house.accept(factories.requirement(year=2001), factories.requirement(year=2001, area="migrant_assistance"))
    content = requirements(2001, {"amount": 2500000.5}, {"action": "withdraw"}, {"note": "new this year"})
    check = sent(amina, content, note="for the second half")
    page = amina.read(check)
    assert "<del>1,000,000</del>" in page
    assert "<ins>2,500,000.5</ins>" in page
    assert page.count("<ins>new this year</ins>") == 1
    assert re.findall(r"<b>(\d+)</b>(\w+)", page) == [("1", "New"), ("1", "Changed"), ("1", "Withdrawn"), ("0", "As")]
    record = "/ingest/records/funding_requirement/2001/KEN/migration_health"
    assert "1,000,000" in amina.read(record)
    assert "needs.xlsx" not in amina.read("/ingest/submissions"), "a check is no submission"
    first, second = (amina.send(PAGE, f"{check}/submit").headers["Location"] for _ in range(2))
    assert first == second, "asked twice, it is submitted once"
    receipt = amina.read(first)
    assert re.search(r"Submission KEN-\d{6}", receipt)
    assert "for the second half" in receipt
    assert "2,500,000.5" in amina.read(record)
    assert f'href="{first}"' in amina.read(check)
    assert f"{check}/submit" not in amina.read(check)


def test_what_somebody_changed_after_the_check_is_not_overwritten_by_submitting_it(
    house: House, amina: Browser
) -> None:
    house.accept(factories.requirement(year=2002))
    check = sent(amina, requirements(2002, {"amount": 5, "revision": 1}))
    house.accept(factories.requirement(year=2002, amount="7"))
    answer = amina.send(check, f"{check}/submit")
    page = amina.read(answer.headers["Location"])
    assert "Nothing was stored: 1 thing is wrong" in page
    assert "stored '7', yours '5'" in page


def test_only_a_check_without_errors_is_submitted_that_way(amina: Browser, house: House) -> None:
    check = sent(amina, requirements(2003, {"amount": "a lot"}))
    assert f"{check}/submit" not in amina.read(check)
    accepted = sent(amina, requirements(2003, {}), do="submit")
    for address in (check, accepted):
        assert amina.send(PAGE, f"{address}/submit").status_code == 409
    assert house.browser("focal_point", offices=("UGA",)).send(PAGE, f"{check}/submit").status_code == 404


def test_every_wrong_cell_of_a_large_bad_day_is_marked_with_its_message_beside_it(house: House) -> None:
    address = sent(house.admin, spoiled(), office="HQ", name="bad day.xlsx")
    with house.context.sessions() as session:
        errors = session.get_one(Submission, address.rpartition("/")[2]).document["errors"]
    page = house.admin.read(address)
    cells = re.findall(r'<td class="marked" id="cell-(\d+)-([A-Z]+\d+)">(.*?)</td>', page, re.DOTALL)
    sheets = list(dict.fromkeys(error["sheet"] for error in errors[:200] if "cell" in error))
    marked = {(sheets[int(sheet) - 1], cell): text for sheet, cell, text in cells}
    shown = [error for error in errors[:200] if "cell" in error]
    assert len(shown) > 150
    assert set(marked) == {(error["sheet"], error["cell"]) for error in shown}
    for error in shown:
        assert error["message"] in marked[error["sheet"], error["cell"]]
    assert page.count('<tr id="error-') == 200
    assert f"Nothing was stored: {len(errors)} things are wrong" in page
    assert "The first 200 are shown" in page
    anchors = set(re.findall(r'href="#(cell-[^"]+)"', page))
    assert anchors == {f"cell-{sheet}-{cell}" for sheet, cell, _ in cells}, "each line of the list leads to its cell"


def test_a_wrong_row_stands_among_its_neighbours_under_the_headers(amina: Browser) -> None:
    rows = [cells_of_record(factories.requirement(year=1980 + n))[0] for n in range(20)]
    rows[9]["amount"] = "a lot"
    page = amina.read(sent(amina, workbook({"funding_requirement": rows})))
    (picture,) = re.findall(r'<table class="sheet">.*?</table>', page, re.DOTALL)
    assert re.findall(r'<th scope="row">(\d+)</th>', picture) == ["1", "10", "11", "12"]
    assert picture.count('class="gap"') == 1
    assert "<td>amount</td>" in picture
    assert "<td>1988</td>" in picture
    assert "<td>1992</td>" not in picture


@pytest.mark.parametrize(("name", "place"), [("project.csv", "project B2"), ("all of them.csv", "line 2, column 2")])
def test_the_cells_of_a_table_in_csv_are_marked_too(amina: Browser, name: str, place: str) -> None:
    page = amina.read(sent(amina, b"project_code;title\nX-1;\n", name=name, kind="project"))
    assert re.search(r'<td class="marked" id="cell-1-B2"><b>\(empty\)</b><a [^>]+>title: is required', page)
    assert f'<a href="#cell-1-B2">{place}</a>' in page
    assert "<td>X-1</td>" in page
    assert "annotated.xlsx" not in page


def test_who_reads_french_is_told_in_french_what_is_wrong(amina: Browser) -> None:
    page = unescape(amina.read(sent(amina, requirements(2009, {"area": "helth"})) + "?lang=fr"))
    french = "Ce n’est pas une valeur de la liste."  # noqa: RUF001 - French writes its apostrophe like this
    assert re.search(rf'<td class="marked" [^>]+><b>helth</b><a href="#error-1">{french}</a>', page)
    assert re.search(rf'<td>{french}<br><span class="small muted" lang="en">area: .helth. is not in the code', page)
    amina.read(f"{PAGE}?lang=en")


def test_every_mistake_that_a_workbook_can_bring_is_said_in_other_languages() -> None:
    assert not {mistake.code for mistake in mistakes()} - WORDS.keys()


def test_a_file_that_cannot_be_opened_says_so_and_keeps_the_way_back(amina: Browser) -> None:
    page = amina.read(sent(amina, b"PK\x03\x04 broken", name="torn.xlsx"))
    assert "Nothing was stored" in page
    assert 'class="sheet"' not in page
    assert 'href="/ingest/upload?office=KEN"' in page


def test_what_stands_in_the_way_is_told_at_its_field_and_what_was_typed_stays(amina: Browser, house: House) -> None:
    nothing = amina.send(PAGE, PAGE, do="check", office="KEN", note="a word")
    assert nothing.status_code in {400, 415}
    refused = amina.send(PAGE, PAGE, file=("a.xlsx", b"x"), office="UGA", note="a word", do="submit")
    assert refused.status_code == 403
    assert re.search(r'<select id="office"[^>]+aria-invalid="true" aria-describedby="office-wrong"', refused.text)
    assert "does not let you submit for office 'UGA'" in told(refused)
    assert 'value="a word"' in refused.text
    assert amina.get(PAGE).text.count('<option value="KEN" selected>') == 2
    assert house.browser("reviewer").get(PAGE).status_code == 403


def test_a_script_is_told_where_to_go_and_one_form_submits_a_file_once(amina: Browser) -> None:
    form = amina.get(PAGE).text
    said = {name: re.search(rf'name="{name}" value="(\w+)"', form)[1] for name in ("csrf_token", "key")}  # type: ignore[index]
    places, content = set(), requirements(2004, {})
    for _ in range(2):
        data = {**said, "office": "KEN", "do": "submit", "file": (BytesIO(content), "needs.xlsx")}
        answer = amina.client.post(PAGE, data=data, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        places.add(answer.get_json()["location"])
    assert len(places) == 1
    refused = amina.client.post(PAGE, data={**said, "office": "KEN"}, headers={"Accept": "application/json"})
    assert refused.content_type == "application/problem+json"
    assert refused.get_json()["detail"]


def test_a_large_file_shows_its_progress_until_it_is_done(
    open_context: Callable[[str], Context], token: Callable[..., str]
) -> None:
    context = open_context("ingest")
    house = House(replace(context, settings=replace(context.settings, rows_at_once=0)), token)
    amina, readers = house.browser("focal_point"), house.app.extensions["muster_readers"]
    check = sent(amina, requirements(2005, {}))
    page = amina.get(check).text
    assert f'data-poll="{check}"' in page
    assert '<meta http-equiv="refresh"' in page, "without a script it is looked at again by itself"
    assert uploads.work(house.context, readers) == 1
    done = amina.get(check).text
    assert 'id="progress"' not in done
    assert "What would change" in done
    submitted = amina.send(check, f"{check}/submit").headers["Location"]
    assert f'data-poll="{submitted}"' in amina.get(submitted).text
    uploads.work(house.context, readers)
    assert "KEN-000001" in amina.get(submitted).text
    house.close()


def test_templates_are_offered_for_what_the_caller_may_send(amina: Browser, house: House) -> None:
    offered = re.findall(r"/templates/(\w+)\.xlsx\?office=KEN&amp;lang=en", amina.get(PAGE).text)
    assert {"all", "project", "funding_requirement"} <= set(offered)
    assert not {"office", "donor", "exchange_rate", "published_total"} & set(offered)
    assert "exchange_rate" in house.browser("analyst").get(PAGE).text
    french = amina.get(f"{PAGE}?lang=fr").text
    assert "project.xlsx?office=KEN&amp;lang=fr" in french
