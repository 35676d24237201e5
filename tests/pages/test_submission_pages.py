"""The list of submissions narrows, a receipt tells every change, and what was sent by mistake is undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

import factories
from ingest_pages import Browser, House
from muster_ingest.models import Submission
from muster_shared.embedded.postgres import Postgres
from standing_house import standing_house
from workbook_making import cells_of_record, workbook

LIST = "/ingest/submissions"


@pytest.fixture(scope="module")
def house(
    postgres_server: Postgres, template: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with standing_house(postgres_server, template, tmp_path_factory.mktemp("submissions")) as made:
        yield made


@pytest.fixture
def amina(house: House) -> Browser:
    return house.browser("focal_point")


def listed(browser: Browser, query: str = "") -> list[str]:
    row = r'<th scope="row" class="nowrap"><a href="/ingest/submissions/[^"]+">([^<]+)</a>'
    return re.findall(row, browser.read(LIST + query))


def place(receipt: dict[str, Any]) -> str:
    return f"{LIST}/{receipt['submission_id']}"


def test_the_list_is_narrowed_by_office_status_kind_and_day_and_goes_on(house: House) -> None:
    kenya = house.accept(factories.requirement(year=2001))["receipt"]
    uganda = house.accept(factories.requirement("UGA", year=2001), code="UGA")["receipt"]
    wrong = house.refuse(factories.envelope(factories.requirement(year=2001, amount="much")))["receipt"]
    sheet = workbook({"partner": [cells_of_record(factories.partner())[0] | {"name": None}]})
    answer = house.admin.send("/ingest/upload", "/ingest/upload", file=("p.xlsx", sheet), office="KEN", do="submit")
    spoilt = house.admin.read(answer.headers["Location"])
    (of_partners,) = set(re.findall(r"<h1>Submission (KEN-\d+)</h1>", spoilt))
    assert listed(house.admin)[:4] == [of_partners, wrong, uganda, kenya]
    assert listed(house.admin, "?office=UGA") == [uganda]
    assert {wrong, of_partners} <= set(listed(house.admin, "?status=rejected"))
    assert kenya not in listed(house.admin, "?status=rejected")
    assert listed(house.admin, "?kind=partner") == [of_partners], "a rejected workbook has a sheet of the kind"
    assert {kenya, uganda} <= set(listed(house.admin, "?kind=funding_requirement&since=2016-11-30&until=2016-11-30"))
    assert listed(house.admin, "?since=2016-12-01") == []
    assert kenya in listed(house.admin, "?status=none&since=yesterday"), "what is no filter narrows nothing"
    assert uganda not in listed(house.browser("focal_point"))


def test_a_long_list_is_read_page_by_page(house: House) -> None:
    for year in range(1960, 1992):
        house.accept(factories.requirement("UGA", year=year), code="UGA")
    first = house.admin.read(f"{LIST}?office=UGA")
    further = re.search(r'href="(/ingest/submissions\?[^"]+)" rel="next"', first)
    assert further
    assert "office=UGA" in further[1]
    both = listed(house.admin, "?office=UGA") + listed(house.admin, further[1].removeprefix(LIST))
    assert len(both) == len(set(both)) >= 32
    assert both == sorted(both, reverse=True)


def test_a_receipt_tells_who_what_and_each_change_old_and_new(house: House, amina: Browser) -> None:
    house.accept(factories.project("KE-100", objectives="Roofs"))
    changed = factories.project("KE-100", areas=[{"code": "migration_health", "percent": 100}], title="Roofs and wells")
    receipt = house.accept(changed)
    page = amina.read(place(receipt))
    assert receipt["sha256"] in page
    assert "admin@example.org" in page
    assert "<del>Shelter for displaced families</del><br><ins>Roofs and wells</ins>" in page
    assert "<del>Funding area: Migrant assistance; percent: 40</del>" in page
    assert "<del>Roofs</del>" in page, "a field that was left out is emptied"
    assert 'href="/ingest/records/project/KE-100"' in page
    assert "<td>2" not in re.sub(r"(?s).*<h2>Receipt", "", page)


def test_undoing_is_shown_first_and_then_restores_what_stood_before(house: House, amina: Browser) -> None:
    house.accept(factories.requirement(year=2002, amount="10"))
    receipt = house.accept(factories.requirement(year=2002, amount="20"))
    shown = amina.send(place(receipt), f"{place(receipt)}/revert")
    assert shown.status_code == 200
    assert "<del>20</del><br><ins>10</ins>" in shown.text
    record = "/ingest/records/funding_requirement/2002/KEN/migration_health"
    assert "<td>20" in amina.read(record), "nothing is undone yet"
    sure = re.search(r'name="sure" value="(\w+)"', shown.text)
    assert sure
    undone = [amina.send("/ingest/upload", f"{place(receipt)}/revert", sure=sure[1]) for _ in range(2)]
    assert [answer.status_code for answer in undone] == [303, 303], "a second click is the same undoing"
    assert undone[0].headers["Location"] == undone[1].headers["Location"]
    assert "<td>10" in amina.read(record)
    page = amina.read(place(receipt))
    assert f'It was undone by <a href="{undone[0].headers["Location"]}"' in page
    assert "Undo this submission" not in page


def test_undoing_that_is_refused_says_which_records_stand_in_the_way(house: House, amina: Browser) -> None:
    receipt = house.accept(factories.requirement(year=2003, amount="10"))
    later = house.accept(factories.requirement(year=2003, amount="20"))
    refused = amina.send(place(receipt), f"{place(receipt)}/revert")
    assert refused.status_code == 409
    assert "It cannot be undone." in refused.text
    assert f"was changed again by admin@example.org with {later['receipt']}" in refused.text
    project = house.accept(factories.project("KE-200"))
    house.accept(factories.grant("G-200", "KE-200"))
    referred = amina.send(place(project), f"{place(project)}/revert")
    assert referred.status_code == 422
    assert "is still named by grant G-200" in referred.text
    assert house.browser("analyst").send("/ingest/upload", f"{place(receipt)}/revert").status_code == 403


def test_errors_of_a_program_are_told_by_their_pointer(house: House, amina: Browser) -> None:
    problem = house.refuse(factories.envelope(factories.requirement(year=2004, amount="much", currency="XXY")))
    page = amina.read(place(problem))
    assert "<code>/records/0/amount</code>" in page
    assert "Nothing was stored: 2 things are wrong." in page
    assert 'class="sheet"' not in page


def test_a_restricted_submission_is_pictured_for_nobody_and_linked_for_administrators(
    house: House, amina: Browser
) -> None:
    rows = [cells_of_record(factories.partner(f"p-{n}"))[0] for n in range(3)]
    rows[1]["type"] = "club"
    answer = amina.send(
        "/ingest/upload", "/ingest/upload", file=("p.xlsx", workbook({"partner": rows})), office="KEN", do="submit"
    )
    where = answer.headers["Location"]
    assert "<td>p-0</td>" in amina.read(where)
    with house.context.sessions.begin() as session:
        found = Submission.submission_id == where.rpartition("/")[2]
        session.execute(update(Submission).where(found).values(restricted_at=house.context.clock.now()))
    for page, is_linked in ((amina.read(where), False), (house.admin.read(where), True)):
        assert "<td>p-0</td>" not in page  # to read what was sent is noted: whoever may does it by the link
        assert ("/original" in page) is is_linked


def test_what_a_submission_tells_is_text_and_never_markup(house: House) -> None:
    receipt = house.accept(factories.partner("evil", name="<img src=x onerror=alert(1)>", aliases=["<b>x</b>"]))
    for address in (place(receipt), "/ingest/records/partner/evil", "/ingest/records/partner"):
        text = house.admin.get(address).text
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text
