"""Books to render: random ones, and the sample reports; and the formats read back as programs that know no book do."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_args

from babel.numbers import parse_decimal
from hypothesis import strategies as st
from lxml import html  # type: ignore[import-untyped]  # publishes no types
from openpyxl import load_workbook

from muster_report import xlsx
from muster_report.about import complete
from muster_report.book import (
    Block,
    Book,
    Chart,
    Charts,
    Column,
    ColumnRole,
    Format,
    Note,
    Row,
    RowRole,
    Series,
    Sheet,
    Table,
    column_letters,
)
from muster_report.facts import Facts
from muster_report.renderers import csv_files, json_document
from muster_report.renderers import html as page
from muster_report.reports import catalogue
from report.published_facts import published, published_facts, with_change

Cells = dict[str, dict[str, Any]]  # sheet -> cell -> value
REPORTS = (("funding-requirements", {"year": "2016"}), ("partnerships", {"source": "MC/INF/253"}))
_STARTERS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_START = re.compile(rf"\A'(?=['\"\s]*[{_STARTERS}]|['\"]*\s)")
_AFTER = re.compile(rf"(?<=[;\t\n])'(?=[ '\"\xa0]*[{_STARTERS}])")
DASH = "\N{EN DASH}"


def finished(key: str, given: Mapping[str, str], facts: Facts | None = None, **asked: str) -> Book:
    """A sample report with About, Changes against an issue with other figures and names, and Sources."""
    if facts is None:
        return _of_sample(key, tuple(given.items()), tuple(asked.items()))
    return _completed(key, {**given, **asked}, facts)


@cache
def _of_sample(key: str, given: tuple[tuple[str, str], ...], asked: tuple[tuple[str, str], ...]) -> Book:
    return _completed(key, dict((*given, *asked)), published_facts())


def _completed(key: str, asked: Mapping[str, str], facts: Facts) -> Book:
    report = catalogue()[key]
    params = {"copy": "internal", **asked}
    base = report.build(with_change(list(_all(_released())), "acted", name="Another name"), params)
    return complete(report.build(facts, params), params=params, base=base)


@cache
def _released() -> Facts:
    return with_change(published(), "2016/KEN/migration_health", amount="760000")


def _all(facts: Facts) -> Iterator[Any]:
    for kind in facts.by_kind.values():
        yield from kind.values()


_NASTY = [
    "=1+1", "+1", "-2", "@x", "\t=1", "'=1", "''-1", "a;=1+1", "\n=2", "a\n-b", '"=1', "\xa0=1", "\uff1d1",
    "007", "12", "1,234", "<5", "</td><b>&amp;", DASH, " x ", "#N/A", "\x00", "\ud800", '"', "2016-11-30",
]  # fmt: skip
_texts = st.text(st.characters(exclude_characters="_"), max_size=12) | st.sampled_from(_NASTY)
_numbers = (
    st.integers(-(10**14), 10**14)
    | st.decimals(-(10**9), 10**9, places=4)
    | st.sampled_from([0, Decimal("0.125"), Decimal("-0.00"), Decimal("2.50")])
)
_values = st.none() | _numbers | st.dates(date(1950, 1, 1), date(2100, 1, 1)) | _texts
_names = st.text("ABab é'_&.-~()", min_size=1, max_size=12).filter(lambda name: name == name.strip(" '"))
_tags = st.sampled_from(["", "", "#country+code", "#reached", "#value+usd"])


@st.composite
def tables(draw: st.DrawFn, key: str) -> Table:
    """A table of up to five columns and seven rows (sometimes as long as to be folded) of any values."""
    width = draw(st.integers(1, 5))
    formats, roles = st.sampled_from(get_args(Format)), st.sampled_from(get_args(ColumnRole))
    columns = [Column(f"c{at}", draw(_texts), 14, draw(formats), draw(roles), draw(_tags)) for at in range(width)]
    kinds = st.sampled_from(get_args(RowRole))
    cells = st.lists(st.tuples(*[_values] * width), max_size=7).map(lambda rows: rows * 11 if len(rows) == 6 else rows)
    rows = tuple(Row(f"r{at}", row, draw(kinds)) for at, row in enumerate(draw(cells)))
    return Table(key, tuple(columns), rows, caption=draw(_texts))


@st.composite
def sheets(draw: st.DrawFn, name: str) -> Sheet:
    """A sheet of tables, notes and, where there are bars to draw, a chart."""
    blocks: list[Block] = []
    for at in range(draw(st.integers(0, 3))):
        blocks.append(draw(tables(f"t{at}")))
        if draw(st.booleans()):
            blocks.append(Note(f"n{at}", draw(_texts), draw(st.sampled_from(["plain", "alert"]))))
    blocks += [Charts((chart,)) for block in blocks[:1] if isinstance(block, Table) and (chart := _chart(block))]
    return Sheet(name, draw(_texts), draw(_texts), tuple(blocks))


def _chart(table: Table) -> Chart | None:
    if not any(row.role == "body" for row in table.rows):
        return None
    series = tuple(Series(f"Bars {column.key}", "rows", column.key) for column in table.columns)
    return Chart("chart", "A title", "What it shows", table.key, series, stacked=len(series) % 2 == 0)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """A book of one to three sheets."""
    names = draw(st.lists(_names, min_size=1, max_size=3, unique_by=lambda name: name.casefold()))
    return Book(draw(_texts), draw(_texts), tuple(draw(sheets(name)) for name in names), draw(_texts))


def in_workbook(book: Book) -> Cells:
    """Every cell of the workbook, as openpyxl reads it: numbers as decimals, days as days."""
    workbook = load_workbook(io.BytesIO(xlsx.render(book)))
    assert {sheet.sheet_state for sheet in workbook} == {"visible"}
    return {
        sheet.title: {c.coordinate: _typed(c.value) for row in sheet for c in row if c.value is not None}
        for sheet in workbook
    }


def _typed(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return Decimal(repr(value)) if isinstance(value, int | float) else value


def on_page(book: Book, lang: str) -> Cells:
    """Every cell of the page: numbers parsed as the language writes them."""
    tree = parsed(page.render(book, lang))
    names = {link.get("href")[1:]: link.text for link in tree.xpath("//nav//a")}
    return {names[section.get("id")]: dict(_section(section, lang)) for section in tree.xpath("//section")}


def parsed(content: bytes) -> Any:
    """The page as lxml reads it."""
    return html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))


def _section(section: Any, lang: str) -> Iterator[tuple[str, Any]]:
    outside = {"A1": section.find("h2"), "A2": section.find("p[@class='subtitle']")}
    outside |= {note.get("id").split("!")[1]: note for note in section.xpath(".//p[@id]")}
    yield from ((cell, text) for cell, at in outside.items() if at is not None and (text := at.text))
    for table in section.iter("table"):
        yield from _page_table(table, lang)


def _page_table(table: Any, lang: str) -> Iterator[tuple[str, Any]]:
    caption, headings = table.find("caption"), list(table.find("thead").iter("th"))
    if headings[0].get("id"):
        row = int(headings[0].get("id").split("!A")[1])
        above = [(f"A{row - 1}", caption.text)] if caption.get("class") is None else []
        standing = [(f"{column_letters(at)}{row}", heading.text) for at, heading in enumerate(headings, start=1)]
        yield from ((cell, text) for cell, text in above + standing if text)
    body = table.find("tbody")
    for row, line in enumerate(body.iter("tr"), start=int(body.get("data-row"))):
        for at, cell in enumerate(line, start=1):
            coordinate = f"{column_letters(at)}{row}"
            assert cell.get("id", coordinate).endswith(f"!{coordinate}") or "!" not in cell.get("id", coordinate)
            if (value := _page_value(cell, lang)) not in (None, ""):
                yield coordinate, value


def _page_value(cell: Any, lang: str) -> Any:
    classes = (cell.get("class") or "").split()
    if (exactly := cell.find("data")) is not None:
        return Decimal(exactly.get("value"))
    if (day := cell.find("time")) is not None:
        return date.fromisoformat(day.get("datetime"))
    if cell.text is None or "text" in classes or (cell.get("id") is None and "plain" not in classes):
        return cell.text
    return Decimal(0) if cell.text == DASH else parse_decimal(cell.text, locale=lang)


def untyped(cells: Cells) -> Cells:
    """The same cells as formats without types have them."""
    return {sheet: {at: _plain(value) for at, value in values.items()} for sheet, values in cells.items()}


def _plain(value: Any) -> str:
    if isinstance(value, Decimal | int):
        number = Decimal(value)
        return f"{number.normalize():f}" if number else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def in_json(book: Book) -> Cells:
    """Every cell of the JSON document."""
    document = json.loads(json_document.render(book), parse_float=_no_float)
    return {sheet["name"]: dict(_json_sheet(sheet)) for sheet in document["sheets"]}


def _no_float(text: str) -> None:
    raise AssertionError(f"{text} would be read as a float")


def _json_sheet(sheet: Any) -> Iterator[tuple[str, str]]:
    said = {"A1": sheet["title"], "A2": sheet["subtitle"]} | {note["cell"]: note["text"] for note in sheet["notes"]}
    for table in sheet["tables"]:
        header = table["header_row"]
        said |= {f"A{header - 1}": table["caption"]} if table["caption"] else {}
        lines = [[column["heading"] for column in table["columns"]], *(row["values"] for row in table["rows"])]
        said |= dict(_grid(lines, header))
    yield from ((cell, _plain(value)) for cell, value in said.items() if value not in (None, ""))


def _grid(lines: list[list[Any]], first_row: int) -> Iterator[tuple[str, Any]]:
    for row, line in enumerate(lines, start=first_row):
        yield from ((f"{column_letters(at)}{row}", value) for at, value in enumerate(line, start=1))


def csv_lines(content: bytes) -> dict[str, list[list[str]]]:
    """File name to lines of an archive of CSV files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode(), newline=""), strict=True))
            for name in archive.namelist()
        }


def as_it_was(text: str) -> str:
    """A text of a CSV file with the apostrophes taken away that keep it from being run."""
    return _AFTER.sub("", _START.sub("", text))


def in_csv(book: Book) -> Cells:
    """Every cell of the CSV files; where the tables stand is taken from the book, as the files do not say it."""
    files = csv_lines(csv_files.render(book))
    cells: Cells = {sheet.name: {} for sheet in book.sheets}
    tables_ = [(sheet.name, at) for sheet in book.sheets for at in sheet.placed() if isinstance(at.block, Table)]
    *figures, notes = files.values()
    for (name, placed), lines in zip(tables_, figures, strict=True):
        assert isinstance(placed.block, Table)
        tagged = any(column.tag for column in placed.block.columns)
        cells[name] |= dict(_grid([lines[0], *lines[2 if tagged else 1 :]], placed.header_row()))
    for sheet_name, cell, text in notes[1:]:
        cells[as_it_was(sheet_name)][cell] = text
    return {name: {at: as_it_was(text) for at, text in found.items() if text} for name, found in cells.items()}
