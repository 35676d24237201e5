"""Each wrong cell has a fill and a note, and the first sheet lists every error."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from annotating import MARK, look, mark, marked_cells, opened, parts, repack, rich_workbook, style_of
from muster_ingest.workbooks.marking.annotate import ERRORS_HEADERS, ERRORS_SHEET_NAMES, annotate, is_errors_sheet_name


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return rich_workbook(tmp_path / "funding.xlsx")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "annotated.xlsx"


def test_exactly_the_wrong_cells_are_marked(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "D3", "too much"), mark("Partners", "A4", "unknown: did you mean NRC?")], out)

    assert marked_cells(out) == {
        ("Funding", "D3"): "Muster [1]\ntoo much",
        ("Partners", "A4"): "Muster [2]\nunknown: did you mean NRC?",
    }
    book = opened(out)
    assert book["Funding"]["D3"].comment.author == "Muster"
    assert book["Funding"]["D3"].number_format == "#,##0.00"
    assert book["Funding"]["D3"].alignment.horizontal == "center"


def test_everything_but_the_marks_is_as_it_was(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "D3"), mark("Partners", "A4")], out)

    before, after = look(rich), look(out)
    for place, (value, style, note) in before.items():
        now_value, now_style, now_note = after.pop(place)
        assert now_value == value
        if place not in {("Funding", "D3"), ("Partners", "A4")}:
            assert (now_style, now_note) == (style, note)
        else:
            assert now_style == (style[0], MARK, *style[2:])
    assert {sheet for sheet, _ in after} == {"Errors"}


def test_several_errors_in_a_cell_make_one_note(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "D3", "one"), mark("Funding", "E9"), mark("Funding", "D3", "two")], out)

    assert marked_cells(out)["Funding", "D3"] == "Muster [1]\none\ntwo"


@pytest.mark.parametrize("cell", ["F3", "XFD3", "A24", "C300", "B1048576", "J1", "A22"])
def test_a_blank_cell_is_marked_even_where_the_file_has_no_such_cell_or_row(rich: Path, out: Path, cell: str) -> None:
    annotate(rich, [mark("Funding", cell), mark("Funding", "B5")], out)

    sheet = opened(out)["Funding"]
    assert sheet[cell].fill.fgColor.rgb == MARK
    assert sheet[cell].comment.text.startswith("Muster [1]")
    assert sheet["B5"].fill.fgColor.rgb == MARK


def test_rows_and_cells_stay_in_order(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", cell) for cell in ("Z30", "A30", "F22", "F3", "A22", "H3", "B40")], out)

    sheet = parts(out)["xl/worksheets/sheet1.xml"].decode()
    rows = [int(piece.split('"')[0]) for piece in sheet.split('<row r="')[1:]]
    assert rows == sorted(set(rows))
    third = sheet[sheet.index('<row r="3"') : sheet.index('<row r="4"')]
    assert third.index('r="E3"') < third.index('r="F3"') < third.index('r="H3"')


def test_a_row_promises_no_span_that_a_new_cell_breaks(rich: Path, out: Path) -> None:
    sheet = parts(rich)["xl/worksheets/sheet1.xml"].decode()
    spanned = sheet.replace('<row r="5"', '<row spans="1:5" r="5"').replace('<row r="6"', '<row spans="1:5" r="6"')
    repack(rich, {"xl/worksheets/sheet1.xml": spanned.encode()})

    annotate(rich, [mark("Funding", "J5"), mark("Funding", "B6")], out)

    now = parts(out)["xl/worksheets/sheet1.xml"].decode()
    assert '<row r="5"' in now
    assert '<row spans="1:5" r="6"' in now


@pytest.mark.parametrize("rows", ["<sheetData/>", "<sheetData></sheetData>", '<sheetData><row r="2"/></sheetData>'])
def test_a_sheet_without_cells_is_marked_too(tmp_path: Path, out: Path, rows: str) -> None:
    path = tmp_path / "empty.xlsx"
    openpyxl.Workbook().save(path)
    sheet = parts(path)["xl/worksheets/sheet1.xml"].decode()
    for empty in ("<sheetData />", "<sheetData/>", "<sheetData></sheetData>"):
        sheet = sheet.replace(empty, "ROWS")
    repack(path, {"xl/worksheets/sheet1.xml": sheet.replace("ROWS", rows).encode()})

    annotate(path, [mark("Sheet", "B2")], out)

    assert list(marked_cells(out)) == [("Sheet", "B2")]


def test_a_missing_cell_takes_the_style_of_its_row_or_column(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "styled.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"] = "a", "b"
    sheet.column_dimensions["C"].font = Font(italic=True)
    sheet.column_dimensions["C"].number_format = "0.000"
    sheet.row_dimensions[2].number_format = "0%"
    book.save(path)

    annotate(path, [mark("Sheet", cell) for cell in ("C1", "C2", "B9", "C9")], out)

    marked = opened(out)["Sheet"]
    assert {cell: marked[cell].number_format for cell in ("C1", "C2", "B9", "C9")} == {
        "C1": "0.000",
        "C2": "0%",
        "B9": "General",
        "C9": "0.000",
    }
    assert marked["C9"].font.i


def test_a_users_own_note_stays_below_ours(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "C4", "not known")], out)

    note = opened(out)["Funding"]["C4"].comment
    assert note.text.startswith("Muster [1]\nnot known\n")
    assert note.text.endswith("\n  second\nnote")
    assert note.author == "Bob"


def test_the_first_sheet_lists_every_error_with_a_link(rich: Path, out: Path) -> None:
    marks = [
        mark("Funding", "D3", "too much", field="amount", value="9e9"),
        mark("Funding", None, "row twice", row=7),
        mark("Partners", None, "no header"),
        mark("Nowhere", "A1", "no such sheet"),
        mark(None, None, "no sheet at all", field=None, value=None),
    ]
    annotate(rich, marks, out)

    book = opened(out)
    sheet = book.worksheets[0]
    assert book.active is sheet
    assert sheet.title == "Errors"
    assert sheet["A1"].value == "5 errors in this workbook"
    assert "upload this same file again" in sheet["A2"].value
    assert tuple(cell.value for cell in sheet[3][:6]) == ERRORS_HEADERS["en"]
    assert [cell.value for cell in sheet[4][:6]] == [1, "Funding", "D3", "amount", "9e9", "too much"]
    links = {cell.coordinate: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {"C4": "'Funding'!D3", "C5": "'Funding'!A7", "B6": "'Partners'!A1"}
    assert [sheet.cell(row, 6).value for row in range(4, 9)] == [each["message"] for each in marks]
    assert sheet["C5"].value == "row 7"


def test_the_list_is_made_to_be_read_and_printed(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "D3")], out)

    sheet = opened(out).worksheets[0]
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet["F4"].alignment.wrap_text
    assert sheet.column_dimensions["F"].width > 50
    assert sheet.column_dimensions["G"].hidden


@pytest.mark.parametrize(
    ("language", "name"), [("fr", "Erreurs"), ("es-MX", "Errores"), ("en", "Errors"), ("xx", "Errors")]
)
def test_the_list_speaks_the_users_language(rich: Path, out: Path, language: str, name: str) -> None:
    annotate(rich, [mark("Funding", "D3")], out, language)

    book = opened(out)
    assert book.sheetnames[0] == name
    assert name in ERRORS_SHEET_NAMES
    assert tuple(cell.value for cell in book.worksheets[0][3][:6]) in ERRORS_HEADERS.values()


def test_a_sheet_of_the_users_own_called_errors_is_left_alone(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "own.xlsx"
    book = openpyxl.Workbook()
    book.create_sheet("errors")["A1"] = "mine"
    book.save(path)

    annotate(path, [mark("errors", "A1")], out)
    again = out.with_name("again.xlsx")
    annotate(out, [], again)

    assert opened(out).sheetnames == ["Errors 2", "Sheet", "errors"]
    assert is_errors_sheet_name("Errors 2")
    assert look(again) == look(path)


def test_what_users_typed_is_never_a_formula_nor_markup(rich: Path, out: Path) -> None:
    nasty = '=HYPERLINK("x")</t></is><f>1</f>&amp; \x00\x08\ufffe _x0041_ \U0001f600'
    annotate(rich, [mark("Funding", "D3", nasty, value=nasty, field=nasty)], out)

    sheet = opened(out).worksheets[0]
    assert sheet["E4"].data_type == "s"
    shown = sheet["E4"].value.replace("_x005F_", "_")
    assert shown == '=HYPERLINK("x")</t></is><f>1</f>&amp;  _x0041_ \U0001f600'
    assert "</t></is><f>1</f>&amp;" in str(marked_cells(out)["Funding", "D3"])


def test_long_text_is_cut_to_what_a_cell_holds(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "D3", "\U0001f600" * 40_000)], out)

    text = opened(out).worksheets[0]["F4"].value
    assert 32_700 < len(text.encode("utf-16-le")) / 2 <= 32_767
    assert text.endswith("\u2026")


def test_the_same_input_gives_the_same_bytes(rich: Path, tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        annotate(rich, [mark("Funding", "D3"), mark("Partners", "Z9")], tmp_path / name)

    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_the_style_of_a_cell_marked_for_the_first_time_is_its_own_with_our_fill(rich: Path, out: Path) -> None:
    annotate(rich, [mark("Funding", "C5")], out)

    before, after = (opened(path)["Funding"]["C5"] for path in (rich, out))
    assert style_of(after) == (style_of(before)[0], MARK, *style_of(before)[2:])
    assert isinstance(after.comment, Comment)
