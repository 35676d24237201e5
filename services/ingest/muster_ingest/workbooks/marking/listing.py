"""The first sheet of an annotated workbook: every error on a line, with a link to its cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from muster_ingest.workbooks.marking.comments import cut
from muster_ingest.workbooks.marking.rows import position_of
from muster_ingest.workbooks.marking.styles import ListLooks
from muster_ingest.workbooks.marking.words import ListWords
from muster_ingest.workbooks.marking.workbook import quoted_sheet
from muster_ingest.workbooks.marking.xml import escaped

TITLE_ROW = 3
FIRST_ROW = TITLE_ROW + 1
STYLE_COLUMN, STATE_COLUMN = "G", "H"
STATE = "muster-errors"
"""How the hidden text begins that says: this sheet is ours."""

_MOST_LINKS = 60_000  # Excel keeps up to 65,530 links on a sheet
_MOST_HEIGHT = 405  # Excel's limit is 409 points
_ESCAPE_ALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS = (7, 22, 10, 22, 26, 72)


@dataclass(frozen=True)
class Line:
    """One error as it is listed: the mark, where its link leads (None: nowhere), its cell's own style (None: none)."""

    mark: dict[str, Any]
    link: str | None
    style: int | None


def link_to(sheet: str, mark: dict[str, Any]) -> str:
    """The place in the workbook a mark is about, as links write it."""
    cell = str(mark.get("cell") or "")
    row = mark.get("row")
    if not position_of(cell):
        cell = f"A{row}" if isinstance(row, int) and position_of(f"A{row}") else "A1"
    return f"{quoted_sheet(sheet)}!{cell}"


def listing(lines: list[Line], state: str, looks: ListLooks, words: ListWords, namespace: str) -> Iterator[bytes]:
    """The sheet's XML, piece by piece.

    A column that is hidden holds one empty cell for each mark in the style its cell had before: whatever program saves
    the file renumbers both alike, so the way back to the user's own style stays known.
    """
    yield _head(namespace).encode()
    yield _rows_above(len(lines), state, looks, words).encode()
    for number, line in enumerate(lines, 1):
        yield _row(number, line, looks, words).encode()
    yield b"</sheetData>"
    yield from _links(lines)
    yield (
        b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        b'<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
        b"<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
    )


def _head(namespace: str) -> str:
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(_WIDTHS, 1)
    )
    hidden = len(_WIDTHS) + 1
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{namespace}"><sheetPr><tabColor rgb="FF9C1C00"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        f'<pane ySplit="{TITLE_ROW}" topLeftCell="A{FIRST_ROW}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{FIRST_ROW}" sqref="A{FIRST_ROW}"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}'
        f'<col min="{hidden}" max="{hidden + 1}" width="9" hidden="1" customWidth="1"/></cols><sheetData>'
    )


def _rows_above(count: int, state: str, looks: ListLooks, words: ListWords) -> str:
    headers = zip("ABCDEF", words.headers, strict=True)
    cells = "".join(_text(f"{column}{TITLE_ROW}", header, looks.header) for column, header in headers)
    # the hidden column needs a header too: programs that sort a list take in the columns up to the first empty one
    return (
        f'<row r="1" ht="24" customHeight="1">{_text("A1", words.title(count), looks.title)}'
        f"{_text(STATE_COLUMN + '1', f'{STATE} {state}', 0)}</row>"
        f'<row r="2" ht="21" customHeight="1">{_text("A2", words.advice, looks.advice)}</row>'
        f'<row r="{TITLE_ROW}">{cells}{_text(f"{STYLE_COLUMN}{TITLE_ROW}", "style", 0)}</row>'
    )


def _row(number: int, line: Line, looks: ListLooks, words: ListWords) -> str:
    row, mark = FIRST_ROW + number - 1, line.mark
    told = (mark.get("sheet"), _place(mark, words), mark.get("field"), mark.get("value"), mark.get("message"))
    linked = _linked_column(line)
    cells = "".join(
        _text(f"{column}{row}", "" if text is None else str(text), looks.link if column == linked else looks.body)
        for column, text in zip("BCDEF", told, strict=True)
    )
    before = "" if line.style is None else f'<c r="{STYLE_COLUMN}{row}" s="{line.style}"/>'
    height = _height(["" if text is None else str(text) for text in told])
    return f'<row r="{row}" ht="{height}"><c r="A{row}" s="{looks.body}"><v>{number}</v></c>{cells}{before}</row>'


def _height(told: list[str]) -> int:
    """The row's height in points, so that the longest text shows even where a program does not fit rows itself."""
    lines = (
        sum(1 + max(0, len(line) - 1) // (width - 1) for line in text.split("\n"))
        for text, width in zip(told, _WIDTHS[1:], strict=True)
    )
    return min(15 * max(lines), _MOST_HEIGHT)


def _place(mark: dict[str, Any], words: ListWords) -> str:
    return str(mark.get("cell") or (words.row.format(row=mark["row"]) if mark.get("row") else ""))


def _linked_column(line: Line) -> str | None:
    if line.link is None:
        return None
    return "C" if line.mark.get("cell") or line.mark.get("row") else "B"


def _text(cell: str, text: str, style: int) -> str:
    """A cell of text: never a formula, never markup, and no escape of Excel's own (_x000A_) either."""
    if not text:
        return f'<c r="{cell}" s="{style}"/>'
    plain = escaped(_ESCAPE_ALIKE.sub("_x005F_", cut(text)))
    return f'<c r="{cell}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>'


def _links(lines: list[Line]) -> Iterator[bytes]:
    linked = [(row, line) for row, line in enumerate(lines, FIRST_ROW) if line.link is not None][:_MOST_LINKS]
    if not linked:
        return
    yield b"<hyperlinks>"
    for row, line in linked:
        yield f'<hyperlink ref="{_linked_column(line)}{row}" location="{escaped(line.link or "")}"/>'.encode()
    yield b"</hyperlinks>"
