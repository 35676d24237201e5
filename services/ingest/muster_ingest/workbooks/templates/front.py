"""The two sheets of a template that hold no records: how to fill it in, and the lists of codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from muster_ingest.workbooks import words
from muster_ingest.workbooks.templates.cells import LINE, LONGEST
from muster_ingest.workbooks.templates.columns import Need, SheetColumn, sheet_columns
from muster_ingest.workbooks.templates.lists import CodeList
from muster_ingest.workbooks.templates.page import set_page
from muster_ingest.workbooks.templates.sheet import COLOURS

_DARK, _LINK, _WHITE = "1F2933", "1F5FA8", "FFFFFF"
_TABLE = ("header", "field", "required", "writing", "example", "list")
_WIDTHS = (30, 29, 15, 58, 34, 28)
_FILLING = ("sheets", "change", "blank", "further", "several", "withdraw", "dates", "numbers", "codes", "structure")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_RULED = Border(bottom=Side("hair", color="B5BEC6"))


@dataclass(frozen=True)
class Front:
    """What the first sheet tells: whose template it is, when it was made, in which language, what was left out."""

    kinds: Sequence[str]
    office: str
    office_name: str
    language: str
    made_at: datetime
    left_out: Sequence[str]

    def say(self, key: str, **values: object) -> str:
        """A sentence in the template's language."""
        return words.say(key, self.language, **values)

    @property
    def heading(self) -> str:
        """The title of the workbook."""
        if len(self.kinds) > 1:
            return self.say("heading_all", office=self.office_name)
        return self.say("heading", title=words.title(self.kinds[0], self.language), office=self.office_name)


def add_codes(book: Workbook, lists: Sequence[CodeList], front: Front) -> Mapping[str, str]:
    """Add the sheet of codes at the end, name each list's range, and give each list's first cell."""
    sheet = book.create_sheet(front.say("sheet_codes"))
    for at, (key, width) in enumerate((("codes_list", 34), ("codes_code", 38), ("codes_name", 62)), start=1):
        _head(_put(sheet, 1, at, front.say(key)))
        sheet.column_dimensions["ABC"[at - 1]].width = width
    places, row = {}, 2
    for codes in lists:
        last = _add_list(sheet, row, codes)
        range_ = f"{quote_sheetname(sheet.title)}!$B${row}:$B${last}"
        book.defined_names[codes.defined_name] = DefinedName(codes.defined_name, attr_text=range_)
        places[codes.name] = f"A{row}"
        row = last + 1
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    set_page(
        sheet, title=front.say("sheet_codes"), office=front.office_name, to=front.language, width=134, landscape=False
    )
    return places


def _add_list(sheet: Worksheet, row: int, codes: CodeList) -> int:
    for at, (code, name) in enumerate(codes.entries, start=row):
        for column, text in enumerate((codes.title, code, name), start=1):
            cell = _put(sheet, at, column, text)
            cell.number_format, cell.alignment = "@", _WRAPPED
            if at == row:
                cell.border = Border(top=Side("thin", color=_DARK))
        sheet.cell(at, 1).font = Font(name="Calibri", bold=at == row, color=_DARK if at == row else "7A8791")
    return row + len(codes.entries) - 1


def add_instructions(book: Workbook, front: Front, places: Mapping[str, str]) -> None:
    """Add the first sheet; ``places`` are the first cells of the lists on the sheet of codes."""
    sheet = book.create_sheet(front.say("sheet_instructions"), 0)
    for letters, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letters].width = width
    _put(sheet, 1, 1, front.heading).font = Font(name="Calibri", size=18, bold=True, color=COLOURS["yes"])
    sheet.row_dimensions[1].height = 30
    row = 2
    for text, is_heading in _paragraphs(front):
        row = _heading(sheet, row, text) if is_heading else _paragraph(sheet, row, text)
    row = _colours(sheet, row, front)
    row = _heading(sheet, row, front.say("table"))
    for kind in front.kinds:
        row = _table(sheet, row, kind, front, places)
    sheet.sheet_view.showGridLines = False
    title = front.say("sheet_instructions")
    set_page(sheet, title=title, office=front.office_name, to=front.language, width=sum(_WIDTHS))


def _paragraphs(front: Front) -> Iterator[tuple[str, bool]]:
    day, time = f"{front.made_at:%Y-%m-%d}", f"{front.made_at:%H:%M}"
    yield front.say("purpose", office=front.office_name, code=front.office, day=day, time=time), False
    if front.left_out:
        yield front.say("left_out", keys=", ".join(front.left_out)), False
    yield front.say("filling"), True
    for key in _FILLING:
        yield front.say(f"fill_{key}", codes=front.say("sheet_codes")), False
    yield front.say("upload"), True
    for key in ("checks", "stores", "conflict"):
        yield front.say(f"upload_{key}"), False


def _colours(sheet: Worksheet, row: int, front: Front) -> int:
    row = _heading(sheet, row, front.say("colours"))
    for need, colour in COLOURS.items():
        cell = _put(sheet, row, 1, front.say(f"colour_{need}"))
        cell.fill, cell.font, cell.alignment = PatternFill("solid", fgColor=colour), _on(need), _WRAPPED
        sheet.row_dimensions[row].height = _height(str(cell.value), _WIDTHS[0])
        row += 1
    return row


def _table(sheet: Worksheet, row: int, kind: str, front: Front, places: Mapping[str, str]) -> int:
    """The table of a kind's columns; the row behind it."""
    title = _put(sheet, row + 1, 1, words.title(kind, front.language))
    _link(title, kind, "A1", size=12)
    for at, key in enumerate(_TABLE, start=1):
        _head(_put(sheet, row + 2, at, front.say(f"table_{key}")))
    row += 3
    for column in sheet_columns(kind):
        _told(sheet, row, column, front, places)
        row += 1
    return row


def _told(sheet: Worksheet, row: int, column: SheetColumn, front: Front, places: Mapping[str, str]) -> None:
    """The row of the table that tells of one column."""
    for at, text in enumerate(_texts(column, front, places), start=1):
        cell = _put(sheet, row, at, text)
        cell.alignment, cell.border = _WRAPPED, _RULED
        sheet.row_dimensions[row].height = max(sheet.row_dimensions[row].height or 0, _height(text, _WIDTHS[at - 1]))
        if at == 1:
            cell.fill = PatternFill("solid", fgColor=COLOURS[column.need])
            cell.font = _on(column.need)
        elif at == len(_TABLE) and text:
            _link(cell, front.say("sheet_codes"), places[column.code_list or ""])


def _texts(column: SheetColumn, front: Front, places: Mapping[str, str]) -> tuple[str, ...]:
    kind, name, to = column.kind, column.name, front.language
    codes = column.code_list or ""
    return (
        column.header(to),
        name,
        front.say(f"required_{column.need}"),
        words.writing(kind, name, to),
        words.example(kind, name, to),
        words.list_title(codes, to) if codes in places else "",
    )


def _on(need: Need) -> Font:
    return Font(name="Calibri", bold=True, color=_DARK if need == "no" else _WHITE)


def _heading(sheet: Worksheet, row: int, text: str) -> int:
    sheet.row_dimensions[row].height = 2 * LINE
    cell = _put(sheet, row, 1, text)
    cell.font = Font(name="Calibri", size=13, bold=True, color=COLOURS["yes"])
    cell.alignment = Alignment(vertical="bottom")
    return row + 1


def _paragraph(sheet: Worksheet, row: int, text: str) -> int:
    cell = _put(sheet, row, 1, text)
    cell.alignment = _WRAPPED
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_WIDTHS))
    sheet.row_dimensions[row].height = _height(text, sum(_WIDTHS))
    return row + 1


def _height(text: str, width: float) -> int:
    """The height in points that the text takes in a column of this width; it counts digits, wider than letters."""
    return LINE * max(1, len(wrap(text, int(width * 1.1)))) + 2


def _head(cell: Cell) -> None:
    cell.font = Font(name="Calibri", bold=True, color=_WHITE)
    cell.fill = PatternFill("solid", fgColor=_DARK)
    cell.alignment = _WRAPPED


def _link(cell: Cell, sheet: str, place: str, *, size: int = 11) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(sheet)}!{place}")
    cell.font = Font(name="Calibri", size=size, bold=size > 11, color=_LINK, underline="single")


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Text in a cell, as text whatever it begins with."""
    cell = sheet.cell(row, column, ILLEGAL_CHARACTERS_RE.sub(" ", text)[: LONGEST // 2])
    if not isinstance(cell, Cell):
        raise TypeError(f"{cell.coordinate} is within merged cells")
    cell.data_type = "s"
    return cell
