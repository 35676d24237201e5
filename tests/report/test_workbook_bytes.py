"""A book becomes the same workbook in any process, holds its values exactly, and no text in it is ever run."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from muster_report.about import complete
from muster_report.book import Book, Column, Row, Sheet, Table, Value
from muster_report.bulk_archive import write_archive
from muster_report.facts import Facts
from muster_report.reports import catalogue
from muster_report.xlsx import render
from report.published_facts import published, published_facts, with_change

EXAMPLES = [("funding-requirements", {"year": "2016"}), ("partnerships", {"source": "MC/INF/253"})]
ONE_PROCESS = """
import hashlib
from report.test_workbook_bytes import EXAMPLES, finished
from muster_report.xlsx import render
for key, given in EXAMPLES:
    print(hashlib.sha256(render(finished(key, given))).hexdigest())
"""


def finished(key: str, given: dict[str, str], facts: Facts | None = None) -> Book:
    report = catalogue()[key]
    params = report.read(given)
    base = report.build(with_change(published(), "2016/KEN/migration_health", amount="760000"), params)
    return complete(report.build(facts or published_facts(), params), params=params, base=base)


def reopened(book: Book) -> Workbook:
    return load_workbook(io.BytesIO(render(book)))


def one_cell(value: Value) -> Book:
    column = Column("only", "Only", 40, "number" if isinstance(value, Decimal | int) else "text")
    sheet = Sheet("Figures", "Title", "", (Table("table", (column,), (Row("row", (value,)),)),))
    return Book("A title", "A subtitle", (sheet,))


def read_back(value: Value) -> Any:
    return reopened(one_cell(value))["Figures"]["A5"]


def printed_by_a_process(seed: str, zone: str) -> list[str]:
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(tests), "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_the_same_facts_give_the_same_bytes_in_any_process_hash_seed_and_time_zone() -> None:
    here = [hashlib.sha256(render(finished(key, given))).hexdigest() for key, given in EXAMPLES]
    assert printed_by_a_process("1", "Pacific/Kiritimati") == here
    assert printed_by_a_process("4242", "America/Caracas") == here


def test_the_order_in_which_facts_arrive_does_not_move_a_byte() -> None:
    for key, given in EXAMPLES:
        assert render(finished(key, given)) == render(finished(key, given, Facts.of(reversed(published()))))


def test_bytes_do_not_depend_on_the_time_they_are_made_at() -> None:
    book = finished(*EXAMPLES[0])
    with zipfile.ZipFile(io.BytesIO(render(book))) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2016-01-01T02:42:00Z" in core
    assert str(datetime.now(UTC).year) not in core


@pytest.mark.parametrize(("key", "given"), EXAMPLES)
def test_every_value_of_the_book_stands_in_its_cell(key: str, given: dict[str, str]) -> None:
    book = finished(key, given)
    workbook = reopened(book)
    assert workbook.sheetnames == [sheet.name for sheet in book.sheets]
    for name, cells in book.values().items():
        written = {cell.coordinate: cell.value for row in workbook[name] for cell in row if cell.value is not None}
        assert written == cells


def test_key_totals_can_be_reached_by_name() -> None:
    workbook = reopened(finished(*EXAMPLES[0]))
    (place,) = workbook.defined_names["Requirement_Total"].destinations
    assert workbook[place[0]][place[1]].value == 1_946_969_000


def test_charts_are_drawn_from_cells_with_axes_and_a_description() -> None:
    with zipfile.ZipFile(io.BytesIO(render(finished(*EXAMPLES[0])))) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert "'Overview'!$B$15:$K$15" in chart
    assert chart.count('delete val="0"') == 2
    assert 'descr="Bars: the total required for each region' in drawing


def test_long_lists_are_real_tables_with_a_filter_and_frozen_headers() -> None:
    listed = reopened(finished(*EXAMPLES[1]))["List"]
    (table,) = listed.tables.values()
    assert table.ref == "A4:N179"
    assert table.autoFilter is not None
    assert listed.freeze_panes == "B5"
    assert listed.print_title_rows == "$4:$4"
    assert (listed.page_setup.orientation, listed.page_setup.paperSize) == ("landscape", 9)


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x")', "+1", "-1+2", "@SUM(1)", "=cmd|' /C calc'!A0", "#N/A"]
)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    cell = read_back(text)
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.quotePrefix is (text[0] in "=+-@")


def test_text_that_looks_like_a_formula_stays_text_in_a_report() -> None:
    facts = with_change(published(), "253-02-acted", title="=1+1", office_place="@SUM(A1)")
    workbook = reopened(finished("partnerships", {"source": "MC/INF/253"}, facts))
    assert "f" not in {cell.data_type for sheet in workbook for row in sheet for cell in row}
    assert "=1+1" in {cell.value for row in workbook["List"] for cell in row}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("bell\x07 and null\x00", "bell\ufffd and null\ufffd"),
        ("half a pair \ud800", "half a pair \ufffd"),
        ("no character \uffff", "no character \ufffd"),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("tab\tand <&>", "tab\tand <&>"),
        ("مرحبا 日本 🙂", "مرحبا 日本 🙂"),
        ("x" * 40_000, "x" * 32_766 + "…"),
    ],
)
def test_text_that_xml_forbids_is_replaced_and_all_other_text_kept(text: str, kept: str) -> None:
    assert read_back(text).value == kept


def test_text_that_looks_like_an_escape_is_not_decoded() -> None:
    with zipfile.ZipFile(io.BytesIO(render(one_cell("_x0041_")))) as archive:
        assert "_x005F_x0041_" in archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("number", "digits", "shape"),
    [
        (Decimal("4000000.00"), "4000000", "#,##0"),
        (Decimal("1946969000"), "1946969000", "#,##0"),
        (Decimal("4.35"), "4.35", "#,##0.00"),
        (Decimal("123456789012.345"), "123456789012.345", "#,##0.00"),
        (Decimal("85469838259.9004"), "85469838259.9004", "#,##0.00"),  # as a float its 16th digit is not 0
        (Decimal("-0.1"), "-0.1", "#,##0.00"),
        (0, "0", "#,##0"),
    ],
)
def test_numbers_keep_every_digit(number: Value, digits: str, shape: str) -> None:
    with zipfile.ZipFile(io.BytesIO(render(one_cell(number)))) as archive:
        assert f"<v>{digits}</v>" in archive.read("xl/worksheets/sheet1.xml").decode()
    assert read_back(number).number_format == shape


def test_a_number_with_more_digits_than_a_spreadsheet_holds_is_kept_as_text() -> None:
    cell = read_back(Decimal("12345678901234567.89"))
    assert (cell.data_type, cell.value) == ("s", "12345678901234567.89")


def test_a_date_is_a_date() -> None:
    assert read_back(date(2016, 11, 30)).value == datetime(2016, 11, 30)  # noqa: DTZ001 - as openpyxl reads it


def test_an_empty_book_is_a_valid_workbook() -> None:
    for key, given in (("funding-requirements", {"year": "2031"}), ("partnerships", {"source": "none"})):
        workbook = reopened(finished(key, given))
        assert workbook.sheetnames[-3:] == ["About", "Changes", "Sources"]


def test_a_footer_shows_an_ampersand_as_one() -> None:
    book = replace(one_cell("text"), title="Law & order")
    with zipfile.ZipFile(io.BytesIO(render(book))) as archive:
        assert "Law &amp;&amp; order" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_an_archive_reads_back_whole_and_in_its_order() -> None:
    parts = {"z.xml": b"last name first", "a/é.bin": bytes(range(256)) * 500, "empty": b""}
    file = io.BytesIO()
    write_archive(file, parts.items())
    archive = zipfile.ZipFile(file)
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == parts
    assert archive.namelist() == list(parts)


def test_a_workbook_is_made_well_within_a_second_or_two() -> None:
    book = finished(*EXAMPLES[0])
    begun = datetime.now(UTC)
    render(book)
    assert datetime.now(UTC) - begun < timedelta(seconds=5)  # ten times what it takes, for a busy machine
