"""Changes names exactly the cells that moved, by what they are and not by where they stand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from muster_report.about import complete
from muster_report.book import Book, Sheet, Value
from muster_report.changes import Difference, biggest_first, differences
from muster_report.facts import Facts
from muster_report.reports import catalogue
from report.published_facts import published, published_facts, with_change, without

PARAMS = {"year": "2016", "copy": "internal"}
FUNDING = ("office", "funding_requirement", "initiative")


def built(facts: Facts) -> Book:
    return catalogue()["funding-requirements"].build(facts, PARAMS)


def partnerships(facts: Facts) -> Book:
    return catalogue()["partnerships"].build(facts, {"source": "MC/INF/253", "copy": "internal"})


def sheet(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


def words(book: Book, name: str) -> str:
    return " ".join(str(value) for value in book.values()[name].values())


def test_one_changed_amount_moves_its_cell_its_totals_and_nothing_else() -> None:
    old = built(published_facts(*FUNDING))
    new = built(with_change(published(*FUNDING), "2016/KEN/migration_health", amount="760000"))
    found = differences(old, new)
    assert [(d.sheet, d.row_label, d.column_label) for d in found] == [
        ("Overview", "Migration health", "East and Horn of Africa"),
        ("Overview", "Migration health", "Total"),
        ("Overview", "Total", "East and Horn of Africa"),
        ("Overview", "Total", "Total"),
        ("Overview", "The eight regions stated by country", "Required, USD"),
        ("Overview", "Total", "Required, USD"),
        ("East and Horn of Africa", "Kenya", "Migration health"),
        ("East and Horn of Africa", "Kenya", "Total"),
        ("East and Horn of Africa", "Total", "Migration health"),
        ("East and Horn of Africa", "Total", "Total"),
    ]
    assert all(d.new - d.old == 10_000 for d in found)  # type: ignore[operator]
    assert all(new.values()[d.sheet][d.cell] == d.new for d in found)


def test_in_the_reconciliation_the_computed_figures_move_with_it_and_nothing_else() -> None:
    new = built(with_change(published(), "2016/KEN/migration_health", amount="760000"))
    found = [d for d in differences(built(published_facts()), new) if d.sheet == "Reconciliation"]
    assert {d.column_label for d in found} == {"Computed", "Difference", ""}
    assert len([d for d in found if d.column_label == "Computed"]) == 6
    assert [d.row_label for d in found if d.column_label == ""] == ["Note"]


def test_a_line_that_comes_moves_only_its_own_cells_and_the_totals() -> None:
    facts = published(*FUNDING)
    old = built(without(facts, lambda fact: fact.key.startswith("2016/BDI/")))
    new = built(Facts.of(facts))
    found = [d for d in differences(old, new) if d.sheet == "East and Horn of Africa"]
    assert {d.row_label for d in found} == {"Burundi", "Total"}
    assert all(d.old is None for d in found if d.row_label == "Burundi")
    assert all(new.values()[d.sheet][d.cell] == d.new for d in found)


def test_a_line_that_goes_is_listed_at_the_cell_where_it_stood() -> None:
    facts = published(*FUNDING)
    old, new = built(Facts.of(facts)), built(without(facts, lambda fact: fact.key.startswith("2016/BDI/")))
    gone = [d for d in differences(old, new) if d.row_label == "Burundi"]
    assert gone
    for difference in gone:
        assert difference.new is None
        assert difference.old == old.values()["East and Horn of Africa"][difference.cell]


def test_a_partnership_that_goes_leaves_the_other_rows_of_the_list_unchanged() -> None:
    facts = published("office", "partner", "partnership")
    old, new = partnerships(Facts.of(facts)), partnerships(without(facts, lambda f: f.key == "253-02-acted"))
    assert {d.row_label for d in differences(old, new) if d.sheet == "List"} == {"ACTED (253-02-acted)"}


def test_a_sheet_that_comes_is_listed_whole() -> None:
    new = built(with_change(published(*FUNDING), "2016/KEN/migration_health", currency="EUR"))
    found = [d for d in differences(built(published_facts(*FUNDING)), new) if d.sheet == "Not added"]
    assert [d.cell for d in found] == ["A5", "B5", "C5", "D5"]


def test_the_changes_sheet_lists_the_differences_against_the_released_book() -> None:
    released = built(published_facts(*FUNDING))
    book = built(with_change(published(*FUNDING), "2016/KEN/migration_health", amount="760000"))
    finished = complete(book, params=PARAMS, base=released, base_label="released on 1 December 2016")
    table, _ = sheet(finished, "Changes").table("changes")
    assert len(table.rows) == 10
    kenya = ("East and Horn of Africa", "C8", "Kenya", "Migration health", 750_000, 760_000, 10_000)
    assert kenya in [row.cells for row in table.rows]
    assert "released on 1 December 2016" in words(finished, "Changes")


def test_a_completed_base_compares_like_a_bare_one() -> None:
    book = built(published_facts(*FUNDING))
    assert differences(complete(book, params=PARAMS, base=None), complete(book, params=PARAMS, base=book)) == []


def test_without_a_release_or_without_differences_the_changes_sheet_says_so() -> None:
    book = built(published_facts(*FUNDING))
    assert "No issue has been released yet" in words(complete(book, params=PARAMS, base=None), "Changes")
    assert "No differences." in words(complete(book, params=PARAMS, base=book), "Changes")


def test_about_names_the_newest_change_in_the_book_and_not_of_the_log() -> None:
    facts = published()
    latest = max(fact.position for fact in facts if fact.kind == "published_total")
    moved = [replace(f, position=99_999) if f.kind == "partnership" else f for f in facts]
    about = complete(built(Facts.of(moved)), params=PARAMS, base=None).values()["About"]
    labels = {value: about.get(f"B{cell[1:]}") for cell, value in about.items() if cell.startswith("A")}
    assert labels["Change-log position"] == latest
    assert labels["Year"] == 2016
    assert labels["As of"] == "1 January 2016, 02:42 UTC"


def test_sources_lists_each_submission_once_by_office_and_receipt() -> None:
    book = complete(built(published_facts()), params=PARAMS, base=None)
    table, _ = sheet(book, "Sources").table("sources")
    assert [row.cells[0] for row in table.rows] == ["HQ-000001", "HQ-000004", "HQ-000005", "HQ-000006"]
    assert table.rows[0].cells[2] == "2015-11-20 08:00:00"


def test_the_biggest_change_of_a_sheet_comes_first_and_words_come_last() -> None:
    def changed(sheet: str, cell: str, old: Value, new: Value) -> Difference:
        return Difference(sheet, cell, "row", "column", old, new)

    found = [
        changed("A", "B1", "word", "another"),
        changed("A", "B2", 5, 6),
        changed("A", "B3", Decimal(900), None),
        changed("B", "B1", None, 10_000),
        changed("A", "B4", None, Decimal("20.5")),
    ]
    assert [(d.sheet, d.cell, d.by) for d in biggest_first(found)] == [
        ("A", "B3", Decimal(-900)),
        ("A", "B4", Decimal("20.5")),
        ("A", "B2", 1),
        ("A", "B1", None),
        ("B", "B1", 10_000),
    ]
