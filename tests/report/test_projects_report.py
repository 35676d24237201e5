"""Every project with every field: nothing left out, each list in rows of its own, and a first sheet that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from muster_report.about import complete
from muster_report.book import Book, Sheet, Table, Value
from muster_report.bulk import is_bulk
from muster_report.facts import Fact, Facts
from muster_report.reports.projects import REPORT
from muster_report.xlsx import render
from report.export_facts import fact_of, facts_of, sample_records
from report.test_bulk_sheets import unexplained

KENYA = {"kind": "office", "office": "KEN", "name": "Kenya", "type": "country", "iso3": "KEN"}
OFFICE = {**KENYA, "region": "east_horn_of_africa"}
PROJECT: dict[str, Any] = {
    "kind": "project",
    "project_code": "KEN-1",
    "title": "=Shelter & more",
    "office": "KEN",
    "start": "2016-01-01",
    "end": "2017-12-31",
    "manager": {"name": "Amina Otieno", "email": "amina@example.org"},
    "alternate_manager": {"name": "Peter Maina", "email": "peter@example.org"},
    "budget": {"amount": "1250000.50", "currency": "EUR"},
    "areas": [{"code": "migration_health", "percent": 33.3}, {"code": "migrant_assistance", "percent": "66.7"}],
    "activities": [{"code": "training", "percent": 100}],
    "objectives": "People live in safety.",
    "sdg_targets": ["10.7", "3.8"],
    "gender_marker": 2,
    "targets": [
        {"group": "returnees", "sex": "female", "age_min": 0, "age_max": 4, "count": 3},
        {"group": "returnees", "sex": "male", "age_min": 60, "count": 40},
        {"group": "host community", "count": 200},
    ],
    "milestones": [
        {"name": "Inception", "due": "2016-02-01", "completed": "2016-02-03"},
        {"name": "Handover", "due": "2017-11-01"},
    ],
    "status": "active",
}


def built(*records: Mapping[str, Any], copy: str = "internal", lang: str = "en") -> Book:
    return REPORT.build(facts_of(records), {"copy": copy, "lang": lang})


def sheet(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


def table(book: Book, name: str) -> Table:
    (block,) = sheet(book, name).blocks
    assert isinstance(block, Table)
    return block


def rows(book: Book, name: str) -> list[dict[str, Value]]:
    found = table(book, name)
    return [dict(zip([c.key for c in found.columns], row.cells, strict=True)) for row in found.rows]


def alerts(book: Book) -> str:
    return " ".join(block.text for block in book.sheets[0].blocks if getattr(block, "tone", "") == "alert")  # type: ignore[union-attr]


def leaves(value: Any) -> Iterator[Any]:
    """Every single value in the fields of a record."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from () if name == "status" else leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield value


def written(cell: Value) -> Iterator[str]:
    yield str(cell)
    yield f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    yield from str(cell).split("; ")


@pytest.fixture(scope="module")
def sample() -> list[Fact]:
    return [fact_of(record, position) for position, record in enumerate(sample_records(), start=1)]


@pytest.fixture(scope="module")
def book(sample: list[Fact]) -> Book:
    return REPORT.build(Facts.of(sample), {"copy": "internal"})


def test_a_project_stands_in_one_row_with_its_own_fields() -> None:
    (row,) = rows(built(OFFICE, PROJECT), "Projects")
    receipt, updated = row.pop("receipt"), row.pop("updated")
    assert row == {
        "project": "KEN-1", "title": "=Shelter & more", "office": "KEN", "office_name": "Kenya",
        "region": "East and Horn of Africa", "status": "Active", "start": date(2016, 1, 1), "end": date(2017, 12, 31),
        "manager": "Amina Otieno", "manager_email": "amina@example.org", "alternate": "Peter Maina",
        "alternate_email": "peter@example.org", "budget": Decimal("1250000.50"), "currency": "EUR", "gender_marker": 2,
        "sdg_targets": "10.7; 3.8", "objectives": "People live in safety.", "areas": 2, "activities": 1, "targets": 3,
        "people": 243, "milestones": 2, "completed": 1,
    }  # fmt: skip
    assert (receipt, updated) == ("HQ-000001", date(2015, 11, 20))


def test_each_list_of_a_project_has_a_sheet_with_a_row_for_each_entry() -> None:
    book = built(OFFICE, PROJECT)
    assert [(r["project"], r["code"], r["percent"]) for r in rows(book, "Areas")] == [
        ("KEN-1", "migration_health", Decimal("33.3")),
        ("KEN-1", "migrant_assistance", Decimal("66.7")),
    ]
    assert [(r["activity"], r["percent"]) for r in rows(book, "Activities")] == [("Training", 100)]
    targets = [tuple(r[key] for key in ("group", "sex", "age_min", "age_max", "count")) for r in rows(book, "Targets")]
    assert targets == [
        ("returnees", "Female", 0, 4, 3), ("returnees", "Male", 60, None, 40), ("host community", None, None, None, 200)
    ]  # fmt: skip
    milestones = [(r["milestone"], r["due"], r["done"]) for r in rows(book, "Milestones")]
    assert milestones == [
        ("Inception", date(2016, 2, 1), date(2016, 2, 3)),
        ("Handover", date(2017, 11, 1), None),
    ]


def test_every_value_of_every_sample_project_is_in_its_rows(sample: list[Fact], book: Book) -> None:
    held: dict[str, set[str]] = {}
    for name in ("Projects", "Areas", "Activities", "Targets", "Milestones"):
        for row in table(book, name).rows:
            held.setdefault(str(row.cells[0]), set()).update(text for cell in row.cells for text in written(cell))
    projects = [fact for fact in sample if fact.kind == "project"]
    sexes = {"female": "Female", "male": "Male", "other": "Other", "unknown": "Unknown"}
    for fact in projects:
        stated = {sexes.get(str(value), str(value)) for value in leaves(fact.fields)}
        assert stated - held[fact.key] == set()
    assert len(held) == len(projects) == 128


def test_the_first_sheet_counts_what_the_others_hold(sample: list[Fact], book: Book) -> None:
    first = book.sheets[0]
    projects = [fact.fields for fact in sample if fact.kind == "project"]
    counted = {row.key: row.cells[1] for row in first.table("contents")[0].rows}
    assert counted == {
        "projects": len(projects),
        **{name: sum(len(one[name]) for one in projects) for name in ("areas", "activities", "targets", "milestones")},
    }
    for name, count in counted.items():
        assert len(list(table(book, name.capitalize()).rows)) == len(table(book, name.capitalize()).rows) == count
    statuses = Counter(one["status"] for one in projects)
    regions = first.table("regions")[0]
    total = dict(zip([column.key for column in regions.columns], regions.rows[-1].cells, strict=True))
    assert {status: total[f"status {status}"] for status in statuses} == statuses
    assert total["*"] == sum(row.cells[-1] for row in regions.rows[:-1]) == 128  # type: ignore[misc]
    budgets = {row.key: row.cells[1:] for row in first.table("currencies")[0].rows}
    assert budgets == {"USD": (128, sum(Decimal(one["budget"]["amount"]) for one in projects))}


def test_budgets_in_different_currencies_are_not_added_up() -> None:
    other = {**PROJECT, "project_code": "KEN-2", "budget": {"amount": "10.25", "currency": "USD"}}
    first = built(OFFICE, PROJECT, other, {**other, "project_code": "KEN-3"}).sheets[0]
    assert [row.cells for row in first.table("currencies")[0].rows] == [
        ("EUR", 1, Decimal("1250000.50")),
        ("USD", 2, Decimal("20.50")),
    ]


def test_every_figure_is_the_sum_of_its_parts(book: Book) -> None:
    assert unexplained(book) == []
    people = table(book, "Projects")
    assert people.parts
    assert [part.path for part in people.parts("ALB-2014-01", "people")][:2] == ["targets/0/count", "targets/1/count"]
    assert people.parts("no such project", "people") == []


def test_copies_that_leave_the_house_name_no_person() -> None:
    persons = ("Amina Otieno", "amina@example.org", "Peter Maina", "peter@example.org")
    assert all(person in str(built(OFFICE, PROJECT).values()) for person in persons)
    for copy in ("donor", "public"):
        assert not any(person in str(built(OFFICE, PROJECT, copy=copy).values()) for person in persons)


def test_copies_that_leave_the_house_tell_no_count_of_people() -> None:
    for copy in ("donor", "public"):
        leaving = built(OFFICE, PROJECT, copy=copy)
        assert len(rows(leaving, "Targets")) == len(PROJECT["targets"])
        assert all("count" not in row for row in rows(leaving, "Targets"))
        assert "people" not in rows(leaving, "Projects")[0]
        assert unexplained(leaving) == []


def test_what_is_wrong_is_said_on_the_first_sheet() -> None:
    areas = [{"code": "migration_health", "percent": 33}, {"code": "migrant_assistance", "percent": 66}]
    wrong = {**PROJECT, "areas": areas, "end": "2015-12-31", "budget": {"amount": None, "currency": None}}
    said = alerts(built(wrong))
    assert "The areas of 1 project do not sum to 100 percent: KEN-1." in said
    assert "1 project ends before it begins: KEN-1." in said
    assert "1 project states no budget or no currency: KEN-1." in said
    assert "1 project belongs to an office whose region is not known." in said
    assert alerts(built(OFFICE, PROJECT)) == ""


def test_without_a_project_the_workbook_says_so() -> None:
    empty = built(OFFICE)
    assert "No project has been submitted yet." in alerts(empty)
    assert len(empty.sheets) == 6
    assert empty.used == ()
    assert render(complete(empty, params={"copy": "internal"}, base=None))


def test_rows_are_streamed_and_come_in_the_order_of_their_keys(book: Book) -> None:
    codes = ["KEN-1", "KEN-1-2", "KEN-10", "KEN-1.5"]
    some = built(OFFICE, *({**PROJECT, "project_code": code} for code in codes))
    for name in ("Projects", "Areas", "Activities", "Targets", "Milestones"):
        for found in (table(book, name), table(some, name)):
            keys = [row.key for row in found.rows]
            assert is_bulk(found)
            assert keys == sorted(keys)
            assert len(set(keys)) == len(keys)


def test_the_figures_come_from_the_facts_used_and_no_others(sample: list[Fact], book: Book) -> None:
    assert REPORT.build(Facts.of(book.used), {"copy": "internal"}).values() == book.values()
    with_projects = {fact.fields["office"] for fact in sample if fact.kind == "project"}
    assert {fact.key for fact in book.used if fact.kind == "office"} == with_projects


def test_a_changed_project_marks_the_report_and_an_office_only_where_it_was_asked_for() -> None:
    assert list(REPORT.affected("project", PROJECT, [])) == [{}]
    assert list(REPORT.affected("office", OFFICE, [])) == []
    assert list(REPORT.affected("office", OFFICE, [{"copy": "internal"}, {"copy": "public"}])) == [{}]
    assert REPORT.read({}) == {"copy": "internal"}


def test_french_and_spanish_workbooks_are_in_their_language() -> None:
    french, spanish = (built(OFFICE, PROJECT, lang=lang, copy="public") for lang in ("fr", "es"))
    assert [sheet.name for sheet in french.sheets][1:] == ["Projets", "Domaines", "Activités", "Cibles", "Jalons"]
    assert rows(french, "Projets")[0]["status"] == "En cours"
    assert rows(spanish, "Metas")[0]["sex"] == "Femenino"
    headings = {column.heading for name in ("Projets", "Cibles") for column in table(french, name).columns}
    assert not headings & {"Project", "Title", "Office", "Status", "People", "Age from"}


def test_the_same_facts_give_the_same_bytes(sample: list[Fact], book: Book) -> None:
    params = {"copy": "internal"}
    again = REPORT.build(Facts.of(reversed(sample)), params)
    first, second = (render(complete(one, params=params, base=None)) for one in (book, again))
    assert first == second
    changed = [replace(f, fields={**f.fields, "title": "Another"}) if f.key == "ALB-2014-01" else f for f in sample]
    assert render(complete(REPORT.build(Facts.of(changed), params), params=params, base=None)) != first
