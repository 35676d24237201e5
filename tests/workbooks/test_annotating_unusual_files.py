"""Workbooks that are right but written in ways few programs write them, and files that are no workbooks."""

import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from annotating import MARK, look, mark, marked_cells, opened, parts, repack, rich_workbook
from muster_ingest.workbooks.marking.annotate import annotate

_TRANSITIONAL = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships")  # fmt: skip  # noqa: E501
_STRICT = ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 6):
        sheet.append([row, row / 4, "a & b"])
    sheet["A1"].comment = Comment("mine", "Ann")
    sheet.column_dimensions["B"].width = 30
    book.save(tmp_path / "plain.xlsx")
    return tmp_path / "plain.xlsx"


def prefixed(data: bytes, prefix: str = "x") -> bytes:
    """The same XML with a prefix in place of the default namespace."""
    text = data.decode().replace('xmlns="', f'xmlns:{prefix}="', 1)
    return re.sub(r"(</?)(?=[A-Za-z][\w]*[\s/>])", rf"\1{prefix}:", text).encode()


def rewritten(path: Path, names: tuple[str, ...], change: object) -> None:
    assert callable(change)
    repack(path, {name: change(data) for name, data in parts(path).items() if name.endswith(names)})


_SPREADSHEET_PARTS = ("workbook.xml", "sheet1.xml", "styles.xml", "comment1.xml")


def test_parts_with_a_prefix_are_patched_in_their_prefix(path: Path, tmp_path: Path) -> None:
    before = look(path)
    rewritten(path, (*_SPREADSHEET_PARTS, ".rels", "[Content_Types].xml"), prefixed)
    assert look(path) == before

    annotate(path, [mark("Sheet", "A1"), mark("Sheet", "E9"), mark("Sheet", "B2")], tmp_path / "out.xlsx")
    annotate(tmp_path / "out.xlsx", [], tmp_path / "back.xlsx")

    assert set(marked_cells(tmp_path / "out.xlsx")) == {("Sheet", "A1"), ("Sheet", "E9"), ("Sheet", "B2")}
    assert look(tmp_path / "back.xlsx") == before


def test_parts_in_utf16_are_patched(path: Path, tmp_path: Path) -> None:
    def utf16(data: bytes) -> bytes:
        text = re.sub(r"<\?xml.*?\?>", "", data.decode())
        return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")

    before = look(path)
    rewritten(path, _SPREADSHEET_PARTS, utf16)

    annotate(path, [mark("Sheet", "A1", "d\u00e9j\u00e0"), mark("Sheet", "E9")], tmp_path / "out.xlsx")
    annotate(tmp_path / "out.xlsx", [], tmp_path / "back.xlsx")

    assert marked_cells(tmp_path / "out.xlsx")["Sheet", "E9"] == "Muster [2]\nis not right"
    assert look(tmp_path / "back.xlsx") == before


def test_a_strict_workbook_gets_strict_parts(path: Path, tmp_path: Path) -> None:
    def strict(data: bytes) -> bytes:
        text = data.decode()
        for transitional, its in zip(_TRANSITIONAL, _STRICT, strict=True):
            text = text.replace(transitional, its)
        return text.encode()

    rewritten(path, (*_SPREADSHEET_PARTS, ".rels"), strict)
    had = set(parts(path))

    annotate(path, [mark("Sheet", "B2")], tmp_path / "out.xlsx")

    everything = parts(tmp_path / "out.xlsx")
    for name in {name for name in everything if name.endswith((".rels", "sheet1.xml", "workbook.xml"))} | (
        set(everything) - had
    ):
        assert _TRANSITIONAL[0].encode() not in everything[name], name
        assert _TRANSITIONAL[1].encode() not in everything[name], name
    sheet = everything["xl/worksheets/sheet1.xml"].decode()
    assert re.search(r'<c [^>]*r="B2"[^>]*s="[1-9]', sheet) or re.search(r'<c s="[1-9]\d*" r="B2"', sheet)
    assert '<comment ref="B2"' in everything["xl/comments/comment1.xml"].decode()


def test_a_workbook_without_styles_gets_some(path: Path, tmp_path: Path) -> None:
    had = parts(path)
    without = {name: data for name, data in had.items() if name != "xl/styles.xml"}
    drop = re.compile(rb'<(?:Override|Relationship) [^>]*styles\.xml"[^>]*/>')
    with zipfile.ZipFile(path, "w") as package:
        for name, data in without.items():
            package.writestr(name, drop.sub(b"", data) if name.endswith((".rels", "Types].xml")) else data)

    annotate(path, [mark("Sheet", "B2")], tmp_path / "out.xlsx")
    annotate(tmp_path / "out.xlsx", [], tmp_path / "back.xlsx")

    assert list(marked_cells(tmp_path / "out.xlsx")) == [("Sheet", "B2")]
    assert not marked_cells(tmp_path / "back.xlsx")


def test_what_only_looks_like_a_row_is_not_taken_for_one(path: Path, tmp_path: Path) -> None:
    def disguise(data: bytes) -> bytes:
        aside = b'<!-- <row r="2"><c r="B2"/></row> --><row r="4"'
        cdata = b'<c r="D5" t="inlineStr"><is><t><![CDATA[<row r="2"><c r="B2"/></row> & more]]></t></is></c>'
        cdata += b"</row></sheetData>"
        return data.replace(b'<row r="4"', aside).replace(b"</row></sheetData>", cdata)

    rewritten(path, ("sheet1.xml",), disguise)
    before = look(path)
    assert before["Sheet", "D5"][0] == '<row r="2"><c r="B2"/></row> & more'

    annotate(path, [mark("Sheet", "B2"), mark("Sheet", "D5")], tmp_path / "out.xlsx")

    assert list(marked_cells(tmp_path / "out.xlsx")) == [("Sheet", "B2"), ("Sheet", "D5")]
    assert look(tmp_path / "out.xlsx")["Sheet", "D5"][0] == before["Sheet", "D5"][0]


def test_rows_and_cells_without_numbers_are_counted(path: Path, tmp_path: Path) -> None:
    def unnumbered(data: bytes) -> bytes:
        return re.sub(rb'(<(?:row|c)\b[^>]*?)\sr="\w+"', rb"\1", data)

    rewritten(path, ("sheet1.xml",), unnumbered)

    annotate(path, [mark("Sheet", "B3"), mark("Sheet", "F4")], tmp_path / "out.xlsx")

    assert list(marked_cells(tmp_path / "out.xlsx")) == [("Sheet", "B3"), ("Sheet", "F4")]


def test_single_quotes_and_spaces_are_understood(path: Path, tmp_path: Path) -> None:
    rewritten(path, ("sheet1.xml",), lambda data: re.sub(rb'\sr="(\w+)"', rb"  r = '\1' ", data))
    before = look(path)

    annotate(path, [mark("Sheet", "B3"), mark("Sheet", "F4")], tmp_path / "out.xlsx")
    annotate(tmp_path / "out.xlsx", [], tmp_path / "back.xlsx")

    assert list(marked_cells(tmp_path / "out.xlsx")) == [("Sheet", "B3"), ("Sheet", "F4")]
    assert look(tmp_path / "back.xlsx") == before


@pytest.mark.parametrize("cell", ["A0", "XFE1", "A1048577", "nonsense", "A1:B2", "", "Sheet!A1"])
def test_a_mark_on_no_cell_is_only_listed(path: Path, tmp_path: Path, cell: str) -> None:
    annotate(path, [mark("Sheet", cell, "listed", row=None)], tmp_path / "out.xlsx")

    assert not marked_cells(tmp_path / "out.xlsx")
    assert opened(tmp_path / "out.xlsx").worksheets[0]["F4"].value == "listed"


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut short"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.xlsx").write_bytes(content)

    with pytest.raises(ValueError, match="zip"):
        annotate(tmp_path / "bad.xlsx", [mark("Sheet", "A1")], tmp_path / "out.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.xlsx"]


@pytest.mark.parametrize(
    "name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("content", [b"", b"<worksheet", b"<a><sheetData><row>", b"\x00\xff"])
def test_a_workbook_with_a_broken_part_is_refused(path: Path, tmp_path: Path, name: str, content: bytes) -> None:
    repack(path, {name: content})

    with pytest.raises(ValueError, match=r"."):
        annotate(path, [mark("Sheet", "A1")], tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_the_file_can_be_annotated_in_its_place(tmp_path: Path) -> None:
    path = rich_workbook(tmp_path / "funding.xlsx")

    annotate(path, [mark("Funding", "D3")], path)

    assert list(marked_cells(path)) == [("Funding", "D3")]


def test_it_is_many_times_faster_than_reading_and_writing_the_workbook(tmp_path: Path) -> None:
    path, out = tmp_path / "large.xlsx", tmp_path / "out.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in range(2_000):
        sheet.append([f"text {row}" if column % 3 else row * 1.25 for column in range(30)])
    book.save(path)
    marks = [mark("Data", f"C{row}") for row in range(2, 2_000, 10)]

    ours = cpu_of(lambda: annotate(path, marks, out))
    theirs = cpu_of(lambda: with_openpyxl(path, tmp_path / "theirs.xlsx", marks))

    assert theirs / ours > 6


def cpu_of(work: object) -> float:
    assert callable(work)
    start = time.process_time()
    work()
    return time.process_time() - start


def with_openpyxl(path: Path, out: Path, marks: list[dict[str, str]]) -> None:
    book = openpyxl.load_workbook(path)
    for each in marks:
        cell = book["Data"][each["cell"]]
        cell.comment, cell.fill = Comment(each["message"], "Muster"), PatternFill("solid", fgColor=MARK)
    book.save(out)
