"""An annotated workbook that comes back loses its marks, whatever program saved it in between."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from annotating import look, mark, marked_cells, opened, parts, repack, rich_workbook, saved_by_libreoffice
from muster_ingest.workbooks.marking.annotate import annotate

_MARKS = [mark("Funding", cell) for cell in ("D3", "C4", "C5", "F22", "A9", "E40", "B2")] + [mark("Partners", "A1")]


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return rich_workbook(tmp_path / "funding.xlsx")


def annotated(path: Path, marks: list[dict[str, Any]]) -> Path:
    out = path.with_name(f"{path.stem}-annotated.xlsx")
    annotate(path, marks, out)
    return out


def stripped(path: Path) -> Path:
    out = path.with_name(f"{path.stem}-stripped.xlsx")
    annotate(path, [], out)
    return out


def saved_by_openpyxl(path: Path, change: Callable[[Any], None] | None = None) -> Path:
    book, out = opened(path), path.with_name(f"{path.stem}-saved.xlsx")
    if change is not None:
        change(book)
    book.save(out)
    return out


def assert_without_marks(path: Path, original: Path) -> None:
    assert opened(path).sheetnames == opened(original).sheetnames
    assert look(path) == look(original)
    assert "_muster_errors" not in opened(path).defined_names
    assert b"Muster" not in b"".join(data for name, data in parts(path).items() if "omments" in name)


def test_without_new_errors_the_users_file_is_back(rich: Path) -> None:
    back = stripped(annotated(rich, _MARKS))

    assert_without_marks(back, rich)
    assert set(parts(back)) == set(parts(rich))
    for name in ("xl/drawings/commentsDrawing1.vml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        assert parts(back)[name] == parts(rich)[name]
    assert opened(back).active.title == opened(rich).active.title == "Partners"
    titles = [sheet.print_title_rows for sheet in opened(back).worksheets]
    assert titles == [sheet.print_title_rows for sheet in opened(rich).worksheets]


def test_a_note_in_several_typefaces_is_given_back_as_it_was(rich: Path) -> None:
    name = "xl/comments/comment1.xml"
    runs = '<r><rPr><b/><sz val="9"/></rPr><t>first</t></r><r><rPr><sz val="8"/></rPr><t> note</t></r>'
    repack(rich, {name: parts(rich)[name].replace(b"<t>first note</t>", runs.encode())})

    out = annotated(rich, [mark("Funding", "B2", "wrong")])

    assert runs.encode() in parts(out)[name]
    assert (marked_cells(out)["Funding", "B2"] or "").startswith("Muster [1]\nwrong\n")
    assert parts(stripped(out))[name] == parts(rich)[name]


def test_new_errors_replace_the_former_ones(rich: Path) -> None:
    again = annotated(annotated(rich, _MARKS), [mark("Funding", "D3", "still"), mark("Funding", "E5", "now this")])

    assert marked_cells(again) == {("Funding", "D3"): "Muster [1]\nstill", ("Funding", "E5"): "Muster [2]\nnow this"}
    assert opened(again).sheetnames == ["Errors", "Funding", "Partners", "Years"]
    assert_without_marks(stripped(again), rich)


def test_going_round_many_times_adds_nothing(rich: Path) -> None:
    once = annotated(rich, _MARKS)
    sizes = []
    for _ in range(3):
        once = annotated(once, _MARKS)
        sizes.append({name: len(data) for name, data in parts(once).items()})
    assert sizes[0] == sizes[1] == sizes[2]


def test_marks_go_after_openpyxl_saved_the_file(rich: Path) -> None:
    plain = saved_by_openpyxl(rich)
    back = stripped(saved_by_openpyxl(annotated(rich, _MARKS)))

    assert_without_marks(back, plain)


def test_marks_go_after_libreoffice_saved_the_file(rich: Path, tmp_path: Path) -> None:
    plain = saved_by_libreoffice(rich, tmp_path / "plain")
    back = stripped(saved_by_libreoffice(annotated(rich, _MARKS), tmp_path / "marked"))

    assert_without_marks(back, plain)


def test_marks_go_after_the_user_renamed_and_moved_the_list(rich: Path) -> None:
    def change(book: Any) -> None:
        book["Errors"].title = "My list, it's here"
        book.move_sheet(book.worksheets[0], offset=2)
        name = book.defined_names["_muster_errors"]
        name.attr_text = "'My list, it''s here'!$A$1"

    back = stripped(saved_by_openpyxl(annotated(rich, _MARKS), change))

    assert_without_marks(back, saved_by_openpyxl(rich))
    assert [sheet.print_title_rows for sheet in opened(back).worksheets] == ["$1:$1", "$1:$1", None]


def test_the_list_is_known_by_its_hidden_text_where_the_name_is_lost(rich: Path) -> None:
    def change(book: Any) -> None:
        del book.defined_names["_muster_errors"]

    assert_without_marks(stripped(saved_by_openpyxl(annotated(rich, _MARKS), change)), saved_by_openpyxl(rich))


def test_marks_go_though_the_user_deleted_the_list(rich: Path) -> None:
    def change(book: Any) -> None:
        del book["Errors"]
        book["Partners"].sheet_view.tabSelected = True

    back = stripped(saved_by_openpyxl(annotated(rich, [mark("Funding", "D5"), mark("Funding", "B6")]), change))

    assert not marked_cells(back)
    assert look(back) == look(saved_by_openpyxl(rich))


def test_marks_are_taken_off_cells_that_moved(rich: Path) -> None:
    """Sorting and inserting rows carry a cell's style and its note along; the note tells which mark it was."""

    def swap(book: Any) -> None:
        sheet = book["Funding"]
        for column in range(1, 6):
            one, two = sheet.cell(3, column), sheet.cell(15, column)
            one.value, two.value = two.value, one.value
            one._style, two._style = two._style, one._style
            one_note, two_note = one.comment, two.comment
            one.comment = two.comment = None
            one.comment = Comment(two_note.text, two_note.author) if two_note else None
            two.comment = Comment(one_note.text, one_note.author) if one_note else None

    marks = [mark("Funding", "D3"), mark("Funding", "C15"), mark("Funding", "A9")]
    assert_without_marks(stripped(saved_by_openpyxl(annotated(rich, marks), swap)), saved_by_openpyxl(rich, swap))


def test_a_cell_the_user_painted_from_a_marked_one_loses_the_fill(rich: Path) -> None:
    def paint(book: Any) -> None:
        sheet = book["Funding"]
        sheet["D9"]._style = sheet["D8"]._style

    back = stripped(saved_by_openpyxl(annotated(rich, [mark("Funding", "D8")]), paint))

    assert_without_marks(back, saved_by_openpyxl(rich))


def test_a_cell_whose_note_the_user_deleted_gets_its_own_fill_back(rich: Path) -> None:
    def delete_note(book: Any) -> None:
        book["Funding"]["C6"].comment = None

    back = stripped(saved_by_openpyxl(annotated(rich, [mark("Funding", "D3"), mark("Funding", "C6")]), delete_note))

    assert_without_marks(back, saved_by_openpyxl(rich))


def test_what_the_user_corrected_is_kept(rich: Path) -> None:
    def correct(book: Any) -> None:
        book["Funding"]["D3"], book["Funding"]["F22"] = 12, "added"

    back = stripped(saved_by_openpyxl(annotated(rich, _MARKS), correct))

    assert opened(back)["Funding"]["D3"].value == 12
    assert opened(back)["Funding"]["F22"].value == "added"
    assert look(back) == look(saved_by_openpyxl(rich, correct))


_CELL = st.tuples(st.integers(1, 30), st.integers(1, 12))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filled=st.sets(_CELL, max_size=40), wrong=st.lists(_CELL, max_size=12), chance=st.randoms(use_true_random=False))
def test_any_cells_of_any_sheet_are_marked_and_restored(
    tmp_path: Path, filled: set[tuple[int, int]], wrong: list[tuple[int, int]], chance: random.Random
) -> None:
    path = random_workbook(tmp_path / "random.xlsx", filled, chance)
    cells = [f"{get_column_letter(column)}{row}" for row, column in wrong]

    out = annotated(path, [mark("Sheet", cell) for cell in cells])

    assert set(marked_cells(out)) == {("Sheet", cell) for cell in cells}
    assert look(stripped(out)) == look(path)
    assert look(stripped(saved_by_openpyxl(out))) == look(path)


def random_workbook(path: Path, filled: set[tuple[int, int]], chance: random.Random) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, column in filled:
        cell = sheet.cell(row, column, chance.choice([1, 2.5, "text", "=1+1", None, True]))
        cell.number_format = chance.choice(["General", "0.00", "dd/mm/yyyy"])
        if chance.random() < 0.3:
            cell.fill = PatternFill("solid", fgColor=chance.choice(["FFFF0000", "FF00FF00"]))
        if chance.random() < 0.3:
            cell.font = Font(bold=True)
        if chance.random() < 0.2:
            cell.comment = Comment(chance.choice(["mine", " two\nlines ", "Muster is fine"]), "Ann")
    book.save(path)
    return path
