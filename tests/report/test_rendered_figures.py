"""The same book shows the same figures in every format, and what a copy hides is in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from muster_report import xlsx
from muster_report.book import Book, Column, Row, Sheet, Table
from muster_report.renderers import csv_files, html, json_document
from report.published_facts import published, with_change
from report.rendered_books import (
    REPORTS,
    books,
    finished,
    in_csv,
    in_json,
    in_workbook,
    on_page,
    untyped,
)

SECRET = "a remark that stays in the house"


@settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)
@given(books())
def test_a_random_book_reads_the_same_from_every_format(book: Book) -> None:
    cells = in_workbook(book)
    assert on_page(book, "en") == cells
    assert on_page(book, "fr") == cells
    assert on_page(book, "es") == cells
    assert in_json(book) == untyped(cells)
    assert in_csv(book) == untyped(cells)


@pytest.mark.parametrize("copy", ["internal", "public"])
@pytest.mark.parametrize(("key", "given_"), REPORTS)
def test_a_sample_report_reads_the_same_from_every_format(key: str, given_: dict[str, str], copy: str) -> None:
    book = finished(key, given_, copy=copy)
    cells = in_workbook(book)
    assert len(cells["Changes"]) > 10
    assert on_page(book, "en") == on_page(book, "fr") == cells
    assert in_json(book) == in_csv(book) == untyped(cells)


def test_a_number_longer_than_a_spreadsheet_holds_keeps_every_digit() -> None:
    column = Column("c", "Amount")
    table = Table("t", (column,), (Row("r", (Decimal("12345678901234567890.12345"),)),))
    book = Book("", "", (Sheet("S", "", "", (table,)),))
    assert untyped(on_page(book, "fr")) == in_json(book) == in_csv(book) == untyped(in_workbook(book))
    assert in_json(book)["S"]["A5"] == "12345678901234567890.12345"


@cache
def with_people(reached: int, copy: str) -> Book:
    facts = with_change(published(), "253-02-acted", people_reached=reached, note=SECRET)
    return finished(*REPORTS[1], facts, copy=copy)


@cache
def everything(reached: int, copy: str) -> Mapping[str, bytes]:
    book = with_people(reached, copy)
    return {module.__name__: module.render(book) for module in (xlsx, html, csv_files, json_document)}


@pytest.mark.parametrize("copy", ["donor", "public"])
def test_a_hidden_count_moves_no_byte_of_any_format(copy: str) -> None:
    assert everything(2, copy) == everything(4, copy)


def test_a_count_that_may_be_shown_is_in_every_format() -> None:
    shown, hidden = everything(7, "public"), everything(4, "public")
    assert all(shown[name] != hidden[name] for name in hidden)


def test_a_remark_that_a_copy_leaves_out_is_in_no_format() -> None:
    assert SECRET in str(in_json(with_people(2, "internal")))
    for cells in (in_workbook, in_json, in_csv):
        assert SECRET not in str(cells(with_people(2, "public")))
    assert SECRET.encode() not in html.render(with_people(2, "public"))
