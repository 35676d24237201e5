"""A page, an archive of CSV files and a JSON document of any number of rows: in constant memory, and the same."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from muster_report.blocks import Column, Note, Row, Table
from muster_report.book import Book, Sheet
from muster_report.renderers import csv_files, html, json_document
from report.bulk_of_rows import bulk_of

COLUMNS = (Column("code", "Code", 16, "code", "label"), Column("text", "Text", 30, "text"), Column("number", "Number"))
MODULES = [pytest.param(module, id=module.__name__.rpartition(".")[2]) for module in (html, csv_files, json_document)]


def rows(count: int) -> tuple[Row, ...]:
    return tuple(Row(f"K{n:06}", (f"K{n:06}", f"<{n}>", n), label=f"K{n:06}") for n in range(count))


def book_of(table: Table) -> Book:
    return Book("Bulk", "Rows", (Sheet("Rows", "Rows", "", (Note("note", "of all"), table)), Sheet("Empty", "Empty")))


def streamed(count: int) -> Book:
    return book_of(bulk_of(COLUMNS, count, lambda: rows(count)))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("count", [0, 1, 60, 61, 100, 623])
def test_rows_that_are_streamed_read_as_any_others(module: ModuleType, count: int) -> None:
    standing = book_of(Table("rows", COLUMNS, rows(count), filtered=True))
    one, other = module.render(streamed(count)), module.render(standing)
    if module is csv_files:
        archives = [zipfile.ZipFile(io.BytesIO(content)) for content in (one, other)]
        one, other = ([(name, each.read(name)) for name in each.namelist()] for each in archives)
    assert one == other


@pytest.mark.parametrize("module", MODULES)
def test_memory_does_not_grow_with_the_rows(module: ModuleType, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        book = book_of(
            bulk_of(COLUMNS, count, lambda: (Row(f"K{n:06}", (f"K{n:06}", "text", n)) for n in range(count)))
        )
        tracemalloc.start()
        with (tmp_path / "file").open("wb+") as file:
            module.write(book, file, "en")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded at the first use is not the rows'
    assert peak(12_000) < peak(1_500) + 300_000
