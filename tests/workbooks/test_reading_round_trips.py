"""Random workbooks come back cell for cell, whichever program wrote them, whichever lane they are read in."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from hostile_files import book, strings_xml, styles_xml
from muster_ingest.workbooks.reading.child import workbook_frames
from muster_ingest.workbooks.reading.limits import LIMITS
from muster_ingest.workbooks.reading.package import Package
from muster_ingest.workbooks.reading.parts import read_workbook
from muster_ingest.workbooks.reading.refused import Refused

RowsOf = Callable[..., list[list[Any]]]
Grid = list[list[Any]]

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=40
)
NUMBERS = st.one_of(
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False, width=64).map(lambda value: float(f"{value:.12g}")),
)
DATES = st.dates(date(1900, 3, 1), date(9999, 12, 31))
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - a workbook knows no time zones
    lambda moment: moment.replace(microsecond=0)
)
CELLS = st.one_of(st.none(), TEXTS.filter(lambda text: text[0] not in "=#"), NUMBERS, st.booleans(), DATES, MOMENTS)
GRIDS = st.lists(st.lists(CELLS, max_size=8), max_size=8)


def expected(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return f"b{int(value)}"
        case datetime() if value.time() == time():
            return f"D{value.date().isoformat()}"
        case datetime() | date():
            return f"D{value.isoformat()}"
        case str():
            return f"s{value}"
    return f"n{float(value):.12g}"


def expected_rows(grid: Grid) -> Grid:
    rows = [[number, *map(expected, row)] for number, row in enumerate(grid, start=1)]
    for row in rows:
        while not row[-1]:
            row.pop()
    return [row for row in rows if len(row) > 1]


def rounded(rows: Grid) -> Grid:
    """Numbers as programs agree on them: to 12 digits."""
    return [[f"n{float(cell[1:]):.12g}" if str(cell)[0:1] == "n" else cell for cell in row] for row in rows]


@SHARED
@given(GRIDS)
@example([["_x0041_", " padded ", "a&b<c>", "line\nend", "e\u0301 \U0001f600"]])
def test_what_openpyxl_wrote_comes_back(rows_of: RowsOf, grid: Grid) -> None:
    assume(not any("_x" in cell for row in grid for cell in row if isinstance(cell, str)) or "_x0041_" in grid[0])
    shown = [["A" if cell == "_x0041_" else cell for cell in row] for row in grid]  # openpyxl writes it as it stands

    assert rounded(rows_of(by_openpyxl([grid]))) == expected_rows(shown)


def by_openpyxl(grids: Iterable[Grid]) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for grid in grids:
        sheet = workbook.create_sheet()
        for number, row in enumerate(grid, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column, value)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


@SHARED
@given(GRIDS)
@example([["_x0041_", " padded ", "a&b<c>", "line\nend", "\x07 bell", "e\u0301 \U0001f600"]])
def test_what_xlsxwriter_wrote_comes_back(rows_of: RowsOf, grid: Grid) -> None:
    assert rounded(rows_of(by_xlsxwriter(grid))) == expected_rows(grid)


def by_xlsxwriter(grid: Grid) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        moment = workbook.add_format({"num_format": "d mmm yyyy hh:mm:ss"})
        sheet = workbook.add_worksheet()
        for row, values in enumerate(grid):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(row, column, value, moment if isinstance(value, datetime) else day)
                else:
                    sheet.write(row, column, value)
    return stream.getvalue()


def random_grid(random: Random) -> Grid:
    def value() -> Any:
        choices: list[Callable[[], Any]] = [
            lambda: None,
            lambda: random.choice(["Kenya", "Médecins", " spaced", "a & b", "1,5", "two\nlines", "日本", "TRUE", "'x"]),
            lambda: random.randrange(-(10**9), 10**9),
            lambda: float(f"{random.uniform(-1e6, 1e6):.10g}"),
            lambda: random.random() < 0.5,
            lambda: date(1900, 3, 1).replace(year=random.randrange(1901, 2100), month=random.randrange(1, 13)),
            lambda: datetime(2016, 11, 30, random.randrange(24), random.randrange(60)),  # noqa: DTZ001 - as above
        ]
        return random.choice(choices)()

    return [[value() for _ in range(random.randrange(9))] for _ in range(random.randrange(12))]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_what_libreoffice_saved_again_comes_back(rows_of: RowsOf, tmp_path: Path) -> None:
    random, folder = Random(253), tmp_path / "saved"  # noqa: S311 - to be repeatable is the point
    grids = [[random_grid(random) for _ in range(6)] for _ in range(10)]
    paths = [tmp_path / f"book{at}.xlsx" for at in range(len(grids))]
    for path, sheets in zip(paths, grids, strict=True):
        path.write_bytes(by_openpyxl(sheets))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=110)

    for path, sheets in zip(paths, grids, strict=True):
        rows = rounded(rows_of((folder / path.name).read_bytes()))
        assert rows == [row for grid in sheets for row in expected_rows(grid)]


ODD_TEXT = st.sampled_from(["", "x", "a&amp;b", "&#65;", "&#x1F600;", "_x0041_", "&lt;", "1 2", "&#13;", "é", "]]&gt;"])
ODD_VALUE = st.sampled_from(
    ["", "0", "1", "3", "9", "12.5", "-1E3", "1e-05", "NaN", "12abc", "42704", "60", " 7 ", "#N/A"]
)
ODD_TYPE = st.sampled_from(
    ["", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="inlineStr"', ' t="d"', ' t="q"']
)
ODD_STYLE = st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="4"', ' s="7"', ' s="x"', ' cm="1"'])
ODD_FORMULA = st.sampled_from(
    ["", "<f>A1&amp;1</f>", '<f t="shared" si="0"/>', '<f aca="false">B2</f>', "<f/>", "<f>&bad;</f>"]
)
ODD_BODY = st.one_of(
    st.builds("{}<v>{}</v>".format, ODD_FORMULA, ODD_VALUE),
    st.builds("{}<v>{}</v>".format, ODD_FORMULA, ODD_TEXT),
    st.builds("<is><t>{}</t></is>".format, ODD_TEXT),
    st.builds('<is><t xml:space="preserve">{}</t></is>'.format, ODD_TEXT),
    ODD_FORMULA,
    st.sampled_from(
        ["<v/>", "<is><r><t>x</t></r></is>", "<v>1</v><v>2</v>", "<!-- x -->", "<v>a]]>b</v>", "<v>1</v><x/>"]
    ),
)
ODD_CELL = st.builds('<c r="{{}}{{}}"{}{}>{}</c>'.format, ODD_STYLE, ODD_TYPE, ODD_BODY) | st.builds(
    '<c r="{{}}{{}}"{}/>'.format, ODD_STYLE
)
PLAIN_CELL = st.sampled_from(
    [
        *[
            '<c r="{}{}"><v>12.5</v></c>',
            '<c r="{}{}" t="inlineStr"><is><t>a &amp; b</t></is></c>',
            '<c r="{}{}" s="1"/>',
        ],
        *['<c r="{}{}" s="1"><v>42704</v></c>', '<c r="{}{}" t="b"><v>1</v></c>', '<c r="{}{}"><f>B1</f><v>1</v></c>'],
    ]
)
SAYS = [" a", ' ht="15" ht="16"', ' x14ac:dyDescent="0.25"', ' spans="1:3"', ' hidden="1"']
BETWEEN = ['<row r="13"/>', "\n", "<!-- </row> -->", "junk", "<x/>", "&amp;", "&bad;", "<row/>"]
COLUMNS = ["ACDZ", "BCEF", "ABDC", "AABC"]


@st.composite
def odd_rows(draw: st.DrawFn) -> str:
    """Rows in their plain form, but for the one or two places into which a patient enemy put something."""
    odd = draw(st.sets(st.integers(0, 30), max_size=2))
    places = iter(range(1_000))

    def drawn(oddly: st.SearchStrategy[str], plainly: st.SearchStrategy[str]) -> str:
        return draw(oddly if next(places) in odd else plainly)

    written = []
    for at in range(1, 5):
        number = drawn(st.sampled_from(["1", "9", "0", "01", "1048577"]), st.just(str(at + 1)))
        columns = drawn(st.sampled_from(COLUMNS), st.just("ABCD"))
        cells = [drawn(ODD_CELL, PLAIN_CELL).format(column, number) for column in columns[: draw(st.integers(0, 4))]]
        if cells and next(places) in odd:
            cells[-1] = cells[-1].replace(f'{number}"', '7"')
        says = drawn(st.sampled_from(SAYS), st.just(""))
        written.append(f'<row r="{number}"{says}>{"".join(cells)}</row>{drawn(st.sampled_from(BETWEEN), st.just(""))}')
    return "".join(written)


def read_in_lane(content: bytes, path: Path, *, plainly: bool) -> list[Any] | str:
    path.write_bytes(content)
    try:
        with Package(path, LIMITS) as package:
            workbook = read_workbook(package, LIMITS)
            return list(workbook_frames(package, workbook, LIMITS, len(content), plainly=plainly))
    except Refused as refused:
        return f"{refused.code} {refused.cell}"


@settings(SHARED, max_examples=200)
@given(odd_rows(), st.lists(st.builds("<si><t>{}</t></si>".format, ODD_TEXT) | st.just("<si><r><t>q</t></r></si>")))
def test_both_lanes_read_the_same(tmp_path: Path, rows: str, strings: list[str]) -> None:
    content = book(rows, strings=strings_xml("".join(strings)), styles=styles_xml([0, 14, 9, 17, 20]))

    plain = read_in_lane(content, tmp_path / "a.xlsx", plainly=True)
    strict = read_in_lane(content, tmp_path / "a.xlsx", plainly=False)

    assert plain == strict


@pytest.mark.parametrize(
    "text", ["&bad;", "&", "&#0;", "&#xD800;", "&#x110000;", "]]>", "\x01", "\ufffe", "\x7f", "a\rb"]
)
@pytest.mark.parametrize("cell", ['t="inlineStr"><is><t>{}</t></is>', 't="s"><v>0</v>', "><f>{}</f><v>1</v>"])
def test_both_lanes_refuse_the_same_characters(tmp_path: Path, text: str, cell: str) -> None:
    rows = f'<row r="1"><c r="A1" {cell.format(text)}</c></row>'
    content = book(rows, strings=strings_xml(f"<si><t>{text if 's' in cell else ''}</t></si>"))

    plain = read_in_lane(content, tmp_path / "a.xlsx", plainly=True)

    assert plain == read_in_lane(content, tmp_path / "a.xlsx", plainly=False)
    assert ("damaged" in plain) == (text not in {"\x7f", "a\rb"})


def test_workbooks_of_the_usual_programs_go_the_plain_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from muster_ingest.workbooks.reading.strict_rows import StrictRows

    seen: list[dict[str, str]] = []
    begin = StrictRows._begin_row

    def begin_and_tell(self: StrictRows, said: dict[str, str]) -> None:
        seen.append(said)
        begin(self, said)

    monkeypatch.setattr(StrictRows, "_begin_row", begin_and_tell)
    grid: Grid = [["Kenya & Uganda", 12.5, None, date(2016, 11, 30), True, "=SUM(B1:B2)"]] * 40

    for content in (by_openpyxl([grid]), by_xlsxwriter(grid)):
        assert len(read_in_lane(content, tmp_path / "a.xlsx", plainly=True)) == 3
    assert seen == []
