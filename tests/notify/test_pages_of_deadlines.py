"""The pages of deadlines: what is owed as a list and as a calendar, filtered, and as parts of other pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

import factories
from browsing import Browser, browser, text_of
from muster_notify.deadline_calendar import month_of
from muster_notify.letters.language import LANGUAGES, language_of
from owing import HOME_DAY, OWNER, due_in, owed, project_owing, report_on

CODES = ("KE-001", "KE-002", "UG-001", "UA-001")


@pytest.fixture
def busy(offices: Any) -> Any:
    """KE-001 is overdue, KE-002 was returned and is due later, UG-001 is handed in, UA-001 is far off in Ukraine."""
    offices.submit(
        factories.office("UGA", time_zone="Europe/Zurich"),
        factories.office("UKR", region="see_ee_central_asia", time_zone="Europe/Zurich"),
        factories.donor("other-fund", name="Other Fund"),
        code="HQ",
    )
    grace = {"manager": {"name": "Grace", "email": "grace@example.org"}, "alternate_manager": None}
    project, grant = project_owing(owed(100), code="UA-001", office="UKR", **grace)
    offices.submit(project, {**grant, "donor_id": "other-fund"}, code="HQ")
    offices.submit(
        *project_owing(owed(-3), owed(10, type="financial")), *project_owing(owed(9), code="KE-002", **grace)
    )
    offices.submit(*project_owing(owed(-5), code="UG-001", office="UGA", **grace), code="HQ")
    offices.submit(report_on("KE-002", donor_status="returned"), report_on("UG-001"), code="HQ")
    offices.sweep()
    return offices


def rows(page: Browser, path: str) -> list[str]:
    """Projects in the order of the list's rows."""
    answer = page.get(path)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<tr>.*?href="/ingest/projects/([A-Z]{2}-\d{3})"', answer.text, re.DOTALL)


def test_what_is_owed_is_listed_most_overdue_first_with_who_and_what_comes_next(busy: Any) -> None:
    page = browser(busy)
    assert rows(page, "/notify/") == ["KE-001", "KE-002", "KE-001", "UA-001"]
    said = page.read("/notify/")
    assert "27 Nov 2016 3 days late" in said
    assert "Amina Otieno" in said
    assert "4 Dec 2016 project manager, alternate manager and head of office" in said
    assert [f"{n} {name}" in said for n, name in ((1, "Overdue"), (1, "Returned by the donor"), (1, "Handed in"))] == [
        True
    ] * 3


FILTERED = {
    "status=overdue": ["KE-001"],
    "status=returned": ["KE-002"],
    "status=submitted": ["UG-001"],
    "office=KEN&status=due_soon": ["KE-001"],
    "region=see_ee_central_asia": ["UA-001"],
    "donor=other-fund": ["UA-001"],
    "project=KE-002": ["KE-002"],
    f"first={due_in(10)}&last={due_in(10)}": ["KE-001"],
    f"first={due_in(-5)}&last={due_in(-5)}": ["UG-001"],
    "donor=nobody": [],
}


def test_an_address_holds_its_filters_and_the_form_shows_them(busy: Any) -> None:
    page = browser(busy)
    assert {query: rows(page, f"/notify/?{query}") for query in FILTERED} == FILTERED
    answer = page.get("/notify/?status=due_soon&office=KEN&region=east_horn_of_africa&project=KE-001&mine=1")
    for chosen in ("due_soon", "KEN", "east_horn_of_africa"):
        assert f'value="{chosen}" selected' in answer.text
    assert 'name="project" value="KE-001"' in answer.text
    assert 'value="1" checked' in answer.text


def test_each_sees_only_what_is_theirs_and_mine_are_the_projects_one_manages(busy: Any) -> None:
    assert set(rows(browser(busy, "focal_point", offices=["UKR"]), "/notify/")) == {"UA-001"}
    assert set(rows(browser(busy, "reviewer", regions=["east_horn_of_africa"]), "/notify/")) == {"KE-001", "KE-002"}
    head = browser(busy, "head_of_office", offices=["KEN"], name=OWNER)
    assert set(rows(head, "/notify/")) == {"KE-001", "KE-002"}
    assert set(rows(head, "/notify/?mine=1")) == {"KE-001"}
    assert browser(busy, "donor", donor="example-fund").get("/notify/").status_code == 403


def test_nonsense_in_an_address_narrows_nothing(busy: Any) -> None:
    page = browser(busy)
    for query in (
        "status=x",
        "first=yesterday&last=2016-13-40",
        "page=0",
        "page=-1",
        "page=x",
        "project=%00",
        "mine=2",
    ):
        assert len(rows(page, f"/notify/?{query}")) == 4, query
    assert rows(page, "/notify/?page=99999") == []


def test_a_month_shows_what_is_due_each_day_and_leads_to_the_others(busy: Any) -> None:
    more = [owed(12, type="interim", period_end=f"2016-0{n}-28") for n in range(1, 6)]
    busy.submit(*project_owing(*more, code="KE-009"))
    busy.follow()
    answer = browser(busy).get("/notify/?view=calendar&month=2016-12&office=KEN")
    said = text_of(answer)
    assert "December 2016 (7 reports due)" in said
    day = answer.text.split(f'datetime="{due_in(12)}"')[1].split("</td>")[0]
    assert day.count("/notify/obligations/") == 3
    assert f"office=KEN&amp;first={due_in(12)}&amp;last={due_in(12)}" in day
    assert "2 more" in day
    assert "month=2016-11" in answer.text
    assert "month=2017-01" in answer.text
    assert 'aria-current="date"' in browser(busy).get("/notify/?view=calendar").text


def test_the_pages_speak_the_readers_language_and_keep_it(busy: Any) -> None:
    page = browser(busy)
    for code in LANGUAGES:
        language = language_of(code)
        said = page.read(f"/notify/?lang={code}")
        assert all(language.say(english) in said for english in ("Overdue", "Only projects I manage", "Next reminder"))
        assert f'<html lang="{code}"' in page.get("/notify/reminders").text


def test_a_week_begins_where_the_language_begins_it() -> None:
    month = month_of("2016-12", today=HOME_DAY, locale=language_of("en").locale)
    assert (month.begins.isoformat(), month.ends.isoformat()) == ("2016-11-28", "2017-01-01")
    assert (month.before.isoformat(), month.after.isoformat()) == ("2016-11-01", "2017-01-01")
    for nonsense in ("", "2016", "2016-13", "0001-01", "9999-12", "2016-12-01"):
        assert month_of(nonsense, today=HOME_DAY, locale=language_of("fr").locale).first.isoformat() == "2016-11-01"


def test_home_is_told_of_the_readers_own_deadlines_and_counts(busy: Any) -> None:
    mine = browser(busy, "project_manager", name=OWNER)
    answer = mine.get("/notify/parts/deadlines")
    assert re.findall(r'href="/ingest/projects/(\S+?)"', answer.text) == ["KE-001", "KE-001"]
    assert "1 Overdue" in text_of(answer)
    assert 'href="/notify/?mine=1"' in answer.text
    assert "<html" not in answer.text
    analyst = browser(busy, "analyst").get("/notify/parts/deadlines")
    assert len(re.findall(r'href="/ingest/projects/(\S+?)"', analyst.text)) == 4


def test_a_projects_page_is_told_what_it_owes_with_its_reminders(busy: Any) -> None:
    part = browser(busy).get("/notify/parts/project?code=KE-001")
    said = text_of(part)
    assert "<html" not in part.text
    assert "27 Nov 2016 3 days late" in said
    assert "Waiting: 2" in said, "the manager's and the alternate's"
    foreign = browser(busy, "focal_point", offices=["UKR"])
    assert "owes no reports" in foreign.read("/notify/parts/project?code=KE-001")
    assert "owes no reports" in browser(busy).read("/notify/parts/project?code=%00")
