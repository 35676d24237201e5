"""A wrong total is never silent: every way in which a book can fail to add up is found and told on its first sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from muster_report.about import complete
from muster_report.blocks import Column, Note, Row, Table, Value
from muster_report.book import Book, Sheet
from muster_report.figures import TOTAL, Observation, Part
from muster_report.reconciling import flagged, reconciled
from muster_report.reports import catalogue
from muster_report.small_cells import HIDDEN
from muster_report.tables import explained_matrix, key_figures
from report.published_facts import a_fact, published, published_facts, with_change

YEAR = {"year": "2016", "copy": "internal"}
NAMES = {"KEN": "Kenya", "UGA": "Uganda"}
AREAS = {"a": "Area A", "b": "Area B"}
FACTS = [
    a_fact("funding_requirement", {"year": 2016, "office": office, "area": area, "amount": amount}, position=position)
    for position, (office, area, amount) in enumerate(
        [("KEN", "a", "5"), ("KEN", "b", "7"), ("UGA", "a", "11"), ("UGA", "b", "13")], start=1
    )
]


def seen(fact_number: int) -> Observation:
    fact = FACTS[fact_number]
    return Observation(fact.fields["office"], fact.fields["area"], Part(fact, "amount", Decimal(fact.fields["amount"])))


OBSERVED = [seen(number) for number in range(len(FACTS))]


def offices_by_areas(key: str = "matrix") -> Table:
    return explained_matrix(key, OBSERVED, corner="Office", rows=NAMES, columns=AREAS, none=0)


def in_all(value: Decimal = Decimal(36)) -> Table:
    parts = [one.part for one in OBSERVED]
    return key_figures(
        "headline", [("All", "In all", value)], caption="", heading="USD", parts=lambda _row, _column: parts
    )


def book_of(*tables: Table) -> Book:
    return Book("Title", "", tuple(Sheet(f"Sheet {at}", "Title", "", (t,)) for at, t in enumerate(tables, start=1)))


def with_cell(table: Table, row_key: str, column_key: str, value: Value) -> Table:
    """The table as a careless report would print it: one cell wrong, its parts right."""
    at = [column.key for column in table.columns].index(column_key)
    changed = (
        replace(row, cells=(*row.cells[:at], value, *row.cells[at + 1 :])) if row.key == row_key else row
        for row in table.rows
    )
    return replace(table, rows=tuple(changed))


def places(book: Book) -> list[tuple[str, str, str]]:
    return [(one.sheet, one.cell, one.against) for one in reconciled(book)]


def test_a_book_that_adds_up_has_nothing_to_tell() -> None:
    book = book_of(offices_by_areas(), in_all())
    assert reconciled(book) == []
    assert flagged(book).sheets is book.sheets


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        (TOTAL, TOTAL, [("D7", "rows"), ("D7", "columns"), ("D7", "parts")]),
        (TOTAL, "a", [("B7", "rows"), ("D7", "columns"), ("B7", "parts")]),
        ("KEN", TOTAL, [("D7", "rows"), ("D5", "columns"), ("D5", "parts")]),
        ("KEN", "a", [("B7", "rows"), ("D5", "columns")]),
    ],
)
def test_a_wrong_cell_is_found_whether_it_is_a_total_or_below_one(
    row: str, column: str, found: list[tuple[str, str]]
) -> None:
    wrong = with_cell(offices_by_areas(), row, column, Decimal(37))
    assert places(book_of(wrong)) == [("Sheet 1", *place) for place in found]


def test_a_figure_that_differs_from_the_same_one_of_another_sheet_is_found_with_both_places() -> None:
    wrong = with_cell(offices_by_areas("second"), TOTAL, TOTAL, Decimal(40))
    (other,) = [one for one in reconciled(book_of(in_all(), wrong)) if one.against == "sheet"]
    assert (other.sheet, other.cell, other.value, other.place, other.other) == ("Sheet 2", "D7", 40, "'Sheet 1'!B5", 36)


def test_a_figure_that_loses_a_record_on_its_way_to_the_total_is_found() -> None:
    whole = offices_by_areas()
    lost = replace(whole, parts=None, rows=tuple(row for row in whole.rows if row.key != "UGA"))
    assert ("Sheet 1", "D6", "rows") in places(book_of(lost))


def test_the_sum_of_a_group_is_held_against_its_members() -> None:
    columns = (Column("label", "Line", 20, "text", "label"), Column("amount", "Amount"))
    rows = (
        Row("g", ("Group", 12), "group"),
        Row("x", ("X", 5)),
        Row("y", ("Y", 8)),
        Row(TOTAL, ("Total", 13), "total"),
    )
    assert places(book_of(Table("t", columns, rows))) == [("Sheet 1", "B5", "group")]


def twice_counted(total: int) -> Table:
    """Two areas with the same project in both, and a total in which it counts once."""
    one, two = Part(FACTS[0], "", 1), Part(FACTS[1], "", 1)
    cells = {"a": [one, two], "b": [one], TOTAL: [one, two]}
    columns = (Column("label", "Area", 20, "text", "label"), Column("projects", "Projects"))
    rows = (Row("a", ("A", 2)), Row("b", ("B", 1)), Row(TOTAL, ("Total", total), "total"))
    return Table("t", columns, rows, parts=lambda row, _column: cells[row])


def test_a_total_that_counts_each_record_once_is_right_only_where_its_parts_prove_it() -> None:
    assert reconciled(book_of(twice_counted(2))) == []
    assert places(book_of(twice_counted(1))) == [("Sheet 1", "B7", "rows"), ("Sheet 1", "B7", "parts")]
    assert places(book_of(replace(twice_counted(2), parts=None))) == [("Sheet 1", "B7", "rows")]


def test_percentages_have_no_sum_and_hidden_cells_no_check() -> None:
    rates = offices_by_areas()
    columns = tuple(replace(column, sums=False) for column in rates.columns)
    assert places(book_of(replace(with_cell(rates, TOTAL, "a", Decimal(50)), columns=columns))) == []
    assert reconciled(book_of(with_cell(offices_by_areas(), "KEN", "a", HIDDEN))) == []


def test_what_does_not_add_up_is_an_alert_on_top_of_the_first_sheet_in_every_language() -> None:
    wrong = book_of(in_all(), with_cell(offices_by_areas(), TOTAL, TOTAL, Decimal(40)))
    for lang in ("en", "fr", "es"):
        first = flagged(replace(wrong, lang=lang)).sheets[0].blocks[0]
        assert isinstance(first, Note)
        assert first.tone == "alert"
        assert "'Sheet 2'!D7 40 ≠ 36" in first.text
    assert flagged(flagged(wrong)) == flagged(wrong)
    finished = complete(wrong, params=YEAR, base=None).sheets[0].blocks[0]
    assert isinstance(finished, Note)
    assert finished.key == "unreconciled"


def wrong_total(book: Book) -> Book:
    first, *others = book.sheets
    tables = [
        with_cell(b, TOTAL, TOTAL, Decimal(1)) if isinstance(b, Table) and b.key == "overview" else b
        for b in first.blocks
    ]
    return replace(book, sheets=(replace(first, blocks=tuple(tables)), *others))


def test_a_wrong_total_of_a_real_report_is_printed_with_the_difference_on_its_first_sheet() -> None:
    book = catalogue()["funding-requirements"].build(published_facts(), YEAR)
    finished = complete(wrong_total(book), params=YEAR, base=None)
    alert = finished.sheets[0].blocks[0]
    assert isinstance(alert, Note)
    assert "'Overview'!L15 1 ≠ 1946969000" in alert.text
    assert complete(book, params=YEAR, base=None).sheets[0].blocks == book.sheets[0].blocks


KENYA_UP = {"key": "2016/KEN/migration_health", "amount": "760000"}


def movements_of(change: Callable[[Book], Book] = lambda book: book) -> Book:
    """The report after Kenya's figure rose by 10,000, counted from the one before."""
    report = catalogue()["funding-requirements"]
    base = report.build(published_facts(), YEAR)
    now = report.build(with_change(published(), KENYA_UP["key"], amount=KENYA_UP["amount"]), YEAR)
    return complete(change(now), params=YEAR, base=base)


def rows_of(book: Book) -> dict[str, tuple[Value, ...]]:
    changes = next(sheet for sheet in book.sheets if sheet.name == "Changes")
    table, _ = changes.table("movements")
    return {row.key: row.cells for row in table.rows}


def test_changes_lead_from_the_opening_to_the_closing_figure_of_every_total() -> None:
    rows = rows_of(movements_of())
    total = rows["Overview/overview/*/*"]
    assert total[:4] == ("Overview", "L15", "Total", "Total")
    assert total[4:] == (1_946_969_000, 10_000, 1_946_979_000, 0)
    assert rows["South America/lines/*/*"][5:] == (0, rows["South America/lines/*/*"][4], 0)
    assert {row[7] for row in rows.values()} == {0}
    assert sum(1 for row in rows.values() if row[5]) == 3


def test_a_total_that_opening_and_changes_do_not_make_is_an_alert_on_the_first_sheet() -> None:
    book = movements_of(wrong_total)
    assert rows_of(book)["Overview/overview/*/*"][5:] == (10_000, 1, -1_946_979_000 + 1)
    alerts = [b.text for b in book.sheets[0].blocks if isinstance(b, Note) and b.key == "unmoved"]
    assert len(alerts) == 1
    assert "'Overview'!L16" in alerts[0]
    assert book.values()["Overview"]["L16"] == 1


def test_about_says_that_an_issue_after_a_released_one_corrects_it() -> None:
    about = movements_of().values()["About"]
    assert "Corrects" in about.values()
    (told,) = [str(value) for value in about.values() if "which was released" in str(value)]
    assert told.startswith("The issue as of 1 January 2016, 02:42 UTC, position 60162,")
    first = catalogue()["funding-requirements"].build(published_facts(), YEAR)
    assert "Corrects" not in complete(first, params=YEAR, base=None).values()["About"].values()
