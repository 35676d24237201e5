"""Workbooks to annotate, made by script, and what a reader sees in them."""

import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

MARK = "FFFFC9BD"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = '<Relationship Id="{}" Type="{}" Target="{}"/>'
_OVERRIDE = '<Override PartName="/{}" ContentType="application/vnd.{}+xml"/>'
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">{}</xml>'
)
HEADER_PICTURE = _VML.format('<v:shape id="LH" type="#_x0000_t75" style="width:30pt;height:30pt"/>').encode()
CHECK_BOX = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel" '
    'id="_x0000_s3001" type="#_x0000_t201" style="width:60pt;height:15pt"><x:ClientData ObjectType="Checkbox">'
    "<x:Anchor>5, 0, 1, 0, 6, 0, 2, 0</x:Anchor><x:Row>1</x:Row><x:Column>1</x:Column></x:ClientData></v:shape>"
)
TEXT_BOX = (
    b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor>'
    b"<xdr:from><xdr:col>8</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
    b"<xdr:to><xdr:col>10</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>5</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
    b'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Box"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr>'
    b'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>Read me</a:t>'
    b"</a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
)
SPARKLINES_AND_BARS = (
    '<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings>'
    '<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:cfRule type="dataBar" id="{DA7ABA51-AAAA-BBBB-0001-000000000001}"><x14:dataBar minLength="0" maxLength="100">'
    '<x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/></x14:dataBar></x14:cfRule><xm:sqref>D2:D20</xm:sqref>'
    "</x14:conditionalFormatting></x14:conditionalFormattings></ext>"
    '<ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:sparklineGroups '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:sparklineGroup><x14:sparklines><x14:sparkline>'
    "<xm:f>Funding!D2:D20</xm:f><xm:sqref>H2</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
    "</x14:sparklineGroups></ext></extLst>"
)
CONTROLS = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" Requires="x14"><controls>'
    f'<control xmlns:r="{DOCUMENT}" shapeId="3001" r:id="rIdBox" name="Check Box 1"/></controls>'
    "</mc:Choice></mc:AlternateContent>"
)
THREADS = (
    b'<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    b'<threadedComment ref="B2" dT="2016-11-30T08:00:00.00" personId="{00000000-0000-0000-0000-000000000001}" '
    b'id="{00000000-0000-0000-0000-00000000000A}"><text>Is this right?</text></threadedComment></ThreadedComments>'
)


def mark(sheet: str | None, cell: str | None, message: str = "is not right", **told: Any) -> dict[str, Any]:
    """One error as the checks of a workbook report it."""
    digits = "".join(letter for letter in cell or "" if letter.isdigit())
    usual = {"row": int(digits) if digits else None, "code": "invalid", "field": "area", "value": "Kenia"}
    return {"sheet": sheet, "cell": cell, "message": message, **usual, **told}


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def repack(path: Path, changed: dict[str, bytes]) -> None:
    """Change or add parts."""
    everything = {**parts(path), **changed}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in everything.items():
            package.writestr(name, data)


def rich_workbook(path: Path) -> Path:
    """A workbook with all that programs lose when they read and write it."""
    book: Any = openpyxl.Workbook()
    _funding(book)
    _partners(book)
    book.create_sheet("Years").append([2016, 2017])
    book.defined_names["areas"] = DefinedName("areas", attr_text="Partners!$A$1:$A$4")
    book.custom_doc_props.append(StringProperty(name="Template", value="funding 3"))
    book.active = 1
    book["Funding"].sheet_view.tabSelected, book["Partners"].sheet_view.tabSelected = False, True
    book.save(path)
    _add_what_openpyxl_cannot_write(path)
    return path


def _funding(book: Any) -> None:
    sheet = book.active
    sheet.title = "Funding"
    sheet.append(["office", "area", "note", "amount", "total"])
    for row in range(2, 21):
        sheet.append(["KEN", f"area {row}", "x < y & z", row * 1000.25, f"=D{row}*2"])
        sheet.cell(row, 4).number_format = "#,##0.00"
        sheet.cell(row, 2).font = Font(bold=True, color="FF0000FF")
        sheet.cell(row, 3).fill = PatternFill("solid", fgColor="FFEEDD00")
        sheet.cell(row, 1).border = Border(bottom=Side("thin"))
    sheet["D3"].protection, sheet["D3"].alignment = Protection(locked=False), Alignment(horizontal="center")
    sheet["B2"].comment, sheet["C4"].comment = Comment("first note", "Ann"), Comment("  second\nnote", "Bob")
    choice = DataValidation("list", formula1="areas", allow_blank=True)
    choice.add("B2:B20")
    sheet.add_data_validation(choice)
    above = Rule("cellIs", operator="greaterThan", formula=["5000"])
    sheet.conditional_formatting.add("D2:D20", above)
    sheet.column_dimensions["B"].width, sheet.row_dimensions[3].height = 33.5, 40
    sheet.freeze_panes, sheet.print_title_rows, sheet.print_area = "B2", "1:1", "A1:E20"
    sheet.merge_cells("A25:C25")


def _partners(book: Any) -> None:
    sheet = book.create_sheet("Partners")
    for row in range(1, 5):
        sheet.append([f"partner {row}", row])
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=4))
    sheet.add_chart(chart, "E2")
    sheet.print_title_rows = "1:1"


def _add_what_openpyxl_cannot_write(path: Path) -> None:
    had = parts(path)
    sheet, relations = had["xl/worksheets/sheet1.xml"].decode(), had["xl/worksheets/_rels/sheet1.xml.rels"].decode()
    types, drawing = had["[Content_Types].xml"].decode(), had["xl/drawings/commentsDrawing1.vml"].decode()
    legacy = sheet[sheet.index("<legacyDrawing") : sheet.index("/>", sheet.index("<legacyDrawing")) + 2]
    new = f'<drawing xmlns:r="{DOCUMENT}" r:id="rIdText"/>{legacy}<legacyDrawingHF xmlns:r="{DOCUMENT}" r:id="rIdHF"/>'
    sheet = sheet.replace(legacy, new).replace("</worksheet>", f"{CONTROLS}{SPARKLINES_AND_BARS}</worksheet>")
    sheet = sheet.replace("<v></v>", "<v>42.5</v>").replace("<v/>", "<v>42.5</v>").replace("<v />", "<v>42.5</v>")
    added = [
        ("rIdText", f"{DOCUMENT}/drawing", "/xl/drawings/drawing9.xml"),
        ("rIdHF", f"{DOCUMENT}/vmlDrawing", "/xl/drawings/header.vml"),
        ("rIdBox", f"{DOCUMENT}/ctrlProp", "/xl/ctrlProps/ctrlProp1.xml"),
        (
            "rIdThread",
            "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
            "/xl/threadedComments/t1.xml",
        ),
    ]
    relations = relations.replace(
        "</Relationships>", "".join(_RELATION.format(*each) for each in added) + "</Relationships>"
    )
    overrides = [
        ("xl/drawings/drawing9.xml", "openxmlformats-officedocument.drawing"),
        ("xl/ctrlProps/ctrlProp1.xml", "ms-excel.controlproperties"),
        ("xl/threadedComments/t1.xml", "ms-excel.threadedcomments"),
    ]
    types = types.replace("</Types>", "".join(_OVERRIDE.format(*each) for each in overrides) + "</Types>")
    control = (
        '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="CheckBox"/>'
    )
    repack(
        path,
        {
            "[Content_Types].xml": types.encode(),
            "xl/worksheets/sheet1.xml": sheet.encode(),
            "xl/worksheets/_rels/sheet1.xml.rels": relations.encode(),
            "xl/drawings/commentsDrawing1.vml": drawing.replace("</xml>", f"{CHECK_BOX}</xml>").encode(),
            "xl/drawings/drawing9.xml": TEXT_BOX,
            "xl/drawings/header.vml": HEADER_PICTURE,
            "xl/ctrlProps/ctrlProp1.xml": control.encode(),
            "xl/threadedComments/t1.xml": THREADS,
        },
    )


def opened(path: Path) -> Any:
    """The workbook as openpyxl sees it, which warns of the newer features it drops."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*extension is not supported", category=UserWarning)
        return openpyxl.load_workbook(path)


def look(path: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What every cell that is not plain and empty holds and looks like."""
    book = opened(path)
    seen = {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                note = (cell.comment.text, cell.comment.author) if cell.comment else None
                if cell.value is not None or cell.has_style or note:
                    seen[sheet.title, cell.coordinate] = (cell.value, style_of(cell), note)
    untouched = book.worksheets[0].cell(1_048_576, 16_384)
    untouched._style = book._cell_styles[0]
    plain = style_of(untouched)
    return {place: what for place, what in seen.items() if what != (None, plain, None)}


def style_of(cell: Any) -> tuple[Any, ...]:
    """A cell's style, written out so that styles of two files can be held against each other."""
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else None
    font = (cell.font.name, cell.font.sz, cell.font.b, cell.font.color.rgb if cell.font.color else None)
    aligned = (cell.alignment.horizontal, cell.alignment.wrap_text)
    return (cell.number_format, fill, font, cell.border.bottom.style, aligned, cell.protection.locked)


def marked_cells(path: Path) -> dict[tuple[str, str], str | None]:
    """The cells with our fill, and their notes."""
    book = opened(path)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    return {
        (cell.parent.title, cell.coordinate): cell.comment.text if cell.comment else None
        for cell in cells
        if cell.fill.fgColor.rgb == MARK
    }


def saved_by_libreoffice(path: Path, folder: Path, kind: str = "xlsx") -> Path:
    """The file as LibreOffice opens and saves it; skips the test where LibreOffice is missing."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not on this machine")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "saved"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return folder / "saved" / path.with_suffix(f".{kind}").name
