"""The boxes of notes (a sheet's VML drawing): ours drawn to the size of their text, all others left as they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from muster_ingest.workbooks.marking.rows import LAST_COLUMN, LAST_ROW

Cell = tuple[int, int]

_SHAPE = re.compile(
    rb"<(\w+:)?shape(?=[\s>])(?:\"[^\"]*\"|'[^']*'|[^\"'>])*?(?:/>|>.*?</(?:\w+:)?shape\s*>)", re.DOTALL
)
_ROW = re.compile(rb"<\w+:Row>\s*(\d+)\s*<")
_COLUMN = re.compile(rb"<\w+:Column>\s*(\d+)\s*<")
_NUMBER = re.compile(rb"_x0000_s(\d+)")
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
EMPTY_DRAWING = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    b"</o:shapelayout></xml>"
)
"""A drawing without a shape."""
_TYPE = (
    '<v:shapetype{names} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape{names} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
    'margin-left:60pt;margin-top:2pt;width:{width:g}pt;height:{height:g}pt;z-index:{layer};visibility:hidden"'
    ' fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_PIXELS_OF_POINT = 4 / 3
_ROW_PIXELS = 20  # a row of the usual height of 15 points
_LINE_POINTS, _MOST_LINES = 11.5, 24
_CHARACTERS, _CHARACTER_POINTS = 44, 4.6  # of a line of Tahoma 9, and the width of one on average


@dataclass(frozen=True)
class Box:
    """The box of one note: its cell and the size of its text in points."""

    cell: Cell
    width: float
    height: float


def box_for(cell: Cell, text: str) -> Box:
    """A box that shows the whole text, up to 24 lines."""
    lines = text.split("\n")
    longest = min(_CHARACTERS, max(len(line) for line in lines))
    count = sum(1 + max(0, len(line) - 1) // (_CHARACTERS - 6) for line in lines)  # words break before the edge
    height = _LINE_POINTS * min(count, _MOST_LINES) + 12
    return Box(cell, round(max(110.0, longest * _CHARACTER_POINTS + 14), 1), height)


def change_boxes(data: bytes | None, gone: set[Cell], new: list[Box], width_of: Callable[[int], float]) -> bytes | None:
    """The VML part (None: there is none) without the boxes of these cells and the new ones; None if no shape is left.

    `width_of` gives a column's width in characters. The part is changed by search and splice, never parsed: Excel
    itself writes VML that is not well-formed.
    """
    drawing = EMPTY_DRAWING if data is None else _without(data, gone)
    if not new:
        return drawing if _SHAPE.search(drawing) else None
    end = drawing.rindex(b"</")
    return drawing[:end] + b"".join(_written(drawing, new, width_of)) + drawing[end:]


def _without(drawing: bytes, gone: set[Cell]) -> bytes:
    return _SHAPE.sub(lambda shape: b"" if _cell_of(shape[0]) in gone else shape[0], drawing) if gone else drawing


def _cell_of(shape: bytes) -> Cell | None:
    """The cell (from 1) whose note this shape is the box of."""
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    note = b'ObjectType="Note"' in shape or b"ObjectType='Note'" in shape
    return (int(row[1]) + 1, int(column[1]) + 1) if note and row and column else None


def _written(drawing: bytes, new: list[Box], width_of: Callable[[int], float]) -> Iterator[bytes]:
    missing = (f' xmlns:{name}="{uri}"' for name, uri in _NAMESPACES.items() if not _declares(drawing, name, uri))
    names = "".join(missing)
    if b'id="_x0000_t202"' not in drawing:
        yield _TYPE.format(names=names).encode()
    first = 1 + max((int(number) for number in _NUMBER.findall(drawing)), default=1024)
    for order, box in enumerate(new):
        row, column = box.cell[0] - 1, box.cell[1] - 1
        yield _BOX.format(
            names=names, number=first + order, layer=order + 1, width=box.width, height=box.height,
            anchor=_anchor(box, width_of), row=row, column=column,
        ).encode()  # fmt: skip


def _declares(drawing: bytes, name: str, uri: str) -> bool:
    return f'xmlns:{name}="{uri}"'.encode() in drawing


def _anchor(box: Box, width_of: Callable[[int], float]) -> str:
    """Left column and pixel, top row and pixel, right and bottom alike: the box stands right of its cell."""
    column, row = min(box.cell[1], LAST_COLUMN - 4), max(box.cell[0] - 2, 0)
    right, left_over = column, box.width * _PIXELS_OF_POINT + 15
    while right < LAST_COLUMN - 1 and left_over > (pixels := round(width_of(right + 1) * 7 + 5)):
        right, left_over = right + 1, left_over - pixels
    rows, below = divmod(round(box.height * _PIXELS_OF_POINT) + 4, _ROW_PIXELS)
    top = min(row, LAST_ROW - 1 - rows)
    return f"{column}, 15, {top}, 4, {right}, {round(left_over)}, {top + rows}, {below}"
