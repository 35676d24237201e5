"""Nobody computes a small count of people from all that was released: another year, copy, language, report."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text, update

import factories
from attacker import Attacker
from leaving_books import given_away
from muster_report import making, usecases
from muster_report.disclosure import Shown, statements
from muster_report.models import Issue, Release
from muster_report.protecting import protected
from muster_report.reports import catalogue
from muster_report.suppressed_tables import Told, told_by
from muster_shared.problems import Problem
from reporting import ANALYST, Reporting

YEARLY = "beneficiaries"
DONOR = {"donor_id": "example-fund", "until": "2016-11-30"}
ADULT = {"age_min": 18, "age_max": 59}
EXPOSED, ANEW = "small_counts_exposed", "being_made_anew"


def people(count: int, sex: str = "female", group: str = "returnees", **more: Any) -> dict[str, Any]:
    return {"group": group, "sex": sex, **ADULT, **more, "count": count}


GUARDS = [people(3, group="guards"), people(20, "male", "guards"), people(90), people(80, "male")]
REACHED = [people(2, group="guards"), people(12, "male", "guards"), people(60), people(44, "male")]
TEACHERS = [people(9, "male", "guards"), people(70)]


def a_report(*reached: dict[str, Any], **more: Any) -> dict[str, Any]:
    return factories.progress_report(reached=list(reached), **more)


@pytest.fixture
def counting(muster: Reporting) -> Reporting:
    """Two projects of two offices; the first had few women among its guards."""
    muster.submit(
        factories.donor(),
        factories.project(status="active", targets=GUARDS),
        factories.project("UG-001", office="UGA", status="active", targets=TEACHERS),
        factories.grant(),
        a_report(*REACHED),
    )
    muster.report.follow()
    muster.report.count_as_made()
    return muster


def made(muster: Reporting, report: str = YEARLY, **params: str) -> dict[str, Any]:
    """The newest issue for these parameters."""
    asked = {"copy": "donor", **params}
    muster.report.regenerate()
    muster.report.latest(report, **asked)
    return muster.report.issues(report, **asked)[0]


def released(muster: Reporting, report: str = YEARLY, **params: str) -> dict[str, Any]:
    issue = made(muster, report, **params)
    muster.report.release(issue)
    return issue


def refused(muster: Reporting, issue: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as problem:
        usecases.release(muster.report.context, ANALYST, UUID(issue["issue_id"]))
    return problem.value


def told(muster: Reporting, *issues: dict[str, Any]) -> list[Told]:
    """What issues tell of people, read off the books that they were made from."""
    found: list[Told] = []
    with muster.report.context.sessions() as session:
        for issue in issues:
            people_cells = catalogue()[issue["report"]].people
            assert people_cells
            row = session.get_one(Issue, UUID(issue["issue_id"]))
            found.append(told_by(making.of_issue(session, row), people_cells))
    return found


def against(muster: Reporting, issue: dict[str, Any]) -> list[str]:
    with muster.report.context.sessions() as session:
        return [str(one) for one in session.get_one(Issue, UUID(issue["issue_id"])).protected_against]


def more_guards(muster: Reporting) -> None:
    """The three women become twelve."""
    muster.submit(factories.project(status="active", targets=[people(12, group="guards"), *GUARDS[1:]]))
    muster.settle()


def marked(content: bytes) -> list[tuple[str, str]]:
    book = load_workbook(io.BytesIO(content))
    cells = ((s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.value in {"<5", "s"})
    return sorted(cells)


def test_after_a_change_the_next_issue_gives_no_count_of_the_released_one_away(counting: Reporting) -> None:
    first = released(counting, year="2016")
    more_guards(counting)
    second = made(counting, year="2016")

    assert second["number"] == 2
    assert against(counting, second) == [first["issue_id"]]
    counting.report.release(second)
    assert given_away(told(counting, first, second)) == []


def test_without_what_was_released_before_the_same_issues_would_give_one_away(counting: Reporting) -> None:
    """The attacker is no fool: the same two, each suppressed as if it were the first, tell him the count."""
    positions = [int(made(counting, year="2016")["position"])]
    more_guards(counting)
    positions.append(int(made(counting, year="2016")["position"]))
    report, params = catalogue()[YEARLY], {"year": "2016", "copy": "donor"}
    assert report.people
    with counting.report.context.sessions() as session:
        books = [protected(making.book(session, report, params, at), report.people).book for at in positions]

    assert given_away(told_by(book, report.people) for book in books) != []


def test_years_copies_languages_and_reports_are_protected_against_each_other(counting: Reporting) -> None:
    issues = [
        released(counting, year="2015"),
        released(counting, "donor", **DONOR),
        released(counting, year="2016", copy="public", lang="fr"),
    ]
    more_guards(counting)
    counting.submit(a_report(*[people(9, group="guards"), *REACHED[1:]]))
    counting.settle()
    issues += [released(counting, "donor", **DONOR, lang="es"), released(counting, year="2015")]

    assert [against(counting, issue) for issue in issues] == [[i["issue_id"] for i in issues[:n]] for n in range(5)]
    assert given_away(told(counting, *issues)) == []


def test_the_internal_copy_neither_hides_nor_counts_as_released(counting: Reporting) -> None:
    internal = released(counting, year="2016", copy="internal")

    assert marked(counting.report.file_of(internal)) == []
    assert against(counting, internal) == against(counting, made(counting, year="2016")) == []


def test_another_copy_of_what_was_released_hides_the_same_and_is_current_at_once(counting: Reporting) -> None:
    public = made(counting, year="2016", copy="public")
    first = released(counting, year="2016")
    counting.report.regenerate()
    after = made(counting, year="2016", copy="public")

    assert after["issue_id"] == public["issue_id"]
    assert against(counting, after) == [first["issue_id"]]
    assert marked(counting.report.file_of(after)) == marked(counting.report.file_of(first)) != []
    counting.report.release(after)


def test_a_release_lets_what_stands_be_made_anew_but_not_what_is_released(counting: Reporting) -> None:
    issues = [made(counting, year=year) for year in ("2015", "2016")]
    donor = made(counting, "donor", **DONOR)
    internal = made(counting, year="2016", copy="internal")
    counting.report.release(issues[0])

    assert {report for report, _ in counting.report.stale()} == {YEARLY, "donor"}
    assert counting.report.stale().count((YEARLY, "2015")) == 0
    assert counting.report.state(YEARLY, year="2016").wanted == counting.report.state(YEARLY, year="2016").built
    counting.report.regenerate()
    for issue in (made(counting, year="2016"), made(counting, "donor", **DONOR)):
        assert against(counting, issue) == [issues[0]["issue_id"]]
    assert against(counting, internal) == []
    assert donor["number"] >= 1


def test_an_issue_made_before_another_release_is_refused_until_it_is_made_anew(counting: Reporting) -> None:
    earlier, other = made(counting, year="2016"), made(counting, year="2015")
    counting.report.release(other)
    problem = refused(counting, earlier)

    assert (problem.status, problem.code) == (409, ANEW)
    assert "others that count the same people were released (1)" in str(problem.detail)
    counting.report.regenerate()
    counting.report.release(made(counting, year="2016"))


def test_an_issue_with_counts_that_earlier_issues_gave_away_is_refused_and_says_where(counting: Reporting) -> None:
    """The first release told everything, as those of other houses do."""
    first = released(counting, year="2016")
    with counting.report.context.sessions.begin() as session:
        report, row = catalogue()[YEARLY], session.get_one(Issue, UUID(first["issue_id"]))
        assert report.people
        everything = told_by(making.book(session, report, row.params, row.position), report.people)
        session.execute(update(Release).values(told=statements.written(everything)))
    issue = made(counting, year="2016", copy="public")
    answer = counting.report.post(f"/issues/{issue['issue_id']}/release")
    first_sheet = load_workbook(io.BytesIO(counting.report.file_of(issue))).worksheets[0]

    assert (answer.status_code, answer.get_json()["type"]) == (409, f"urn:muster:problem:{EXPOSED}")
    assert "1 on the sheet 'By group'" in answer.get_json()["detail"]
    assert "Not to be released: 1 small count" in str([cell.value for cell in first_sheet["A"]])
    assert counting.report.issues(YEARLY, year="2016", copy="public")[0]["released"] is None


def test_rebuilding_and_making_again_give_the_same_bytes(counting: Reporting) -> None:
    first = released(counting, year="2016")
    moment = str(first["as_of"])
    counting.advance("1d")
    more_guards(counting)
    second = released(counting, year="2016")

    assert counting.report.rebuild().differing == ()
    for at, issue in ((moment, first), (str(second["as_of"]), second)):
        content = counting.report.latest(YEARLY, year="2016", copy="donor", as_of=at)
        assert content == counting.report.file_of(issue)


def test_a_rebuild_names_an_issue_whose_protection_is_not_what_it_was(counting: Reporting) -> None:
    released(counting, year="2016")
    more_guards(counting)
    released(counting, year="2016")
    with counting.report.context.sessions.begin() as session:
        session.execute(text("UPDATE issue SET protected_against = '{}' WHERE number = 2 AND report = 'beneficiaries'"))

    assert any("beneficiaries" in name and "issue 2" in name for name in counting.report.rebuild().differing)


def test_what_a_release_told_stays_known_when_the_log_is_restored(counting: Reporting) -> None:
    first = released(counting, year="2016")
    counting.ingest.restore(upto=8)
    counting.submit(factories.project(status="active", targets=[people(12, group="guards"), *GUARDS[1:]]))
    counting.settle()
    issue = made(counting, year="2016")

    assert against(counting, issue) == [first["issue_id"]]
    assert counting.report.rebuild().differing == ()
    with counting.report.context.sessions() as session:
        kept = statements.read(session.scalars(select(Release.told)).one())
    assert given_away([kept, *told(counting, issue)]) == []


def test_changes_and_comparisons_of_copies_that_leave_show_no_hidden_count(counting: Reporting) -> None:
    first = released(counting, year="2016")
    more_guards(counting)
    second = made(counting, year="2016")
    compared = counting.report.get(f"/issues/{first['issue_id']}/compare/{second['issue_id']}").get_json()["items"]
    changes = load_workbook(io.BytesIO(counting.report.file_of(second)))["Changes"]
    named = {str(cell.value) for row in changes.iter_rows(min_row=4) for cell in row if cell.value is not None}
    told_in_words = {str(difference[side]) for difference in compared for side in ("old", "new", "by")}

    for values in (named, told_in_words):
        assert {"<5", "s"} & values
        assert not {"3", "12"} & values  # the women were three, and are twelve


def hidden_and_shown(muster: Reporting, issue: dict[str, Any]) -> tuple[str, str]:
    """The cells of a hidden and of a shown count of people on the sheet of groups."""
    sheet = load_workbook(io.BytesIO(muster.report.file_of(issue)))["By group"]
    cells = [cell for row in sheet.iter_rows(min_row=5, min_col=2) for cell in row]
    hidden = next(cell.coordinate for cell in cells if cell.value in {"<5", "s"})
    return hidden, next(cell.coordinate for cell in cells if isinstance(cell.value, int) and cell.value > 4)


def test_no_count_of_people_in_a_copy_that_leaves_is_taken_apart(counting: Reporting) -> None:
    issue = made(counting, year="2016")
    inside = {"sheet": "By group", "year": "2016"}
    for cell in hidden_and_shown(counting, issue):
        answer = counting.report.get(f"/reports/{YEARLY}/explain", **inside, cell=cell, copy="donor")
        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:muster:problem:people_not_told")
        assert "copy=internal" in answer.get_json()["detail"]
    counting.report.latest(YEARLY, year="2016")
    assert counting.report.get(f"/reports/{YEARLY}/explain", **inside, cell=cell, copy="internal").status_code == 200


def test_what_is_computed_from_hidden_counts_is_not_taken_apart_either_but_money_is(counting: Reporting) -> None:
    made(counting, "donor", **DONOR)
    path, asked = "/reports/donor/explain", {**DONOR, "copy": "donor", "sheet": "Overview"}
    sheet = load_workbook(io.BytesIO(counting.report.latest("donor", **DONOR, copy="donor")))["Overview"]
    rows = {str(row[0].value): row[1].coordinate for row in sheet.iter_rows(min_row=4) if row[0].value}
    percent = next(at for label, at in rows.items() if "percent" in label.lower() and "target" in label.lower())
    grants = next(at for label, at in rows.items() if label == "Grants")

    assert counting.report.get(path, **asked, cell=percent).status_code == 403
    assert counting.report.get(path, **asked, cell=grants).status_code == 200


def test_the_formats_of_an_old_issue_hide_what_its_workbook_hid(counting: Reporting) -> None:
    first = released(counting, year="2016")
    workbook = counting.report.file_of(first)
    more_guards(counting)
    released(counting, year="2016")
    document = counting.report.get(f"/issues/{first['issue_id']}.json").get_data(as_text=True)

    assert counting.report.file_of(first) == workbook
    assert document.count('"<5"') == len([1 for _ in marked(workbook)]) - _withheld(workbook)


def _withheld(workbook: bytes) -> int:
    book = load_workbook(io.BytesIO(workbook))
    return sum(1 for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == Shown.HIDDEN.value)


def test_the_attacker_of_these_tests_sees_open_counts(counting: Reporting) -> None:
    """What he is given is what stands in the workbook, not what the records say."""
    issue = made(counting, year="2016")
    release = told(counting, issue)[0]["target"]
    shown = [key for key, mark in release.shown.items() if mark is Shown.OPEN]

    assert shown
    assert Attacker.of([release]).interval(0, shown[0]) == (release.statistics.values()[shown[0]],) * 2
