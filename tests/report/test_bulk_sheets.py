"""Bulk rows stream into a workbook: the same cells as any table's, in constant memory, whatever opens it."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from muster_report import bulk, bulk_archive
from muster_report.about import complete
from muster_report.blocks import Column, Note, Row, Table, Value
from muster_report.book import Book, Sheet
from muster_report.bulk import bulk_tables, is_bulk
from muster_report.bulk_archive import TooLarge, write_archive
from muster_report.figures import Parts
from muster_report.reports import projects, reporting_compliance
from muster_report.xlsx import render, write
from report.bulk_of_rows import bulk_of, source_of
from report.export_facts import facts_of, sample_records

COLUMNS = (
    Column("code", "Code", 16, "code", "label"),
    Column("text", "Text", 30, "text"),
    Column("number", "Number", 14, "number"),
    Column("printed", "Printed", 14, "printed"),
    Column("total", "Total", 14, "number", "total"),
)
AWKWARD: tuple[tuple[Value, ...], ...] = (
    ("=1+1", "@SUM(1)", 0, 0, Decimal("0.1")),
    ("-1", "+1", -5, Decimal("-7.50"), Decimal("-0.1")),
    ("A & B", "<b>&amp;</b>", Decimal("4000000.00"), None, Decimal("123456789012.345")),
    (" spaces ", "two\r\nlines", Decimal("85469838259.9004"), 3, Decimal("12345678901234567.89")),
    ("_x0041_", "bell\x07 and half \ud800", 12345678901234567, Decimal("1E+3"), Decimal("1E-7")),
    ("مرحبا 日本 🙂", "x" * 40_000, 100, 100, 1000),
    ("", None, None, None, None),
    (date(2016, 11, 30), date(1900, 3, 1), date(2016, 2, 29), None, "nothing expected"),
    ("007", "#N/A", 999_999_999_999_999, 1, Decimal("0.00")),
)


def rows_of(values: Sequence[tuple[Value, ...]]) -> tuple[Row, ...]:
    return tuple(Row(str(at), cells) for at, cells in enumerate(values))


def streamed(values: Sequence[tuple[Value, ...]] = AWKWARD) -> Book:
    return book_of(bulk_of(COLUMNS, len(values), lambda: rows_of(values)))


def book_of(table: Table) -> Book:
    return Book("Bulk", "Rows", (Sheet("Rows", "Rows", "", (table,), freeze="rows"),))


def ordinary(values: Sequence[tuple[Value, ...]] = AWKWARD) -> Book:
    return book_of(Table("rows", COLUMNS, rows_of(values), filtered=True))


def looks(book: Book) -> list[tuple[Any, ...]]:
    """Everything of each cell but that texts of streamed rows, whose height is fixed, stay on one line."""
    sheet = load_workbook(io.BytesIO(render(book)))["Rows"]
    cells = [c for row in sheet.iter_rows() for c in row]
    bare = [
        (c.coordinate, c.value, c.data_type, c.number_format, c.quotePrefix, c.font.b, c.alignment.horizontal)
        for c in cells
    ]
    return [(*look, c.style.removesuffix(" line").removesuffix(" top")) for look, c in zip(bare, cells, strict=True)]


def sheet_xml(book: Book) -> str:
    with zipfile.ZipFile(io.BytesIO(render(book))) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def unexplained(book: Book) -> list[tuple[str, ...]]:
    """The figures of a book that their parts do not add up to; texts, dates and what has no parts to add aside."""
    found: list[tuple[str, ...]] = []
    for sheet in book.figures():
        for table in (block for block in sheet.blocks if isinstance(block, Table)):
            parts: Parts = table.parts or (lambda _row, _column: ())
            for row in table.rows:
                for column, value in zip(table.columns, row.cells, strict=True):
                    number = isinstance(value, int | Decimal)
                    if number and sum(part.value for part in parts(row.key, column.key)) != value:
                        found.append((sheet.name, row.key, column.key, str(value)))
    return found


def test_streamed_cells_are_the_cells_of_any_other_table() -> None:
    assert looks(streamed()) == looks(ordinary())


def test_no_text_becomes_a_formula_and_each_stays_as_it_is() -> None:
    sheet = load_workbook(io.BytesIO(render(streamed())))["Rows"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s", "n", "d"}
    assert (sheet["A5"].value, sheet["A6"].value, sheet["B5"].value) == ("=1+1", "-1", "@SUM(1)")
    assert sheet["A8"].value == " spaces "


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (Decimal("85469838259.9004"), "85469838259.9004"),  # as a float its 16th digit is not 0
        (Decimal("0.30"), "0.3"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (999_999_999_999_999, "999999999999999"),
        (-5, "-5"),
    ],
)
def test_a_number_is_written_with_exactly_its_digits(number: Value, digits: str) -> None:
    assert f"<v>{digits}</v>" in sheet_xml(streamed([("a", "b", number, None, None)]))


def test_days_before_march_1900_are_text_since_programs_number_them_in_two_ways() -> None:
    sheet = load_workbook(io.BytesIO(render(streamed([("a", date(1900, 2, 28), None, None, None)]))))["Rows"]
    assert (sheet["B5"].data_type, sheet["B5"].value) == ("s", "1900-02-28")


def test_a_streamed_sheet_claims_no_size_and_has_widths_a_filter_and_a_frozen_header() -> None:
    assert "<dimension" not in sheet_xml(streamed())
    sheet = load_workbook(io.BytesIO(render(streamed())))["Rows"]
    (table,) = sheet.tables.values()
    assert (table.ref, table.autoFilter.ref) == ("A4:E13", "A4:E13")
    assert [column.name for column in table.tableColumns] == [column.heading for column in COLUMNS]
    assert sheet.freeze_panes == "B5"
    assert [sheet.column_dimensions[letter].width for letter in "ABCDE"] == [16, 30, 14, 14, 14]


def test_a_reader_that_streams_finds_every_row() -> None:
    rows = [(f"KEN-{at}", "text", at, at, at) for at in range(1200)]
    sheet = load_workbook(io.BytesIO(render(streamed(rows))), read_only=True)["Rows"]
    assert list(sheet.iter_rows(min_row=5, values_only=True)) == rows


def test_calamine_reads_what_was_written() -> None:
    calamine = pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    rows: list[tuple[Value, ...]] = [("KEN", "=text", Decimal("4.35"), 7, 8), (date(2016, 11, 30), "b", 1, 2, 3)]
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(render(streamed(rows))))
    read = workbook.get_sheet_by_name("Rows").to_python()
    assert read[4:] == [["KEN", "=text", 4.35, 7.0, 8.0], [date(2016, 11, 30), "b", 1.0, 2.0, 3.0]]


def test_the_same_rows_give_the_same_bytes_every_time_they_are_read() -> None:
    book = streamed()
    assert render(book) == render(book) == render(streamed())


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        table = bulk_of(COLUMNS, count, lambda: (Row(str(n), (str(n), "t", n, n, n)) for n in range(count)))
        tracemalloc.start()
        with (tmp_path / "rows.xlsx").open("wb+") as file:
            write(book_of(table), file)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded at the first use is not the rows'
    assert peak(12_000) < peak(1_500) + 500_000


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_ROWS", 4)
    for at_once in (1, 2, 3, 4, 9, 10):
        tables = list(bulk_tables("rows", COLUMNS, len(AWKWARD), source_of(lambda: rows_of(AWKWARD), at_once)))
        assert [len(table.rows) for table in tables] == [len(list(table.rows)) for table in tables] == [4, 4, 1]
        assert [row.cells for table in tables for row in table.rows] == list(AWKWARD)
    assert [len(table.rows) for table in bulk_tables("rows", COLUMNS, 0, source_of(tuple))] == [0]


def test_rows_can_be_asked_for_by_number() -> None:
    table = streamed().sheets[0].table("rows")[0]
    assert is_bulk(table)
    assert (table.rows[1].cells, table.rows[-1].cells) == (AWKWARD[1], AWKWARD[-1])
    assert [row.cells for row in table.rows[2:4]] == list(AWKWARD[2:4])
    for missing in (len(AWKWARD), -len(AWKWARD) - 1):
        with pytest.raises(IndexError):
            table.rows[missing]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_may_stand_below_rows_whose_end_is_not_known(count: int) -> None:
    table = bulk_of(COLUMNS, count, lambda: rows_of(AWKWARD[:count]))
    with pytest.raises(ValueError, match="last of its sheet"):
        render(Book("Bulk", "", (Sheet("Rows", "Rows", "", (table, Note("below", "text"))),)))


def test_a_part_that_comes_in_pieces_is_packed_as_one() -> None:
    file = io.BytesIO()
    write_archive(file, [("first", b"1"), ("pieces", iter([b"ab", b"", b"cd"])), ("last", b"2")])
    archive = zipfile.ZipFile(file)
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {"first": b"1", "pieces": b"abcd", "last": b"2"}


def test_what_an_archive_cannot_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_archive, "LARGEST", 1000)
    with pytest.raises(TooLarge, match="less than 4 GB"):
        write_archive(io.BytesIO(), [("pieces", iter([b"a" * 600, b"b" * 600]))])


def test_libreoffice_shows_the_same_rows_and_reports(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not on this machine")
    rows = [(f"KEN-{at}", "=text", Decimal(at) / 4, at, date(2016, 1, 1) + timedelta(days=at)) for at in range(700)]
    facts = facts_of(sample_records())
    books = {"bulk": streamed(rows)}
    for report, given in ((projects.REPORT, {}), (reporting_compliance.REPORT, {"until": "2016-11-30"})):
        params = {**given, "copy": "internal"}
        books[report.key] = complete(report.build(facts, params), params=params, base=None)
    for name, book in books.items():
        (tmp_path / f"{name}.xlsx").write_bytes(render(book))
    made, profile = sorted(map(str, tmp_path.glob("*.xlsx"))), f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", every_sheet, "--outdir", str(tmp_path), *made],
        check=True,
        capture_output=True,
        timeout=100,
    )
    shown = read_csv(tmp_path / "bulk-Rows.csv")[4:]
    assert [row[:2] for row in shown] == [[code, text] for code, text, *_ in rows]
    assert [Decimal(row[2]) for row in shown] == [row[2] for row in rows]
    assert [datetime.strptime(row[4], "%Y-%m-%d").date() for row in shown] == [row[4] for row in rows]  # noqa: DTZ007
    assert len(read_csv(tmp_path / "projects-Projects.csv")) == 4 + 128
    headline = {row[0]: row[1] for row in read_csv(tmp_path / "reporting-compliance-By region.csv")[3:10]}
    assert (headline["Reports expected"], headline["Overdue"]) == ("421", "33")


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
