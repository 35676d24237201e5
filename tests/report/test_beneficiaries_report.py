"""The annual statistics count every person once, and no small count of people can be worked out of what leaves."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacker import Attacker, broken
from explained_figures import wrongly_explained
from leaving_books import copy_of, given_away
from muster_report import xlsx
from muster_report.about import complete
from muster_report.book import Book, Table, Value
from muster_report.disclosure import Shown
from muster_report.facts import Facts
from muster_report.protecting import protected
from muster_report.renderers import csv_files, html, json_document
from muster_report.reports.beneficiaries import REPORT
from muster_report.reports.beneficiaries_tables import PEOPLE
from muster_report.suppressed_tables import release_of, statistics_of, told_by
from report.money_facts import a_project, a_report, alerts, cell, facts_of, people, sample_records

SOFFICE = shutil.which("soffice")
ADULT: Any = {"age_min": 18, "age_max": 59}
Record = dict[str, Any]
OFFICES: list[Record] = [
    {"kind": "office", "office": "KEN", "name": "Kenya", "region": "east_horn_of_africa"},
    {"kind": "office", "office": "GHA", "name": "Ghana", "region": "west_central_africa"},
]
KENYA = a_project(
    start="2015-07-01",
    targets=[people(100, **ADULT), people(50, "male", **ADULT), people(10, age_min=5, age_max=11)],
)
GHANA = a_project("GHA-2016-01", targets=[people(40, "male", "guests", age_min=60)])


def report(start: str, end: str, *reached: Record, **fields: Any) -> Record:
    return a_report(period_start=start, period_end=end, submitted_on=end, reached=list(reached), **fields)


AUTUMN = report("2015-07-01", "2015-12-31", people(20, **ADULT))
SPRING = report("2016-01-01", "2016-06-30", people(30, **ADULT), people(10, "male", **ADULT))
FINAL = report("2015-07-01", "2016-12-31", people(60, **ADULT), people(12, "male", **ADULT), type="final")


def built(*records: Record, year: str = "2016", copy: str = "internal", **more: str) -> Book:
    return copy_of(REPORT, facts_of([*OFFICES, *records]), {"year": year, "copy": copy, **more})


def key_figure(book: Book, name: str) -> Value:
    return cell(book, "headline", name, "figure")


def reached(book: Book) -> Value:
    return key_figure(book, "People_Reached")


def tables(book: Book) -> Iterator[Table]:
    for sheet in book.figures():
        yield from (block for block in sheet.blocks if isinstance(block, Table))


def standing(book: Book) -> dict[tuple[str, str, str], Value]:
    return {
        (table.key, row.key, column.key): value
        for table in tables(book)
        for row in table.rows
        for column, value in zip(table.columns, row.cells, strict=True)
    }


def test_the_key_figures_are_those_of_the_projects_that_run_in_the_year() -> None:
    book = built(KENYA, GHANA, AUTUMN, SPRING)

    assert key_figure(book, "People_Target") == 100 + 50 + 10 + 40
    assert reached(book) == 30 + 10
    assert key_figure(book, "People_Reached_Since") == 20 + 30 + 10
    assert key_figure(book, "Percent_Reached") == 30
    assert (key_figure(book, "Projects"), key_figure(book, "Projects_Reporting")) == (2, 1)
    assert alerts(book) == ""


def test_people_stand_under_their_group_sex_age_region_and_office() -> None:
    book = built(KENYA, GHANA, AUTUMN, SPRING)

    assert cell(book, "groups", "group returnees", "target/female") == 110
    assert cell(book, "groups", "group guests", "target/*") == 40
    assert cell(book, "ages", "5-11", "target/female") == 10
    assert cell(book, "ages", "60+", "target/male") == 40
    assert cell(book, "ages", "18-59", "reached/*") == 40
    assert cell(book, "region-sex", "west_central_africa", "target/male") == 40
    assert cell(book, "regions", "east_horn_of_africa", "percent") == 38  # 60 of 160 are 37.5
    assert cell(book, "offices", "GHA", "target") == 40
    assert cell(book, "offices", "KEN", "since") == 60


def test_an_age_range_wider_than_a_band_is_unknown_and_so_are_age_and_sex_that_are_not_stated() -> None:
    wide = people(7, age_min=10, age_max=20)
    book = built(a_project(targets=[wide, {"group": "guests", "count": 9}]))

    assert cell(book, "ages", "unknown", "target/female") == 7
    assert cell(book, "ages", "unknown", "target/unknown") == 9


def test_a_final_report_counts_with_what_it_adds_to_those_of_earlier_years_so_that_the_years_add_up_to_it() -> None:
    records = (KENYA, AUTUMN, SPRING, FINAL)
    before, book = built(*records, year="2015"), built(*records)

    assert reached(before) == 20
    assert cell(book, "ages", "18-59", "reached/female") == 40
    assert cell(book, "ages", "18-59", "reached/male") == 12
    assert key_figure(book, "People_Reached_Since") == 72
    assert list(wrongly_explained(book)) == []


def test_what_a_report_adds_that_tells_sex_and_age_otherwise_counts_with_both_unknown() -> None:
    final = report("2015-07-01", "2016-12-31", people(15, **ADULT), people(15, "male", **ADULT), type="final")
    book = built(KENYA, AUTUMN, final)

    assert cell(book, "ages", "unknown", "reached/unknown") == 30 - 20
    assert key_figure(book, "People_Reached_Since") == 30
    assert list(wrongly_explained(book)) == []


def test_a_report_that_tells_fewer_people_than_earlier_years_adds_nobody_and_the_first_sheet_says_so() -> None:
    final = report("2015-07-01", "2016-12-31", people(15, **ADULT), type="final")
    book = built(KENYA, AUTUMN, final)

    assert reached(book) == 0
    assert "1 report tells fewer people than the reports of earlier years" in alerts(book)


def test_a_report_the_donor_returned_counts_nobody_and_is_named() -> None:
    book = built(KENYA, {**SPRING, "donor_status": "returned"})

    assert reached(book) == 0
    assert "returned by the donor and is not counted: KEN-2016-01" in alerts(book)


def test_a_report_that_overlaps_another_without_covering_it_is_not_added_and_is_named() -> None:
    book = built(KENYA, SPRING, report("2016-05-01", "2016-09-30", people(500, **ADULT)))

    assert reached(book) == 40
    assert "1 report is not added: its period overlaps" in alerts(book)


def test_reports_of_two_grants_are_added() -> None:
    other = {**SPRING, "grant_id": "KEN-2016-01-G2"}
    assert reached(built(KENYA, SPRING, other)) == 80


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "cancelled"])
def test_projects_that_are_not_endorsed_do_not_count_and_are_named_where_they_reached_people(status: str) -> None:
    book = built({**KENYA, "status": status}, GHANA, SPRING)

    assert key_figure(book, "People_Target") == 40
    assert reached(book) == 0
    assert "who are not counted: KEN-2016-01" in alerts(book)
    assert alerts(built({**KENYA, "status": status}, GHANA, AUTUMN)) == ""


def test_a_target_stands_whole_in_every_year_in_which_the_project_runs_as_last_approved() -> None:
    longer = {"kind": "extension", "project_code": "KEN-2016-01", "requested_on": "2016-10-01"}
    longer |= {"new_end": "2017-03-31", "reason": "rains", "decision": "approved", "decided_on": "2016-11-01"}
    targets = {year: built(KENYA, GHANA, year=year) for year in ("2015", "2016")}

    assert {year: key_figure(book, "People_Target") for year, book in targets.items()} == {"2015": 160, "2016": 200}
    assert key_figure(built(KENYA, GHANA, longer, year="2017"), "People_Target") == 160
    assert "No project that counts runs in 2017" in alerts(
        built(KENYA, GHANA, {**longer, "decision": "refused"}, year="2017")
    )


def test_an_office_whose_region_is_not_known_is_counted_and_named() -> None:
    book = REPORT.build(facts_of([KENYA, SPRING]), {"year": "2016", "copy": "internal"})

    assert cell(book, "regions", "", "reached") == cell(book, "regions", "*", "reached") == 40
    assert "whose region is not known: KEN-2016-01" in alerts(book)


def test_a_group_may_be_named_as_totals_are_keyed() -> None:
    book = built(a_project(targets=[people(9, group="*"), people(8)]))

    assert cell(book, "groups", "group *", "target/*") == 9
    assert cell(book, "groups", "*", "target/*") == 17


@pytest.mark.parametrize("lang", ["en", "fr", "es"])
@pytest.mark.parametrize("copy", ["internal", "public"])
def test_a_year_without_projects_is_a_workbook_that_says_so(lang: str, copy: str) -> None:
    book = built(KENYA, year="1999", copy=copy, lang=lang)

    assert len(book.sheets) == 5
    assert "1999" in alerts(book)
    assert book.used == ()
    assert xlsx.render(complete(book, params={"year": "1999", "copy": copy, "lang": lang}, base=None))


def affected(record: Record, *known: str) -> set[str]:
    sets = [{"year": year, "copy": "internal"} for year in known]
    return {params["year"] for params in REPORT.affected(record["kind"], record, sets)}


def test_a_record_affects_its_own_years_and_known_later_ones() -> None:
    known = ("2013", "2016", "2019")

    assert affected(KENYA, *known) == {"2015", "2016", "2019"}
    assert affected(AUTUMN, *known) == {"2015", "2016", "2019"}
    assert affected(OFFICES[0], *known) == set(known)
    assert affected({**AUTUMN, "reached": []}, *known) == set()
    extension = {"kind": "extension", "project_code": "KEN-2016-01", "requested_on": "2016-10-01"}
    assert affected({**extension, "decision": "approved", "new_end": "2018-01-01"}, *known) == set(known)
    assert affected({**extension, "new_end": "2018-01-01"}, *known) == set()


def test_every_year_that_a_record_changes_is_among_those_it_affects() -> None:
    records = [KENYA, GHANA, AUTUMN, SPRING, FINAL]
    years = [str(year) for year in range(2013, 2020)]
    found: list[str] = []
    for left_out in records:
        others = [record for record in records if record is not left_out]
        changed = {y for y in years if standing(built(*records, year=y)) != standing(built(*others, year=y))}
        assert changed <= affected(left_out, *years)
        found += changed
    assert sorted(found) == ["2015"] * 2 + ["2016"] * 4


@cache
def sample() -> Facts:
    return facts_of(sample_records())


@cache
def of_sample(year: str = "2016", copy: str = "internal", lang: str = "en") -> Book:
    return copy_of(REPORT, sample(), {"year": year, "copy": copy, "lang": lang})


def test_the_figures_of_the_sample_are_those_counted_from_its_records() -> None:
    records = [r for r in sample_records() if r["kind"] in {"project", "progress_report"}]
    ends = {r["project_code"]: r for r in records if r["kind"] == "project"}
    counting = {code for code, p in ends.items() if p["status"] in {"endorsed", "active", "completed", "closed"}}
    running = {code for code in counting if ends[code]["start"] <= "2014-12-31" and ends[code]["end"] >= "2014-01-01"}
    target = sum(row["count"] for code in running for row in ends[code]["targets"])
    of_2014 = [r for r in records if r["kind"] == "progress_report" and r["period_end"][:4] == "2014"]
    told = sum(row["count"] for r in of_2014 if r["project_code"] in counting for row in r.get("reached") or [])
    book = of_sample("2014")  # the year without final, returned or overlapping reports

    assert all(r["type"] != "final" and r["donor_status"] != "returned" for r in of_2014)
    assert key_figure(book, "People_Target") == target > 100_000
    assert reached(book) == key_figure(book, "People_Reached_Since") == told > 5_000


@pytest.mark.parametrize("year", ["2014", "2015", "2016", "2018"])
def test_every_sheet_of_the_sample_adds_up_to_the_key_figures_and_every_figure_to_its_parts(year: str) -> None:
    book = of_sample(year)
    shown = standing(book)
    for measure, name in (("target", "People_Target"), ("reached", "People_Reached")):
        totals = {shown["headline", name, "figure"]}
        for table in ("groups", "ages", "region-sex"):
            totals.add(shown[table, "*", f"{measure}/*"])
            of_rows = [v for (t, row, c), v in shown.items() if (t, c) == (table, f"{measure}/*") and row != "*"]
            totals.add(sum(int(str(value)) for value in of_rows))
        totals |= {shown[table, "*", measure] for table in ("regions", "offices")}
        assert len(totals) == 1
    assert list(wrongly_explained(book)) == []
    assert sum(isinstance(value, int | Decimal) for value in shown.values()) > 100


def test_the_people_reached_in_all_years_are_those_that_the_last_reports_tell() -> None:
    """A final report in the sample holds the interim ones: its own figures are what the years add up to."""
    years = [built(KENYA, AUTUMN, SPRING, FINAL, year=year) for year in ("2015", "2016")]
    assert sum(int(str(reached(book))) for book in years) == 60 + 12


def hidden(book: Book) -> dict[tuple[str, str, str], str]:
    return {place: value for place, value in standing(book).items() if value in {"<5", "s"}}  # type: ignore[misc]


def exactly(book: Book) -> dict[tuple[str, str, str], int]:
    return {k: v for name in PEOPLE.sets for k, v in statistics_of(book, PEOPLE, name).values().items()}  # type: ignore[misc]


@pytest.mark.parametrize("copy", ["donor", "public"])
def test_no_copy_that_leaves_shows_a_small_count_or_what_is_computed_from_a_hidden_one(copy: str) -> None:
    book, whole = of_sample("2016", copy), exactly(of_sample("2016"))
    small = {place for place, count in whole.items() if 1 <= count <= 4}

    assert small
    assert small <= hidden(book).keys()
    for (table, row, column), value in standing(book).items():
        if column == "percent" and {(table, row, "target"), (table, row, "since")} & hidden(book).keys():
            assert value is None
    assert {whole[place] for place, mark in hidden(book).items() if mark == "<5"} <= {1, 2, 3, 4}
    assert len(hidden(book)) < len(whole) / 4
    assert f"{len(hidden(book))} of {len(whole)} counts of people are not shown" in str(book.values())


def test_a_copy_that_leaves_says_and_counts_the_same_where_nothing_is_hidden() -> None:
    inside, outside = standing(of_sample("2016")), standing(of_sample("2016", "donor"))
    differing = {place for place in inside if inside[place] != outside[place]}
    without_value = {place for place, value in outside.items() if value is None}

    assert inside.keys() == outside.keys()
    assert differing == hidden(of_sample("2016", "donor")).keys() | without_value
    assert {column for _, _, column in without_value} == {"percent"}


def attacked(*books: Book) -> list[Any]:
    return given_away(told_by(book, PEOPLE) for book in books)


@pytest.mark.parametrize("year", ["2015", "2016"])
def test_no_small_count_of_the_sample_can_be_bounded_within_1_to_4(year: str) -> None:
    release = release_of(of_sample(year, "donor"), PEOPLE, "reached")
    attacker = Attacker.of([release])
    small = [key for key, value in release.statistics.values().items() if 1 <= value <= 4]

    assert len(small) > 5
    for key in small:
        low, high = attacker.interval(0, key)
        assert low <= 1
        assert high >= 4


def test_no_value_from_1_to_4_can_be_excluded_for_a_small_count_of_the_sample() -> None:
    assert broken([release_of(of_sample("2014", "donor"), PEOPLE, "reached")]) == []


def in_turn(books: Iterable[Book]) -> list[Book]:
    """Each as it is released after those before it."""
    released: list[Book] = []
    for book in books:
        released.append(protected(book, PEOPLE, [told_by(earlier, PEOPLE) for earlier in released]).book)
    return released


GUARDS = [people(3, "female", "guards"), people(20, "male", "guards"), people(90, "female"), people(80, "male")]
TEACHERS = a_project("GHA-2016-01", start="2016-01-01", targets=[people(9, "female", "guards")])


def test_a_year_does_not_open_what_the_year_before_hid() -> None:
    """Three women among the guards are hidden in 2015; in 2016 a project for nine more joins, and none is few."""
    guards = a_project(start="2015-01-01", targets=GUARDS)

    assert attacked(*in_turn(built(guards, TEACHERS, year=year) for year in ("2015", "2016"))) == []


def test_a_change_of_one_record_between_two_issues_gives_nobody_away() -> None:
    project = a_project(targets=GUARDS)
    more = {**project, "targets": [people(12, "female", "guards"), *GUARDS[1:]]}

    assert attacked(*(built(one, GHANA, copy="donor") for one in (project, more))) != []
    assert attacked(*in_turn(built(one, GHANA) for one in (project, more))) == []


def test_the_first_sheet_warns_of_a_small_count_that_earlier_issues_gave_away() -> None:
    whole = built(a_project(targets=GUARDS))  # as it should never have left: open
    found = protected(whole, PEOPLE, [told_by(whole, PEOPLE)])

    assert "Not to be released: " in alerts(found.book)
    assert found.suppression["exposed"] == {"By group": 1}
    assert "Not to be released" not in alerts(protected(whole, PEOPLE).book)


def test_the_same_people_told_again_are_hidden_as_they_were() -> None:
    """Another copy, another language: what was hidden for the first one is hidden, and nothing else."""
    first = protected(of_sample("2016"), PEOPLE)
    again = protected(of_sample("2016", lang="fr"), PEOPLE, [told_by(first.book, PEOPLE)])

    assert first.marks["<5"]
    assert first.marks["s"]
    assert again.marks == first.marks


COUNTS = st.one_of(st.integers(1, 4), st.integers(0, 40))
ROWS = st.lists(
    st.builds(
        lambda group, sex, age, count: people(count, sex, group, **age),
        st.sampled_from(["guests", "hosts"]),
        st.sampled_from(["female", "male", "other"]),
        st.sampled_from([ADULT, {"age_min": 0, "age_max": 4}, {}]),
        COUNTS,
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def portfolios(draw: st.DrawFn) -> list[Record]:
    records: list[Record] = []
    for code in draw(st.sets(st.sampled_from(["KEN-2016-01", "KEN-2016-02", "GHA-2016-01"]), min_size=1)):
        records.append(a_project(code, start="2015-01-01", targets=draw(ROWS)))
        for number, (start, end) in enumerate([("2015-01-01", "2015-12-31"), ("2016-01-01", "2016-12-31")]):
            if draw(st.booleans()):
                records.append({**report(start, end, *draw(ROWS)), "project_code": code, "grant_id": f"{number}"})
    return records


@settings(max_examples=25)
@given(portfolios())
def test_the_attacker_learns_nothing_from_two_years_of_any_portfolio(records: list[Record]) -> None:
    books = in_turn(built(*records, year=year) for year in ("2015", "2016"))

    if not any("Not to be released" in alerts(book) for book in books):
        assert attacked(*books) == []


@settings(max_examples=25)
@given(portfolios())
def test_the_attacker_learns_nothing_from_one_year_of_any_portfolio_and_it_may_always_be_released(
    records: list[Record],
) -> None:
    book = built(*records, copy="public")

    assert "Not to be released" not in alerts(book)
    assert attacked(book) == []
    few = [figure for figure, mark in hidden(book).items() if mark == Shown.FEW.value]
    assert {exactly(book)[figure] for figure in few} <= {1, 2, 3, 4}


def finished(year: str, copy: str, lang: str = "en") -> Book:
    params = {"year": year, "copy": copy, "lang": lang}
    return complete(of_sample(year, copy, lang), params=params, base=of_sample("2015", copy, lang))


def everything_in(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_no_format_shows_a_hidden_count_anywhere() -> None:
    book, whole = finished("2016", "public"), exactly(of_sample("2016"))
    open_ = {str(value) for table in tables(book) for row in table.rows for value in row.cells}
    secret = {str(whole[place]) for place in hidden(book)} - open_
    secret = {count for count in secret if len(count) >= 5}  # so long that no date or size is one by chance
    formats = {
        "xlsx": everything_in(xlsx.render(book)),
        "html": html.render(book, "en").decode().replace(",", ""),
        "csv": everything_in(csv_files.render(book)),
        "json": json_document.render(book).decode(),
    }

    assert len(secret) >= 5
    for name, content in formats.items():
        numbers = set(re.findall(r"(?<![0-9a-f])\d{5,}(?![0-9a-f])", content))
        assert numbers & open_, name
        assert not numbers & secret, name


def test_all_languages_show_the_same_figures_and_hide_the_same() -> None:
    books = [of_sample("2016", "donor", lang) for lang in ("en", "fr", "es")]
    figures = [{k: v for k, v in standing(b).items() if isinstance(v, int) or v in {"<5", "s"}} for b in books]

    assert figures[0] == figures[1] == figures[2]
    assert len({sheet.name for book in books for sheet in book.sheets}) == 15
    assert all(left.title != right.title for left, right in itertools.pairwise(books))


def test_only_records_whose_fields_are_in_a_figure_or_text_are_used() -> None:
    used = {(fact.kind, fact.key) for fact in built(KENYA, AUTUMN, SPRING, {**FINAL, "reached": []}).used}

    assert {kind for kind, _ in used} == {"office", "project", "progress_report"}
    assert len([key for kind, key in used if kind == "progress_report"]) == 2
    assert ("office", "GHA") not in used


@pytest.mark.parametrize("given", ["16", "20166", "1200", "two"])
def test_a_year_is_four_digits(given: str) -> None:
    with pytest.raises(ValueError, match="give four digits"):
        REPORT.read({"year": given})
    assert REPORT.read({"year": "2016"})["year"] == "2016"


def test_the_same_facts_give_the_same_bytes() -> None:
    once, again = (copy_of(REPORT, sample(), {"year": "2016", "copy": "donor"}) for _ in range(2))
    assert xlsx.render(once) == xlsx.render(again) != xlsx.render(of_sample("2016"))


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed here")
def test_libreoffice_opens_the_workbooks(tmp_path: Path) -> None:
    paths = [tmp_path / f"{copy}-{lang}.xlsx" for copy, lang in (("internal", "en"), ("donor", "fr"))]
    for path in paths:
        copy, lang = path.stem.split("-")
        path.write_bytes(xlsx.render(finished("2016", copy, lang)))
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), *map(str, paths)], check=True, timeout=100)
    for path in paths:
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
