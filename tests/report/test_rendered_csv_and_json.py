"""CSV files are plain, tagged and never run; the JSON document says what everything is."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_report.book import Book, Column, Note, Row, Sheet, Table, Value
from muster_report.renderers import csv_files, json_document
from muster_report.renderers.csv_files import harmless
from report.rendered_books import REPORTS, as_it_was, csv_lines, finished


def book_of(*values: Value, tag: str = "", sheets: tuple[str, ...] = ("Figures",)) -> Book:
    rows = tuple(Row(f"r{at}", (value,)) for at, value in enumerate(values))
    table = Table("amounts", (Column("c", "Amount, USD", tag=tag),), rows)
    return Book("A book", "", tuple(Sheet(name, "A title", "", (table, Note("n", "=said"))) for name in sheets))


def lines(book: Book, name: str = "Figures - amounts.csv") -> list[list[str]]:
    return csv_lines(csv_files.render(book))[name]


def test_values_are_plain_digits_and_iso_dates() -> None:
    written = lines(book_of(Decimal("1234567.50"), 1_000_000, date(2016, 11, 3), None, Decimal("-0.10"), 0))
    assert [line[0] for line in written] == ["Amount, USD", "1234567.5", "1000000", "2016-11-03", "", "-0.1", "0"]


def test_tags_stand_under_the_headings_and_only_where_there_are_any() -> None:
    assert lines(book_of(5, tag="#value+usd")) == [["Amount, USD"], ["#value+usd"], ["5"]]
    assert lines(book_of(5)) == [["Amount, USD"], ["5"]]


@pytest.mark.parametrize("tag", ["value", "#Value", "# value", "#value +usd", "#value+", "#value,#x"])
def test_a_tag_that_hxl_does_not_know_how_to_read_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is not an HXL tag"):
        csv_files.render(book_of(5, tag=tag))


def test_lines_end_as_rfc_4180_has_it_and_there_is_no_byte_order_mark() -> None:
    with zipfile.ZipFile(BytesIO(csv_files.render(book_of("a,b", 'say "x"', "two\nlines")))) as archive:
        content = archive.read("Figures - amounts.csv")
    assert content == b'"Amount, USD"\r\n"a,b"\r\n"say ""x"""\r\n"two\nlines"\r\n'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("  +1", "'  +1"),
        ("'=1", "''=1"),
        ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
        ("one\n-two", "one\n'-two"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("Tel. +254 20", "Tel. +254 20"),
        ("L'eau", "L'eau"),
        ("'quoted'", "'quoted'"),
    ],
)
def test_text_that_a_spreadsheet_program_would_run_gets_an_apostrophe(text: str, written: str) -> None:
    assert harmless(text) == written
    assert lines(book_of(text))[1] == [written]


@given(st.text("=+-@'\";\t\n a\u00a0\uff1d", max_size=9))
def test_every_text_comes_back_and_none_begins_a_cell_like_a_formula(text: str) -> None:
    written = harmless(text)
    assert as_it_was(written) == text
    for cell in written.replace("\n", ";").replace("\t", ";").split(";"):
        assert cell.lstrip(' "\u00a0')[:1] not in set("=+-@\uff1d")


def test_numbers_below_zero_are_numbers_and_headings_and_notes_are_made_harmless_too() -> None:
    assert lines(book_of(-5))[1] == ["-5"]
    assert ["Figures", "A7", "'=said"] in lines(book_of(-5), "notes.csv")


def test_file_names_stay_apart_where_capitals_do_not_count() -> None:
    names = list(csv_lines(csv_files.render(book_of(1, sheets=("a<b", "A>B", "a_b")))))
    assert names == ["a_b - amounts.csv", "A_B - amounts (2).csv", "a_b - amounts (3).csv", "notes.csv"]


def test_the_alert_of_a_report_goes_with_its_csv_files() -> None:
    files = csv_lines(csv_files.render(finished(*REPORTS[0])))
    assert any(line[2].startswith("3 of 163 printed totals do not agree") for line in files["notes.csv"])
    assert files["Overview - overview.csv"][-1][-1] == "1946969000"


def test_the_list_of_partnerships_is_tagged() -> None:
    headings, tags, *rows = csv_lines(csv_files.render(finished(*REPORTS[1])))["List - list.csv"]
    assert (headings[10], tags[10]) == ("People reached", "#reached")
    assert len(rows) == 175


def document(key: int = 0) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json_document.render(finished(*REPORTS[key])))
    return read


def test_the_json_document_says_its_version_language_time_and_position() -> None:
    read = document()
    assert list(read) == ["version", "title", "subtitle", "description", "language", "as_of", "position", "sheets"]
    assert (read["version"], read["language"], read["as_of"]) == (1, "en", "2016-01-01T02:42:00Z")


def test_the_json_document_has_money_as_text_and_counts_as_numbers() -> None:
    overview = document()["sheets"][0]
    total = overview["tables"][0]["rows"][-1]
    assert (total["role"], total["values"][0], total["values"][-1]) == ("total", "Total", "1946969000")
    assert overview["charts"][0]["table"] == "overview"
    assert document(1)["sheets"][0]["tables"][0]["rows"][0]["values"] == ["Partnerships", 175]


def test_the_json_document_has_about_changes_and_sources() -> None:
    sheets = {sheet["name"]: sheet for sheet in document()["sheets"]}
    assert [sheet["role"] for sheet in sheets.values()][-3:] == ["accompanying"] * 3
    assert sheets["Changes"]["tables"][0]["rows"]
    assert sheets["Sources"]["tables"][0]["columns"][0] == {
        "key": "receipt", "heading": "Receipt", "tag": "", "format": "text", "role": "body",
    }  # fmt: skip


def test_a_count_too_large_for_a_float_is_text() -> None:
    read = json.loads(json_document.render(book_of(2**53, 2**53 - 1)))
    assert [row["values"][0] for row in read["sheets"][0]["tables"][0]["rows"]] == [str(2**53), 2**53 - 1]


def test_the_documented_examples_are_what_the_sample_data_gives() -> None:
    text = (Path(__file__).parents[2] / "docs" / "report-formats.md").read_text(encoding="utf-8")
    (told_csv,), (told_json,) = (
        re.findall(r"^```\n(.*?)^```", text, re.S | re.M),
        re.findall(r"```json\n(.*?)```", text, re.S),
    )
    files = csv_lines(csv_files.render(finished(*REPORTS[1])))
    assert list(csv.reader(told_csv.splitlines())) == files["By country - countries.csv"][:3]
    agrees(json.loads(told_json), document(1))


def agrees(told: Any, made: Any) -> None:
    """Every key is there, and what is told in full is so; of lists, each told item is one of those made."""
    if isinstance(told, dict):
        assert list(told) == list(made)
        for key in told:
            agrees(told[key], made[key])
    elif isinstance(told, list) and told and isinstance(told[0], dict):
        told_first = told[0]
        name = next((key for key in ("key", "name") if told_first.get(key) not in (None, "...")), None)
        agrees(
            told_first, next(item for item in made if item[name] == told_first[name]) if name and made else told_first
        )
    else:
        assert told in ("...", made)
