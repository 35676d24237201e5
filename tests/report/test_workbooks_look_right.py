"""What nobody who opens or prints a workbook must meet: ###, bars that lie, charts over cells, empty charts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from muster_report import xlsx
from muster_report.about import complete
from muster_report.blocks import Chart, Charts, Column, Note, Row, Series, Table
from muster_report.book import Book, Placed, Sheet, chart_spans, column_letters
from muster_report.reports import catalogue
from muster_report.xlsx_charts import SHADES
from whole_sample import ASKED, whole_sample


@cache
def book(key: str) -> Book:
    params = {**ASKED[key], "copy": "internal"}
    return complete(catalogue()[key].build(whole_sample(), params), params=params, base=None)


@cache
def workbook(key: str) -> Workbook:
    return opened(book(key))


def opened(made: Book) -> Workbook:
    return load_workbook(io.BytesIO(xlsx.render(made)))


def drawn(sheet: Any) -> list[Any]:
    return list(sheet._charts)


def charts_of(made: Book) -> Iterator[tuple[Sheet, Placed, Chart]]:
    for sheet in made.sheets:
        for placed in sheet.placed():
            if isinstance(placed.block, Charts):
                yield from ((sheet, placed, chart) for chart in placed.block.charts)


def small(*values: Decimal | int, title: str = "Sheet", one_page: bool = False, rows: int = 0) -> Book:
    columns = (Column("label", "Line", 30, "text", "label"), Column("amount", "Amount", 8))
    made = tuple(Row(f"r{at}", (f"Line {at}", value)) for at, value in enumerate([*values, *[1] * rows]))
    chart = Chart("c", "Bars", "Bars", "t", (Series("Amount", "rows", "amount"),))
    blocks = (Table("t", columns, made), Charts((chart,)))
    return Book("Title", "", (Sheet(title, "Title", "", blocks, one_page=one_page),))


@pytest.mark.parametrize("key", list(ASKED))
def test_bars_of_every_chart_begin_at_0_and_stand_below_everything_else(key: str) -> None:
    for sheet in workbook(key):
        for chart in drawn(sheet):
            assert chart.y_axis.scaling.min == 0
            assert chart.anchor._from.row >= max(cell.row for row in sheet.iter_rows() for cell in row if cell.value)


@pytest.mark.parametrize("key", list(ASKED))
def test_no_chart_is_empty(key: str) -> None:
    for sheet, _, chart in charts_of(book(key)):
        values = sheet.values()
        for series in chart.series:
            span = chart_spans(sheet, chart, series)[1]
            rows = range(span.first_row, span.last_row + 1)
            columns = range(span.first_column, span.last_column + 1)
            assert any(values.get(f"{column_letters(column)}{row}") for row in rows for column in columns), chart.key


@pytest.mark.parametrize("key", list(ASKED))
def test_headings_of_the_last_table_are_repeated_on_every_page_it_takes(key: str) -> None:
    for sheet in book(key).sheets:
        headers = [placed.header_row() for placed in sheet.placed() if isinstance(placed.block, Table)]
        titles = workbook(key)[sheet.name].print_title_rows
        assert titles == (f"${headers[-1]}:${headers[-1]}" if headers else None)


@pytest.mark.parametrize("number", [Decimal("1234567890123.45"), 123_456_789_012, Decimal("-99999999.5")])
def test_a_column_is_as_wide_as_its_longest_figure(number: Decimal | int) -> None:
    width = opened(small(number))["Sheet"].column_dimensions["B"].width
    assert width >= len(f"{number:,}") + 2
    assert opened(small(5))["Sheet"].column_dimensions["B"].width == 8


def test_a_row_has_room_for_its_words_which_are_wider_in_bold() -> None:
    columns = (Column("label", "Line", 46, "text", "label"), Column("amount", "Amount", 12))
    long = "South-Eastern Europe, Eastern Europe and Central Asia"
    table = Table("t", columns, (Row("a", (long, 5)), Row("b", (long, 5), "subtotal"), Row("c", ("Short", 5), "total")))
    sheet = opened(Book("Title", "", (Sheet("Sheet", "Title", "", (table,)),)))["Sheet"]
    assert [sheet.row_dimensions[row].height for row in (5, 6, 7)] == [16, 29, 16]


def test_a_chart_with_a_figure_below_0_is_free_to_begin_there() -> None:
    (chart,) = drawn(opened(small(-5, 7))["Sheet"])
    assert chart.y_axis.scaling.min is None


def test_a_sheet_for_one_page_lies_or_stands_as_it_is_shown_larger() -> None:
    assert opened(small(5, one_page=True, rows=40))["Sheet"].page_setup.orientation == "portrait"
    wide = tuple(Column(f"c{at}", "Heading", 20) for at in range(8))
    table = Table("t", wide, (Row("r", tuple(range(8))),))
    lying = Book("Title", "", (Sheet("Sheet", "Title", "", (table,), one_page=True, landscape=False),))
    assert opened(lying)["Sheet"].page_setup.orientation == "landscape"
    note = Book("Title", "", (Sheet("Sheet", "Title", "", (Note("n", "Words"),), landscape=False),))
    assert opened(note)["Sheet"].page_setup.orientation == "landscape"


def test_a_column_of_cents_shows_them_for_every_figure() -> None:
    columns = (Column("label", "Line", 30, "text", "label"), Column("amount", "Amount", 12, "decimal"))
    table = Table("t", columns, (Row("a", ("A", 5)), Row("b", ("B", Decimal("5.25")))))
    sheet = opened(Book("Title", "", (Sheet("Sheet", "Title", "", (table,)),)))["Sheet"]
    assert [sheet[cell].number_format for cell in ("B5", "B6")] == ["#,##0.00", "#,##0.00"]


@pytest.mark.parametrize("colour", SHADES)
def test_every_bar_stands_out_from_the_paper(colour: str) -> None:
    """At least 3:1 against white, after WCAG 2.1, success criterion 1.4.11."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    assert 1.05 / (luminance + 0.05) >= 3
