"""People of a donor's projects add up on every sheet, and no small count can be worked out from a copy that leaves."""

from __future__ import annotations

import pytest

from leaving_books import protected_book, told_of
from muster_report.facts import Facts
from muster_report.reports.donor import REPORT
from muster_report.reports.donor_people import figures_of
from muster_shared.age_bands import AGES, SEXES, age_band
from report.money_facts import (
    DONORS,
    a_grant,
    a_project,
    a_report,
    cell,
    facts_of,
    people,
    sample_records,
    tables,
)
from report.money_facts import (
    donor_book as built,
)


@pytest.fixture(scope="module")
def portfolio() -> Facts:
    return facts_of(sample_records())


def test_people_are_counted_by_project_group_sex_and_age_for_the_whole_project() -> None:
    targets = [people(100, age_min=0, age_max=4), people(50, "male", "hosts"), people(10, age_min=3, age_max=30)]
    first = a_report(reached=[people(40, age_min=1, age_max=4)])
    second = a_report("KEN-2016-01-G2", reached=[people(30, "male", "hosts", age_min=60)])
    book = built(a_project(targets=targets), a_grant(), a_grant("KEN-2016-01-G2", donor_id="other"), first, second)
    assert [cell(book, "projects", "KEN-2016-01", c) for c in ("target", "reached", "percent")] == [160, 70, 44]
    assert [cell(book, "groups", "hosts", c) for c in ("target", "reached")] == [50, 30]
    assert [cell(book, "sex-age", age, "target/female") for age in AGES] == [100, None, None, None, None, 10]
    assert cell(book, "sex-age", "60+", "reached/male") == 30
    assert cell(book, "detail", "KEN-2016-01/returnees/female", "reached/0-4") == 40


@pytest.mark.parametrize(
    ("bounds", "band"),
    [
        ({"age_min": 0, "age_max": 4}, "0-4"),
        ({"age_max": 3}, "0-4"),
        ({"age_min": 5, "age_max": 11}, "5-11"),
        ({"age_min": 12, "age_max": 17}, "12-17"),
        ({"age_min": 18, "age_max": 59}, "18-59"),
        ({"age_min": 60}, "60+"),
        ({"age_min": 18}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_an_age_range_is_in_the_band_that_holds_it_and_else_unknown(bounds: dict[str, int], band: str) -> None:
    assert age_band(bounds) == band


def test_copies_that_leave_the_house_hide_small_counts_and_what_would_give_them_away() -> None:
    reached = [people(3, age_min=0, age_max=4), people(50, age_min=5, age_max=11), people(60, age_min=18, age_max=59)]
    records = (a_project(targets=[people(200)]), a_grant(), a_report(reached=reached))
    inside, outside = built(*records), built(*records, copy="donor")
    assert cell(inside, "detail", "KEN-2016-01/returnees/female", "reached/0-4") == 3
    shown = [cell(outside, "detail", "KEN-2016-01/returnees/female", f"reached/{age}") for age in (*AGES, "*")]
    assert shown[0] == "<5"
    assert sum(isinstance(value, str) for value in shown) > 1  # one alone would follow from the others


def test_every_published_count_is_protected_with_its_base_cells(portfolio: Facts) -> None:
    params = {"donor_id": DONORS[1], "until": "2016-11-30", "copy": "public"}
    found = protected_book(REPORT, portfolio, params)
    releases = told_of(REPORT, found.book)
    hidden = {tuple(key) for keys in found.marks.values() for key in keys}
    small = {key for told in releases.values() for key, value in told.statistics.values().items() if 1 <= value <= 4}

    assert found.suppression["exposed"] == {}
    assert len(small) > 10
    assert small <= hidden
    assert {cell(found.book, *key) for key in small} <= {"<5", "s"}
    assert set(releases) == {"target", "reached"}


def test_percentages_are_left_out_where_one_of_their_counts_is_hidden() -> None:
    records = (a_project(targets=[people(200)]), a_grant(), a_report(reached=[people(3)]))
    assert cell(built(*records), "projects", "KEN-2016-01", "percent") == 2
    assert cell(built(*records, copy="public"), "projects", "KEN-2016-01", "percent") is None


def test_each_sheet_of_people_has_the_same_total(portfolio: Facts) -> None:
    book = REPORT.build(portfolio, {"donor_id": DONORS[0], "until": "2016-11-30", "copy": "internal"})
    for measure in ("target", "reached"):
        total = cell(book, "projects", "*", measure)
        detail = next(table for _, table in tables(book) if table.key == "detail")
        at = [column.key for column in detail.columns].index(f"{measure}/*")
        assert total == cell(book, "groups", "*", measure) == cell(book, "sex-age", "*", f"{measure}/*")
        assert total == sum(row.cells[at] for row in detail.rows if row.cells[at])  # type: ignore[misc]
        assert total == sum(cell(book, "sex-age", "*", f"{measure}/{sex}") or 0 for sex in SEXES)  # type: ignore[misc]


def test_a_figure_that_stands_twice_has_one_key() -> None:
    cells = [("P", "g", "female", "0-4"), ("P", "g", "male", "0-4")]
    assert ("sex", "*", "0-4") in set(figures_of(cells[0])) & set(figures_of(cells[1]))
