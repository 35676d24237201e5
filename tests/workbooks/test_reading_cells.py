"""What each cell of a workbook means, by the XML that programs store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile_files import MAIN, PACKAGE, book, parts_of, related, sheet_xml, strings_xml, styles_xml, zipped
from muster_ingest.workbooks.reading.frames import SheetBegins, SheetEnds
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused

RowsOf = Callable[..., list[list[Any]]]

STRINGS = strings_xml(
    "<si><t>plain</t></si>"
    '<si><t xml:space="preserve"> Fish &amp; chips&#33; </t></si>'
    "<si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r><rPh sb='0' eb='1'><t>reading</t></rPh><phoneticPr/></si>"
    "<si><t>one_x000D_\ntwo_x0041__x005F_x0041_</t></si>"
    "<si><t></t></si><si><t/></si><si/>"
)
STYLES = styles_xml(
    [
        0,
        14,
        9,
        17,
        20,
        "0.0%",
        "yyyy",
        '[$-409]d" de "mmmm\\ yyyy;@',
        "[h]:mm",
        '0.00" days"',
        "[Red]0.00E+00",
        "mmm-yy",
    ]
)


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ('<c r="A1"/>', None),
        ('<c r="A1" s="1"/>', None),
        ('<c r="A1"><v></v></c>', None),
        ('<c r="A1"><v>12.50</v></c>', "n12.50"),
        ('<c r="A1"><v>0.1000000000000000055</v></c>', "n0.1000000000000000055"),
        ('<c r="A1"><v>-1.5e-05</v></c>', "n-1.5e-05"),
        ('<c r="A1"><v>+.5</v></c>', "n+.5"),
        ('<c r="A1"><v> 7 </v></c>', "n7"),
        ('<c r="A1"><v>NaN</v></c>', "xNaN"),
        ('<c r="A1"><v>INF</v></c>', "xINF"),
        ('<c r="A1"><v>12abc</v></c>', "x12abc"),
        ('<c r="A1"><v>1e999</v></c>', "x1e999"),
        ('<c r="A1"><v>1_000</v></c>', "x1_000"),
        ('<c r="A1"><v>\u0661\u0662</v></c>', "x\u0661\u0662"),
        ('<c r="A1" s="2"><v>0.6</v></c>', "%0.6"),
        ('<c r="A1" s="5"><v>0.125</v></c>', "%0.125"),
        ('<c r="A1" s="1"><v>42704</v></c>', "D2016-11-30"),
        ('<c r="A1" s="1"><v>42704.354166666664</v></c>', "D2016-11-30T08:30:00"),
        ('<c r="A1" s="7"><v>42704</v></c>', "D2016-11-30"),
        ('<c r="A1" s="1"><v>1</v></c>', "D1900-01-01"),
        ('<c r="A1" s="1"><v>59</v></c>', "D1900-02-28"),
        ('<c r="A1" s="1"><v>60</v></c>', "x60"),
        ('<c r="A1" s="1"><v>60.5</v></c>', "x60.5"),
        ('<c r="A1" s="1"><v>61</v></c>', "D1900-03-01"),
        ('<c r="A1" s="1"><v>0.5</v></c>', "x0.5"),
        ('<c r="A1" s="1"><v>-3</v></c>', "x-3"),
        ('<c r="A1" s="1"><v>2958465</v></c>', "D9999-12-31"),
        ('<c r="A1" s="1"><v>2958465.9999999999</v></c>', "x2958465.9999999999"),
        ('<c r="A1" s="1"><v>2958466</v></c>', "x2958466"),
        ('<c r="A1" s="3"><v>42704</v></c>', "M2016-11-30"),
        ('<c r="A1" s="11"><v>42704</v></c>', "M2016-11-30"),
        ('<c r="A1" s="6"><v>42704</v></c>', "Y2016-11-30"),
        ('<c r="A1" s="4"><v>0.5</v></c>', "T0.5"),
        ('<c r="A1" s="8"><v>1.5</v></c>', "T1.5"),
        ('<c r="A1" s="9"><v>3</v></c>', "n3"),
        ('<c r="A1" s="10"><v>3</v></c>', "n3"),
        ('<c r="A1" t="d"><v>2016-11-30</v></c>', "D2016-11-30"),
        ('<c r="A1" t="d"><v>2016-11-30T08:30:00Z</v></c>', "D2016-11-30T08:30:00"),
        ('<c r="A1" t="d"><v>2016-02-30</v></c>', "x2016-02-30"),
        ('<c r="A1" t="s"><v>0</v></c>', "splain"),
        ('<c r="A1" t="s" s="1"><v>1</v></c>', "s Fish & chips! "),
        ('<c r="A1" t="s"><v>2</v></c>', "srich"),
        ('<c r="A1" t="s"><v>3</v></c>', "sone\ntwoA_x0041_"),
        ('<c r="A1" t="s"><v>4</v></c>', None),
        ('<c r="A1" t="s"><v>5</v></c>', None),
        ('<c r="A1" t="s"><v>6</v></c>', None),
        ('<c r="A1" t="inlineStr"><is><t>a &lt; b\r\nc</t></is></c>', "sa < b\nc"),
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is></c>', "sab"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "sa<b"),
        ('<c r="A1" t="b"><v>1</v></c>', "b1"),
        ('<c r="A1" t="b"><v>0</v></c>', "b0"),
        ('<c r="A1" t="b"><v>2</v></c>', "x2"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "e#N/A"),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "e#DIV/0!"),
        ('<c r="A1"><f>SUM(A2:A3)</f></c>', "f=SUM(A2:A3)"),
        ('<c r="A1"><f>A2&amp;"x"</f><v></v></c>', 'f=A2&"x"'),
        ('<c r="A1"><f>SUM(A2:A3)</f><v>5</v></c>', "n5"),
        ('<c r="A1" s="1"><f>TODAY()</f><v>42704</v></c>', "D2016-11-30"),
        ('<c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f><v>5</v></c>', "n5"),
        ('<c r="A1"><f t="shared" si="0"/><v>5</v></c>', "n5"),
        ('<c r="A1"><f t="shared" si="0"/></c>', "f="),
        ('<c r="A1" cm="1"><f t="array" ref="A1">X</f><v>5</v></c>', "n5"),
        ('<c r="A1" t="str"><f>B1</f><v>text</v></c>', "stext"),
        ('<c r="A1" t="str"><f>B1</f><v>12</v></c>', "s12"),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', None),
        ('<c r="A1" t="odd"><v>5</v></c>', "x5"),
    ],
)
def test_a_cell_means(cell: str, meaning: str | None, rows_of: RowsOf) -> None:
    content = book(f'<row r="1">{cell}<c r="B1"><v>1</v></c></row>', strings=STRINGS, styles=STYLES)

    assert rows_of(content) == [[1, meaning or "", "n1"]]


def test_the_date_system_of_1904_counts_from_its_own_day(rows_of: RowsOf) -> None:
    row = '<row r="1"><c r="A1" s="1"><v>0</v></c><c r="B1" s="1"><v>41242</v></c><c r="C1" s="1"><v>60</v></c></row>'
    content = book(row, styles=STYLES, workbook='<workbookPr date1904="1"/>')

    assert rows_of(content) == [[1, "D1904-01-01", "D2016-11-30", "D1904-03-01"]]


def test_blanks_stand_for_the_cells_left_out_and_trailing_ones_are_cut(rows_of: RowsOf) -> None:
    rows = (
        '<row r="2"><c r="C2"><v>1</v></c><c r="AA2"><v>2</v></c><c r="AB2" s="0"/></row>'
        '<row r="3"><c r="A3" s="0"/></row><row r="5" spans="1:3" ht="15" hidden="1"/>'
        '<row r="9"><c r="A9"><v>3</v></c></row>'
    )
    assert rows_of(book(rows)) == [[2, "", "", "n1", *[""] * 23, "n2"], [9, "n3"]]


def test_rows_and_cells_without_a_place_follow_the_one_before(rows_of: RowsOf) -> None:
    rows = (
        "<row><c><v>1</v></c><c/><c><v>2</v></c></row>"
        '<row r="4"><c r="B4"><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>'
    )

    assert rows_of(book(rows)) == [[1, "n1", "", "n2"], [4, "", "n3", "n4"], [5, "n5"]]


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        lambda xml: xml.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x="),
        lambda xml: xml.replace('"', "'"),
        lambda xml: xml.replace("<row", "<!-- </row> <row r='1'> --><row"),
        lambda xml: xml.replace("<v>", "\n  <v>").replace("</row>", "\n</row>\n"),
        lambda xml: "\ufeff" + xml,
        lambda xml: xml.replace("<sheetData>", '<sheetData><row r="1" foo:bar="2"/>').replace(
            "<worksheet ", '<worksheet xmlns:foo="x" '
        ),
    ],
)
def test_other_ways_to_write_the_same_sheet_read_the_same(change: Callable[[str], str], rows_of: RowsOf) -> None:
    row = '<row r="3"><c r="A3"><v>1</v></c><c r="C3" t="inlineStr"><is><t>x</t></is></c></row>'
    content = zipped(parts_of(change(sheet_xml(row).decode()).encode()))

    assert rows_of(content) == [[3, "n1", "", "sx"]]


def test_a_false_dimension_is_not_believed(rows_of: RowsOf) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 101))

    assert len(rows_of(book(rows, before='<dimension ref="A1"/>'))) == 100
    assert len(rows_of(book(rows, before='<dimension ref="A1:XFD1048576"/>'))) == 100


def test_what_is_merged_and_hidden_is_told_behind_the_rows(readers: Readers, tmp_path: Path) -> None:
    content = book(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>1</v></c></row>',
        before='<cols><col min="2" max="4" hidden="1"/><col min="5" max="5"/></cols>',
        after='<mergeCells count="9"><mergeCell ref="A5:A7"/><mergeCell ref="B1:C1"/></mergeCells>',
    )
    (tmp_path / "a.xlsx").write_bytes(content)
    with readers.read(tmp_path / "a.xlsx") as reading:
        begins, _, ends = reading.frames()

    assert begins == SheetBegins("S", 0, "visible")
    assert ends == SheetEnds(("A5:A7", "B1:C1"), hidden_rows=1, hidden_columns=3, date_1904=False)


def test_what_the_guard_found_is_known_before_any_row(readers: Readers, tmp_path: Path) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/"
    relation = '<Relationship Id="rId{}" Type="{}relationships/{}" Target="{}"/>'
    properties = (
        f'<Properties xmlns="{kind}custom-properties" xmlns:vt="{kind}docPropsVTypes">'
        '<property name="muster_template"><vt:lpwstr>funding &amp; more 3</vt:lpwstr></property></Properties>'
    )
    extra = {
        "docProps/custom.xml": properties.encode(),
        "_rels/.rels": related(
            [
                relation.format(1, kind, "officeDocument", "/xl/workbook.xml"),
                relation.format(2, kind, "custom-properties", "docProps/custom.xml"),
            ]
        ),
    }
    (tmp_path / "a.xlsx").write_bytes(book('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"/>', extra=extra))
    with readers.read(tmp_path / "a.xlsx") as reading:
        opened = reading.opened

    assert opened.form == "xlsx"
    assert opened.properties == {"muster_template": "funding & more 3"}
    assert opened.sheets == (("S", "visible"),)
    assert opened.rows == 2
    assert PACKAGE in related([]).decode()


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ('<row r="3"><c r="D3"><v>1</v></c><c r="C3"><v>1</v></c></row>', "C3"),
        ('<row r="3"><c r="D3" t="s"><v>1</v></c></row>', "D3"),
        ('<row r="3"><c r="D3" s="5"><v>1</v></c></row>', "D3"),
        ('<row r="3"><c r="D3"><v>1</v><v>2</v></c></row>', "D3"),
    ],
)
def test_a_damaged_cell_is_named(row: str, cell: str, rows_of: RowsOf) -> None:
    with pytest.raises(Refused) as refusal:
        rows_of(book(row))

    assert (refusal.value.code, refusal.value.sheet, refusal.value.cell) == ("damaged", "S", cell)
