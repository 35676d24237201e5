from __future__ import annotations

import io
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import rows_of
from muster_ingest.workbooks.templates.template import Choices, Stored, make
from template_examples import example_fields, example_records

AT = datetime(2016, 11, 30, 8, tzinfo=UTC)
NOBODY = Choices({})


def made(kind: str, records: Iterable[Stored], language: str = "en") -> bytes:
    return make(
        [kind],
        office="KEN",
        office_name="Kenya",
        language=language,
        records={kind: list(records)},
        choices=NOBODY,
        made_at=AT,
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def cells(book: Workbook, kind: str) -> list[dict[str, Any]]:
    """Each row below the field names, by field name, blanks left out."""
    _, names, *rows = book[kind].iter_rows()
    return [
        {str(name.value): cell for name, cell in zip(names, row, strict=True) if cell.value is not None} for row in rows
    ]


def shown(cell: Any) -> str:
    if cell.is_date:
        return str(cell.value.date().isoformat())
    return unescape(cell.value) if isinstance(cell.value, str) else format(Decimal(repr(cell.value)).normalize(), "f")


def expected(records: Iterable[Stored], kind: str) -> list[Mapping[str, str]]:
    rows = [(stored, row) for stored in records for row in rows_of(kind, stored.fields)]
    return [
        {name: _plain(value) for name, value in {**row, "revision": stored.revision}.items()} for stored, row in rows
    ]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else format(Decimal(repr(value)).normalize(), "f")


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_records_come_back_cell_by_cell_in_the_order_of_their_keys(language: str) -> None:
    records = example_records(language)
    content = make(
        list(KINDS), office="KEN", office_name="Kenya", language=language, records=records, choices=NOBODY, made_at=AT
    )
    book = opened(content)
    for kind in KINDS:
        later, earlier = records[kind]
        found = [{name: shown(cell) for name, cell in row.items()} for row in cells(book, kind)]
        assert found == expected([earlier, later], kind), kind


def test_due_dates_written_out_come_back() -> None:
    due = [
        {"type": "interim", "period_start": "2016-01-01", "period_end": f"2016-0{n}-30", "due": "2016-08-15"}
        for n in (4, 6)
    ]
    stored = Stored(2, example_fields("grant") | {"reporting_rules": due})
    found = [
        {name: shown(cell) for name, cell in row.items()} for row in cells(opened(made("grant", [stored])), "grant")
    ]
    assert found == expected([stored], "grant")
    assert len(found) == 2


def test_values_have_excels_own_types() -> None:
    row = cells(opened(made("project", [Stored(1, example_fields("project"))])), "project")[0]
    assert row["start"].is_date
    assert row["start"].number_format == r"yyyy\-mm\-dd"
    assert (row["budget.amount"].value, row["budget.amount"].number_format) == (250000, "#,##0.00")
    assert (row["targets.count"].value, row["gender_marker"].value) == (240, 2)
    assert (row["revision"].value, row["revision"].data_type) == (1, "n")
    assert {row[name].data_type for name in ("project_code", "title", "sdg_targets", "areas.code")} == {"s"}
    assert {row[name].number_format for name in ("project_code", "title", "sdg_targets")} == {"@"}


def test_months_and_incomplete_dates_stay_text() -> None:
    rate = cells(opened(made("exchange_rate", [Stored(1, example_fields("exchange_rate"))])), "exchange_rate")[0]
    assert (rate["month"].value, rate["month"].data_type, rate["month"].number_format) == ("2016-11", "s", "@")
    for typed in ("2002", "2002-05", "2002-05-31"):
        stored = Stored(1, example_fields("partnership") | {"start": typed})
        cell = cells(opened(made("partnership", [stored])), "partnership")[0]["start"]
        assert (cell.value, cell.data_type, cell.number_format) == (typed, "s", "@")


@pytest.mark.parametrize(
    "amount", ["999999999999999.99", "0.01", "123456789012.34", "1234567890123.45", "99999999999999.99", "0"]
)
def test_money_keeps_its_cents_as_text_where_excel_would_drop_some(amount: str) -> None:
    stored = Stored(1, example_fields("funding_requirement") | {"amount": amount})
    cell = cells(opened(made("funding_requirement", [stored])), "funding_requirement")[0]["amount"]
    assert Decimal(str(cell.value)) == Decimal(amount)
    assert cell.data_type == ("s" if len(amount.replace(".", "")) > 15 else "n")


@pytest.mark.parametrize("day", ["1899-12-31", "1900-02-28", "1900-03-01", "9999-12-31"])
def test_days_that_excel_miscounts_stay_text(day: str) -> None:
    stored = Stored(1, example_fields("project") | {"end": day})
    cell = cells(opened(made("project", [stored])), "project")[0]["end"]
    assert shown(cell) == day
    assert cell.is_date is (day > "1900-02-28")


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "001",
    "10.10",
    "1e5",
    "TRUE",
    "#N/A",
    "2016-11-30",
    "_x0041_ and _x005F_",
    "bell \x07, unit \x1f, escape \x1b",
    "one\r\ntwo\nthree\ttab",
    "<b>&amp;]]></b>",
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0645\u0646\u0638\u0645\u0629 \u200fRTL\u200e",
    "not a character \ufffe \uffff",
    "x" * 20_000,
    " lead and trail ",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_comes_back_as_the_same_text(text: str) -> None:
    stored = Stored(1, example_fields("partner") | {"name": text, "aliases": [text, "plain"]})
    content = made("partner", [stored])
    row = cells(opened(content), "partner")[0]
    assert (unescape(row["name"].value), row["name"].data_type, row["name"].number_format) == (text, "s", "@")
    assert shown(row["aliases"]) == rows_of("partner", stored.fields)[0]["aliases"]


def test_hostile_names_of_offices_and_records_are_text_too() -> None:
    names = {"KEN": "=1+1", "UGA": "bell \x07", "TZA": "y" * 40_000}
    content = make(
        ["project"],
        office="KEN",
        office_name='=HYPERLINK("x")&P',
        language="en",
        records={},
        choices=Choices({"office": names}),
        made_at=AT,
    )
    book = opened(content)
    assert [cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row].count("f") == 0
    codes = {str(row[1].value): str(row[2].value) for row in book["Codes"].iter_rows()}
    assert [codes[key][:9] for key in names] == ["=1+1", "bell  ", "yyyyyyyyy"]
    assert book["project"].oddHeader is not None
    assert book["project"].oddHeader.right.text == '=HYPERLINK("x")&&P'


def test_a_record_that_no_cell_can_hold_is_left_out_and_named() -> None:
    fields = example_fields("progress_report")
    fits, wide = "\U0001f600" * 16_383, "\U0001f600" * 16_384
    records = [
        Stored(1, fields | {"period_end": "2016-06-30", "summary": fits}),
        Stored(1, fields | {"period_end": "2016-07-31", "summary": wide}),
    ]
    book = opened(made("progress_report", records))
    assert [shown(row["period_end"]) for row in cells(book, "progress_report")] == ["2016-06-30"]
    told = " ".join(str(row[0].value) for row in book["Instructions"].iter_rows())
    assert "KEN-2016-004/KEN-2016-004-G1/interim/2016-01-01/2016-07-31" in told
    assert "2016-01-01/2016-06-30" not in told


@pytest.mark.slow
def test_twenty_thousand_records_take_time_in_proportion() -> None:
    fields = example_records()["project"][0].fields  # three rows
    few, many = _seconds(fields, 2_000), _seconds(fields, 20_000)
    assert many < 25 * few


def _seconds(fields: Mapping[str, Any], count: int) -> float:
    records = [Stored(1, {**fields, "project_code": f"KEN-{number:05}"}) for number in range(count)]
    before = time.process_time()
    content = made("project", records)
    spent = time.process_time() - before
    assert len(content) > 20 * count
    return spent
