"""Field activities are placed in their years, counted once, and their people are added up without counting twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from leaving_books import copy_of, given_away, told_of
from muster_report import xlsx
from muster_report.about import complete
from muster_report.book import Book, Note, Table, Value
from muster_report.facts import Fact, Facts
from muster_report.figures import TOTAL
from muster_report.reports.field_activities import REPORT
from report.published_facts import BEGIN, published, rows, submission

LISTS = {"offices", "types", "partners", "donors"}
YEARS = [str(year) for year in range(1999, 2008)]


def fact(kind: str, key: str, number: int = 1, **fields: Any) -> Fact:
    return Fact(kind, key, 1, "HQ", number, BEGIN, fields, submission("HQ", 1, BEGIN))


def activity(key: str, *, office: str = "KEN", level: str = "activity", types: str = "training", **fields: Any) -> Fact:
    stated = {"title": f"Title {key}", "source": "test", "start": None, "end": None, "people": [], **fields}
    return fact("field_activity", key, offices=office.split(";"), level=level, types=types.split(";"), **stated)


def people(group: str, target: int | None, reached: int | None) -> dict[str, Any]:
    return {"group": group, "target": target, "reached": reached}


OFFICES = [fact("office", code, name=name, type="country", iso3=code) for code, name in
           (("KEN", "Kenya"), ("UGA", "Uganda"))]  # fmt: skip
SMALL = [
    activity("p1", level="programme", start="2016", end="2017",
             people=[people("women", 100, 80), people("men", 50, None)]),
    activity("p1.1", level="component", parent_activity_id="p1", people=[people("girls", 10, 8)]),
    activity("a1", office="KEN;UGA", types="training;research", start="2016-03", end="2016-05-31",
             people=[people("farmers", None, 30)], note="a remark"),
    activity("a2", office="UGA", types="research", start="2015-06", people=[people("nurses", 4, 3)]),
    activity("a3", office="UGA"),
    activity("a4", office="UGA", end="2016"),
    activity("a5", level="programme"),
    activity("a5.1", level="component", parent_activity_id="a5", start="2016-07", end="2016-07"),
    activity("a6", start="2014", end="2014"),
    activity("a6.1", level="component", parent_activity_id="a6", start="2016", end="2016"),
]  # fmt: skip


def small(*more: Fact, without: str = "") -> Facts:
    return Facts.of([*OFFICES, *(f for f in SMALL if f.key != without), *more])


@cache
def published_activities() -> tuple[Fact, ...]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows("field_activity_people"):
        counts = [int(row[name]) if row[name] else None for name in ("target", "reached")]
        groups.setdefault(row["activity_id"], []).append(people(row["group"], *counts))
    facts = published("office")
    for number, row in enumerate(rows("field_activities"), start=90_000):
        fields = {name: text.split(";") if name in LISTS and text else text or None for name, text in row.items()}
        empty: dict[str, Any] = {name: [] for name in LISTS if not fields[name]}
        of = {**fields, **empty, "people": groups.get(row["activity_id"], [])}
        facts.append(fact("field_activity", row["activity_id"], number, **of))
    return tuple(facts)


def built(facts: Facts | Iterable[Fact], year: str = "2016", copy: str = "internal", **more: str) -> Book:
    of = facts if isinstance(facts, Facts) else Facts.of(facts)
    return copy_of(REPORT, of, {"year": year, "copy": copy, **more})


def figures(book: Book, table: str, column: str) -> dict[str, Value]:
    cells = (cell for sheet in book.sheets for cell in sheet.cells())
    return {c.identity[2]: c.value for c in cells if c.identity[:2] == ("table", table) and c.identity[3] == column}


def tables(book: Book) -> list[Table]:
    return [block for sheet in book.sheets for block in sheet.blocks if isinstance(block, Table)]


def alerts(book: Book) -> str:
    notes = [block for sheet in book.sheets for block in sheet.blocks if isinstance(block, Note)]
    return " ".join(note.text for note in notes if note.tone == "alert")


def listed(book: Book, table: str = "list-offices") -> list[str]:
    return list(figures(book, table, "title"))


def explained(book: Book) -> int:
    """Holds every number of every table against the sum of its parts; returns how many there were."""
    count = 0
    for table in tables(book):
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if isinstance(value, int | Decimal):
                    assert table.parts is not None, table.key
                    parts = table.parts(row.key, column.key)
                    assert parts, (table.key, row.key, column.key)
                    assert sum(part.value for part in parts) == value, (table.key, row.key, column.key)
                    assert {id(part.fact) for part in parts} <= {id(used) for used in book.used}
                    count += 1
    return count


def test_the_key_figures_count_programmes_and_activities_and_not_their_parts() -> None:
    counted = {"Field_Activities": 5, "Programmes": 2, "Activities": 3, "Running_On": 1, "Components": 3, "Undated": 1}
    assert figures(built(small()), "headline", "figure") == counted


def test_an_activity_of_two_offices_counts_in_both_and_once_in_the_total() -> None:
    offices = figures(built(small()), "offices", "activities")
    assert offices == {"KEN": 3, "UGA": 3, "sum-of-offices": 6, "shared": -1, TOTAL: 5}
    alone = figures(built(small(without="a1")), "offices", "activities")
    assert alone == {"KEN": 2, "UGA": 2, TOTAL: 4}


def test_an_activity_of_two_types_counts_under_both_and_once_in_the_first_column() -> None:
    book = built(small())
    assert figures(book, "offices", "training")[TOTAL] == 4
    assert figures(book, "offices", "research") == {"KEN": 1, "UGA": 2, "sum-of-offices": 3, "shared": -1, TOTAL: 2}
    assert "5 of them make 6 pairs with an office and 6 pairs with a type" in str(book.values())


def test_an_activity_belongs_to_each_year_from_its_start_to_its_end() -> None:
    years = {year: listed(built(small(), year)) for year in ("2013", "2014", "2015", "2016", "2017", "2018")}
    assert [year for year, keys in years.items() if "p1" in keys] == ["2016", "2017"]
    assert [year for year, keys in years.items() if "a2" in keys] == ["2015", "2016", "2017", "2018"]
    assert [year for year, keys in years.items() if "a4" in keys] == ["2016"]
    assert [year for year, keys in years.items() if "a5" in keys] == ["2016"]


def test_a_part_without_dates_has_the_years_of_its_whole_and_a_whole_those_of_its_parts() -> None:
    told = figures(built(small()), "list-offices", "years_from")
    assert (told["p1.1"], told["a5"], told["p1"]) == ("Its whole", "Its parts", "Its dates")
    assert "p1.1" in listed(built(small(), "2017"))


def test_one_that_only_runs_on_is_pointed_out_and_one_of_the_year_is_not() -> None:
    assert "1 programme or activity counts here only because it started before 2016" in alerts(built(small()))
    assert "counts here only because" not in alerts(built(small(), "2015"))


def test_activities_without_dates_are_shown_apart_in_every_year_and_counted_in_the_book_of_all() -> None:
    for year in ("2013", "2016"):
        book = built(small(), year)
        assert figures(book, "undated", "activities")[TOTAL] == 1
        assert listed(book, "list-undated") == ["a3"]
        assert "1 programme or activity states no dates" in alerts(book)
    everything = built(small(), "all")
    assert figures(everything, "headline", "figure")["Field_Activities"] == 7
    assert not figures(everything, "undated", "activities")


def test_a_part_outside_the_years_of_its_whole_is_pointed_out_and_not_counted_for_it() -> None:
    assert "Components of this year whose programme or activity is not in it" in alerts(built(small()))
    assert "a6.1." in alerts(built(small()))
    assert "a6.1" not in alerts(built(small(), "all"))


def test_people_of_a_part_are_not_added_where_its_whole_states_that_measure() -> None:
    book = built(small())
    assert figures(book, "people-by-office-offices", "target") == {"KEN": 150, "KEN;UGA": None, "UGA": 4, TOTAL: 154}
    assert figures(book, "people-by-office-offices", "reached") == {"KEN": 80, "KEN;UGA": 30, "UGA": 3, TOTAL: 113}
    assert figures(book, "people-by-group-offices", "added")["p1.1/0"] == "In its whole"
    silent = built(small(replace(SMALL[0], fields={**SMALL[0].fields, "people": [people("women", 100, None)]})))
    assert figures(silent, "people-by-office-offices", "reached")[TOTAL] == 8 + 30 + 3
    assert figures(silent, "people-by-office-offices", "target")[TOTAL] == 100 + 4


def test_a_target_that_is_not_stated_is_empty_and_zero_is_zero() -> None:
    none = activity("z", start="2016", end="2016", people=[people("guests", 0, 0), people("hosts", None, None)])
    book = built([*OFFICES, none])
    assert figures(book, "people-by-group-offices", "target") == {"z/0": 0, "z/1": None}
    assert figures(book, "people-by-group-offices", "percent") == {"z/0": None, "z/1": None}
    assert figures(book, "people-by-office-offices", "target_stated")[TOTAL] == 1


def test_reached_stands_in_percent_of_a_target_that_is_stated() -> None:
    shares = figures(built(small()), "people-by-group-offices", "percent")
    assert (shares["p1/0"], shares["p1/1"], shares["a1/0"]) == (80, None, None)
    assert shares["p1.1/0"] == Decimal("80.0")


@pytest.mark.parametrize("copy", ["donor", "public"])
def test_copies_that_leave_the_house_hide_small_counts_and_what_would_give_them_away(copy: str) -> None:
    book = built(small(), copy=copy)
    for measure in ("target", "reached"):
        assert figures(book, "people-by-group-offices", measure)["a2/0"] == "<5"
        totals = figures(book, "people-by-office-offices", measure)
        others = [value for office, value in totals.items() if office != "UGA" and value is not None]
        assert totals["UGA"] == "<5"
        assert not all(isinstance(value, int) for value in others)
    assert figures(book, "people-by-group-offices", "percent")["a2/0"] is None
    assert "a remark" not in str(book.values())
    assert "a remark" in str(built(small()).values())


def test_a_small_count_follows_from_none_of_several_years_released_together() -> None:
    """The activity without dates stands in every year, with others each time."""
    alone = [told_of(REPORT, built(small(), year, "public")) for year in ("2016", "all")]
    first = built(small(), "2016", "public")
    second = copy_of(REPORT, small(), {"year": "all", "copy": "public"}, [told_of(REPORT, first)])

    assert given_away(alone[:1]) == []
    assert given_away([told_of(REPORT, first), told_of(REPORT, second)]) == []


def test_every_number_is_the_sum_of_its_parts() -> None:
    assert explained(built(small())) > 40
    assert 0 < explained(built(small(), copy="public")) < explained(built(small()))
    assert explained(built(published_activities(), "2002")) > 100
    assert explained(built(published_activities(), "all", "public")) > 100


def test_all_50_published_programmes_and_activities_are_counted_and_each_has_its_place() -> None:
    everything = figures(built(published_activities(), "all"), "headline", "figure")
    assert everything == {"Field_Activities": 50, "Programmes": 8, "Activities": 42, "Components": 23}
    books = {year: built(published_activities(), year) for year in YEARS}
    undated = {key for book in books.values() for key in listed(book, "list-undated")}
    dated = {key for book in books.values() for key in listed(book)}
    assert dated | undated == {row["activity_id"] for row in rows("field_activities")}
    assert not dated & undated


def test_the_published_activities_of_2002_are_those_whose_dates_say_so() -> None:
    book = built(published_activities(), "2002")
    counted = [row for row in rows("field_activities") if row["level"] != "component"]
    begun = [row for row in counted if row["start"] and row["start"][:4] <= "2002"]
    of_2002 = {row["activity_id"] for row in begun if not row["end"] or row["end"][:4] >= "2002"}
    by_parts = {"259-AUT-01"}  # undated, with components of May and June 2002
    components = {row["activity_id"] for row in rows("field_activities") if row["level"] == "component"}
    assert set(listed(book)) - components == of_2002 | by_parts
    assert figures(book, "offices", "activities")[TOTAL] == len(of_2002 | by_parts) == 22
    reached = figures(book, "people-by-office-offices", "reached")
    stated = {office: count for office, count in reached.items() if count}
    assert stated == {"ALB": 28, "KAZ": 300, "TUN": 65, TOTAL: 393}
    assert figures(book, "people-by-office-undated", "target")["CRI"] == 250_000 + 3_450 + 250


def test_a_change_marks_every_year_whose_book_it_changes() -> None:
    facts, known = published_activities(), [{"year": year} for year in (*YEARS, "all")]
    before = {params["year"]: built(facts, params["year"]).values() for params in known}
    for changed in [f for f in facts if f.kind == "field_activity"][::6]:
        later = replace(changed, fields={**changed.fields, "title": "Another title", "start": "2003-02", "end": "2004"})
        after = Facts.of(later if f is changed else f for f in facts)
        marked = [p for fields in (changed.fields, later.fields) for p in REPORT.affected(changed.kind, fields, known)]
        moved = [params for params in known if built(after, params["year"]).values() != before[params["year"]]]
        assert moved
        assert [params for params in moved if params not in marked] == []


def test_a_dated_activity_marks_its_own_years_and_one_that_runs_on_later_ones_that_are_known() -> None:
    known = [{"year": "2010"}, {"year": "2014"}, {"year": "2020"}, {"year": "all"}]

    def marked(key: str) -> list[str]:
        fields = next(f.fields for f in SMALL if f.key == key)
        return [params["year"] for params in REPORT.affected("field_activity", fields, known)]

    assert marked("p1") == ["2016", "2017", "all"]
    assert marked("a2") == ["2015", "all", "2020"]
    assert sorted(marked("a3")) == ["2010", "2014", "2020", "all"]
    assert sorted(marked("a5.1")) == ["2010", "2014", "2016", "2020", "all"]  # it alone dates a5
    assert list(REPORT.affected("office", {"name": "Kenya"}, known)) == known


def test_activities_that_are_part_of_each_other_do_not_hang_the_report_or_lose_their_people() -> None:
    circle = [
        activity("x", parent_activity_id="y", people=[people("women", 7, None)]),
        activity("y", parent_activity_id="x", people=[people("men", 6, None)]),
        activity("s", parent_activity_id="s"),
    ]
    assert figures(built([*OFFICES, *circle]), "undated", "activities")[TOTAL] == 3
    dated = [circle[0], replace(circle[1], fields={**circle[1].fields, "start": "2016", "end": "2016"})]
    assert listed(built([*OFFICES, *dated])) == ["x", "y"]
    assert figures(built([*OFFICES, *dated]), "people-by-office-offices", "target")[TOTAL] == 7 + 6


def test_a_year_without_activities_says_so_on_each_sheet() -> None:
    book = built([*OFFICES])
    assert [sheet.name for sheet in book.sheets] == ["By office and type", "Target and actual", "List"]
    assert alerts(book).count("No field activity belongs to 2016") == 3
    assert book.used == ()
    assert xlsx.render(complete(book, params={"year": "2016", "copy": "internal"}, base=None))


def test_the_workbook_speaks_french_and_spanish() -> None:
    assert built(small(), lang="fr").sheets[1].name == "Cibles et résultats"
    assert figures(built(published_activities(), "2002", lang="es"), "offices", "label")["KAZ"] == "Kazajistán"
    spanish = next(table for table in tables(built(small(), lang="es")) if table.key == "offices")
    assert [column.heading for column in spanish.columns][2:] == ["Formación", "Investigación"]


def test_the_year_is_four_digits_or_all() -> None:
    assert [REPORT.read({"year": given})["year"] for given in ("2016", "ALL")] == ["2016", "all"]
    with pytest.raises(ValueError, match="is not a year"):
        REPORT.read({"year": "16"})
