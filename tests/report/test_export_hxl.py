"""HXL: a CSV for every kind, with hashtags that a humanitarian data exchange understands."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import factories
from every_kind import RECORDS
from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import columns as sheets
from muster_report.exports.hxl import harmless, hxl_csv
from muster_report.exports.hxl_columns import columns_of, kinds
from muster_report.facts import Fact
from report.export_facts import fact_of, sample_records

# hxlstandard.org, "HXL core hashtags" of version 1.1
CORE_HASHTAGS = """
    access activity adm1 adm2 adm3 adm4 adm5 affected beneficiary capacity cause channel contact country crisis
    currency date delivery description event frequency geo group impact indicator inneed item loc meta modality
    need operations org output population reached region respondee sector service severity status subsector
    targeted value
"""
TAG = re.compile(r"#([a-z][a-z0-9_]*)((?:\+[a-z][a-z0-9_]*)*)")
WITH_NUMBERS = ("#targeted", "#reached", "#value", "#indicator+num")


def stored(kind: str) -> dict[str, Any]:
    """A complete record of a kind as ingest stores it."""
    sent = {name: value for name, value in RECORDS[kind].items() if name != "kind"}
    loaded: dict[str, Any] = KINDS[kind].schema.load(json.loads(json.dumps(sent), parse_float=Decimal))
    return loaded


def fact(kind: str, fields: dict[str, Any]) -> Fact:
    return replace(fact_of({**RECORDS[kind], "kind": "office"}, 1), kind=kind, fields=fields)


def written(kind: str, *facts: Fact, copy: str = "internal") -> list[list[str]]:
    text = b"".join(hxl_csv(kind, facts, copy)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_kind_has_the_columns_of_its_workbook_sheet() -> None:
    assert set(kinds()) == set(KINDS)
    for kind in kinds():
        mine, theirs = columns_of(kind), sheets.columns_of(kind)
        assert [(c.name, c.key) for c in mine] == [(c.name, c.key) for c in theirs], kind


@pytest.mark.parametrize("kind", kinds())
def test_tags_are_of_the_core_list_and_each_column_has_its_own(kind: str) -> None:
    found = [TAG.fullmatch(column.tag) for column in columns_of(kind)]
    assert {match.group(1) for match in found if match} <= set(CORE_HASHTAGS.split())
    assert all(found)
    meant = [(match.group(1), frozenset(match.group(2).split("+"))) for match in found if match]
    assert len(set(meant)) == len(meant)


@pytest.mark.parametrize("kind", kinds())
def test_a_record_is_written_as_in_its_workbook_sheet(kind: str) -> None:
    fields = stored(kind)
    names, tags, *rows = written(kind, fact(kind, fields))
    assert tags == [column.tag for column in columns_of(kind)]
    expected = [{name: str(value) for name, value in row.items()} for row in sheets.rows_of(kind, fields)]
    told = [{name: text for name, text in zip(names, row, strict=True) if text} for row in rows]
    assert told == [{name: _as_written(kind, name, text) for name, text in row.items()} for row in expected]


def _as_written(kind: str, name: str, text: str) -> str:
    column = next(column for column in columns_of(kind) if column.name == name)
    return text if column.number else harmless(text)


@pytest.mark.parametrize("kind", kinds())
def test_dates_and_numbers_are_what_their_tags_promise(kind: str) -> None:
    names, tags, *rows = written(kind, fact(kind, stored(kind)))
    for name, tag, *cells in zip(names, tags, *rows, strict=True):
        for text in filter(None, cells):
            if tag.startswith(WITH_NUMBERS):
                assert Decimal(text).is_finite(), name
            if tag.startswith("#date"):
                assert _is_day_or_longer(text), (name, text)


def _is_day_or_longer(text: str) -> bool:
    """A year, a month, a day or a time of ISO 8601."""
    if "T" in text:
        return datetime.fromisoformat(text).tzinfo is not None
    return bool(date.fromisoformat(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])  # noqa: RUF001 - a wide equals sign
def test_text_that_would_be_a_formula_is_made_harmless(start: str) -> None:
    project = {**stored("project"), "title": f"{start}1+1", "sdg_targets": [f"{start}2"]}
    names, _, row, *_ = written("project", fact("project", project))
    cells = dict(zip(names, row, strict=True))
    assert (cells["title"], cells["sdg_targets"]) == (f"'{start}1+1", f"'{start}2")


def test_a_negative_number_stays_a_number() -> None:
    _, _, row = written("indicator_value", fact("indicator_value", {**stored("indicator_value"), "value": "-12.5"}))
    assert "-12.5" in row


@given(
    text=st.text(st.characters(exclude_categories=["Cs"])), number=st.decimals(allow_nan=False, allow_infinity=False)
)
def test_whatever_is_written_reads_back(text: str, number: Decimal) -> None:
    fields = {**stored("indicator_value"), "note": text, "value": str(number)}
    names, _, row = written("indicator_value", fact("indicator_value", fields))
    cells = dict(zip(names, row, strict=True))
    assert cells["note"] in {text, f"'{text}"}
    assert Decimal(cells["value"]) == number


@pytest.mark.parametrize("copy", ["donor", "public"])
def test_copies_that_leave_the_house_have_no_person_note_or_count_of_people(copy: str) -> None:
    for kind in kinds():
        names, tags, *rows = written(kind, fact(kind, stored(kind)), copy=copy)
        assert not [tag for tag in tags if tag.startswith(("#contact", "#targeted", "#reached"))]
        assert not {"note", "reason", "summary", "challenges", "lessons"} & set(names)
        assert not [cell for row in rows for cell in row if "@example" in cell]


def test_a_kind_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        hxl_csv("nothing", [])


def test_a_kind_without_records_still_has_its_two_header_rows() -> None:
    assert len(written("donor")) == 2


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        tracemalloc.reset_peak()
        facts = (fact_of(factories.grant(f"G-{n}"), 1) for n in range(count))
        assert sum(piece.count(b"\r\n") for piece in hxl_csv("grant", facts)) == count + 2
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        small, large = peak(1000), peak(3000)
    finally:
        tracemalloc.stop()
    assert large < small + 100_000


def _samples(kind: str) -> Iterator[Fact]:
    yield fact(kind, stored(kind))
    yield from (fact_of(record, 1) for record in sample_records() if record["kind"] == kind)


needs_libhxl = pytest.mark.skipif(find_spec("hxl") is None, reason="libhxl is not installed")


def _errors(rows: list[list[str]]) -> int:
    """How many errors libhxl finds by its default schema."""
    import hxl  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only where it is installed

    data = hxl.data(rows)
    assert len(data.columns) == len(rows[0])
    return int(hxl.validate(data)["stats"]["error"])


@needs_libhxl
@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("copy", ["internal", "public"])
def test_libhxl_finds_no_error(kind: str, copy: str) -> None:
    assert _errors(written(kind, *_samples(kind), copy=copy)) == 0


@needs_libhxl
def test_libhxl_would_find_what_is_no_date_or_number() -> None:
    wrong = {**stored("grant"), "signed": "soon", "amount": "much"}
    assert _errors(written("grant", fact("grant", wrong))) == 2
