"""What is not marked stays as the user made it, to the byte."""

import re
import struct
import zipfile
from pathlib import Path

import pytest

from annotating import CONTROLS, SPARKLINES_AND_BARS, mark, opened, parts, rich_workbook, saved_by_libreoffice
from muster_ingest.workbooks.marking.annotate import annotate

_MARKS = [mark("Funding", "D3"), mark("Funding", "B2"), mark("Funding", "F22")]
_PATCHED = {
    "[Content_Types].xml",
    "docProps/app.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",  # was the selected sheet
    "xl/comments/comment1.xml",
    "xl/drawings/commentsDrawing1.vml",
}


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return rich_workbook(tmp_path / "funding.xlsx")


@pytest.fixture
def annotated(rich: Path, tmp_path: Path) -> Path:
    annotate(rich, _MARKS, tmp_path / "annotated.xlsx")
    return tmp_path / "annotated.xlsx"


def compressed(path: Path) -> dict[str, bytes]:
    """The compressed bytes of each entry, as they lie in the file."""
    raw, found = path.read_bytes(), {}
    with zipfile.ZipFile(path) as package:
        for info in package.infolist():
            name, extra = struct.unpack_from("<HH", raw, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            found[info.filename] = raw[start : start + info.compress_size]
    return found


def test_every_other_part_is_the_same_to_its_compressed_bytes(rich: Path, annotated: Path) -> None:
    before, after = compressed(rich), compressed(annotated)

    changed = {name for name in before if before[name] != after[name]}
    assert changed == _PATCHED - {"docProps/app.xml"}  # openpyxl writes no titles there to keep in step
    assert set(after) - set(before) == {"xl/worksheets/musterErrors1.xml"}


def test_the_zip_is_sound_and_begins_with_the_content_types(annotated: Path) -> None:
    with zipfile.ZipFile(annotated) as package:
        assert package.testzip() is None
        assert package.namelist()[0] == "[Content_Types].xml"
        assert len(set(package.namelist())) == len(package.namelist())
        new = package.getinfo("xl/worksheets/musterErrors1.xml")
        assert new.date_time == (1980, 1, 1, 0, 0, 0)


def test_every_part_has_a_type_and_every_relation_leads_somewhere(annotated: Path) -> None:
    everything = parts(annotated)
    types = everything["[Content_Types].xml"].decode()
    for name in everything:
        extension = name.rpartition(".")[2]
        assert f'PartName="/{name}"' in types or f'Extension="{extension}"' in types or name == "[Content_Types].xml"
    for named in re.findall(r'PartName="/([^"]+)"', types):
        assert named in everything
    for relations in (data.decode() for name, data in everything.items() if name.endswith(".rels")):
        for target in re.findall(r'Target="/([^"]+)"', relations):
            assert target in everything


def test_stored_formula_values_are_kept(annotated: Path) -> None:
    sheet = parts(annotated)["xl/worksheets/sheet1.xml"].decode()
    assert sheet.count("<v>42.5</v>") == 19


def test_sparklines_data_bars_controls_and_header_picture_are_kept(rich: Path, annotated: Path) -> None:
    sheet = parts(annotated)["xl/worksheets/sheet1.xml"].decode()
    assert CONTROLS in sheet
    assert SPARKLINES_AND_BARS in sheet
    assert 'r:id="rIdHF"' in sheet
    order = [sheet.index(f"<{name}") for name in ("drawing ", "legacyDrawing ", "legacyDrawingHF", "mc:Alt", "extLst")]
    assert order == sorted(order)


def test_the_check_box_and_the_users_notes_keep_their_shapes(rich: Path, annotated: Path) -> None:
    before, after = (parts(path)["xl/drawings/commentsDrawing1.vml"].decode() for path in (rich, annotated))
    assert after.startswith(before.removesuffix("</xml>"))
    numbers = re.findall(r'<\w+:shape [^>]*?id="_x0000_s(\d+)"', after)
    assert len(set(numbers)) == len(numbers) == 5  # two notes and a check box of the user's; D3 and F22


def test_where_a_sheet_has_controls_but_no_notes_the_drawing_goes_before_them(rich: Path, tmp_path: Path) -> None:
    sheet = parts(rich)["xl/worksheets/sheet2.xml"].decode()
    below = f"{CONTROLS}{SPARKLINES_AND_BARS}</worksheet>"
    replace_part(rich, "xl/worksheets/sheet2.xml", sheet.replace("</worksheet>", below).encode())

    annotate(rich, [mark("Partners", "A1")], tmp_path / "out.xlsx")

    sheet = parts(tmp_path / "out.xlsx")["xl/worksheets/sheet2.xml"].decode()
    assert sheet.index("<drawing") < sheet.index("<legacyDrawing") < sheet.index("<mc:AlternateContent")
    assert sheet.endswith(below)


def test_validations_formats_widths_and_names_are_kept(rich: Path, annotated: Path) -> None:
    before, after = opened(rich), opened(annotated)
    for sheet in before.worksheets:
        now = after[sheet.title]
        assert now.data_validations.count == sheet.data_validations.count
        assert [each.sqref for each in now.conditional_formatting] == [e.sqref for e in sheet.conditional_formatting]
        widths = {letter: column.width for letter, column in sheet.column_dimensions.items()}
        assert {letter: column.width for letter, column in now.column_dimensions.items()} == widths
        assert (now.freeze_panes, now.print_title_rows, now.print_area, now.merged_cells.ranges) == (
            sheet.freeze_panes,
            sheet.print_title_rows,
            sheet.print_area,
            sheet.merged_cells.ranges,
        )
        assert len(now._charts) == len(sheet._charts)
    assert after.defined_names["areas"].attr_text == before.defined_names["areas"].attr_text
    assert after.custom_doc_props["Template"].value == "funding 3"


def test_only_the_list_is_selected(annotated: Path) -> None:
    book = opened(annotated)
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == ["Errors"]


def test_the_titles_in_the_properties_follow_the_sheets(rich: Path, tmp_path: Path) -> None:
    with_titles = parts(rich)["docProps/app.xml"].decode()
    vectors = (
        '<HeadingPairs><vt:vector size="2" baseType="variant"><vt:variant><vt:lpstr>Worksheets</vt:lpstr></vt:variant>'
        "<vt:variant><vt:i4>3</vt:i4></vt:variant></vt:vector></HeadingPairs><TitlesOfParts>"
        '<vt:vector size="3" baseType="lpstr"><vt:lpstr>Funding</vt:lpstr><vt:lpstr>Partners</vt:lpstr>'
        "<vt:lpstr>Years</vt:lpstr></vt:vector></TitlesOfParts></Properties>"
    )
    namespace = 'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"'
    told = re.sub(r"<TitlesOfParts.*?</TitlesOfParts>|<HeadingPairs.*?</HeadingPairs>", "", with_titles, flags=re.S)
    told = told.replace("<Properties ", f"<Properties {namespace} ").replace("</Properties>", vectors)
    replace_part(rich, "docProps/app.xml", told.encode())

    annotate(rich, _MARKS, tmp_path / "one.xlsx")
    annotate(tmp_path / "one.xlsx", [], tmp_path / "two.xlsx")

    now = parts(tmp_path / "one.xlsx")["docProps/app.xml"].decode()
    assert '<vt:vector size="4" baseType="lpstr"><vt:lpstr>Errors</vt:lpstr><vt:lpstr>Funding' in now
    assert "<vt:i4>4</vt:i4>" in now
    assert parts(tmp_path / "two.xlsx")["docProps/app.xml"] == told.encode()


def replace_part(path: Path, name: str, data: bytes) -> None:
    everything = {**parts(path), name: data}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for each, content in everything.items():
            package.writestr(each, content)


def test_a_workbook_without_marks_is_copied_part_for_part(rich: Path, tmp_path: Path) -> None:
    annotate(rich, [], tmp_path / "out.xlsx")

    assert compressed(tmp_path / "out.xlsx") == compressed(rich)


def test_libreoffice_opens_it_with_the_list_in_front(annotated: Path, tmp_path: Path) -> None:
    shown = saved_by_libreoffice(annotated, tmp_path, "csv").read_text()  # of the active sheet alone

    assert shown.startswith("3 errors in this workbook")
    assert "Funding,D3,area,Kenia,is not right" in shown
