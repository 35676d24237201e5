"""A look in a workbook: its colours instead of those of the house, and its logo on the first sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.worksheet.worksheet import Worksheet

from muster_report.book import Sheet
from muster_report.look import Look
from muster_report.png import Picture
from muster_report.xlsx_cells import ACCENT, ACCENT_PALE

_EMU_PER_PIXEL: Final = 9525
_PIXELS_PER_CHARACTER: Final = 7
_HIGHEST: Final = 64  # pixels: the rows of title and subtitle, and the one below
_WIDEST: Final = 0.3  # of the sheet


def add_logo(worksheet: Worksheet, sheet: Sheet, logo: Picture) -> None:
    """Put a logo beside the title, at the right end of the sheet."""
    room = sum(sheet.widths()) * _PIXELS_PER_CHARACTER
    scale = min(1.0, _HIGHEST / logo.height, _WIDEST * room / logo.width)
    width, height = round(logo.width * scale), round(logo.height * scale)
    picture = _Logo(logo)
    size = XDRPositiveSize2D(width * _EMU_PER_PIXEL, height * _EMU_PER_PIXEL)
    picture.anchor = OneCellAnchor(_from=_marker(sheet.widths(), max(room - width, 0)), ext=size)
    worksheet.add_image(picture)


def painted(parts: dict[str, bytes], look: Look) -> Iterator[tuple[str, bytes]]:
    """The parts of a workbook that hold a colour of the house, in the colours of the look."""
    colours = {ACCENT: look.accent[1:], ACCENT_PALE: look.tint[1:]}
    for name, content in parts.items():
        if name == "xl/styles.xml":
            yield name, _replaced(content, colours, '"00{}"')
        elif name.startswith("xl/charts/chart"):
            yield name, _replaced(content, colours, 'val="{}"')
        elif name.startswith("xl/worksheets/sheet"):
            yield name, _replaced(content, colours, "&amp;K{}")  # the colour of the footer


def _replaced(content: bytes, colours: dict[str, str], written: str) -> bytes:
    """Each colour as it stands once: what is put in is not replaced again."""
    places = {written.format(old).encode(): written.format(f"<{old}>").encode() for old in colours}
    for plain, marked in places.items():
        content = content.replace(plain, marked)
    for old, new in colours.items():
        content = content.replace(written.format(f"<{old}>").encode(), written.format(new).encode())
    return content


class _Logo(Image):
    """A picture whose bytes are written as they are; openpyxl's own would need Pillow to look into them."""

    def __init__(self, logo: Picture) -> None:
        self.ref = None
        self.format = "png"
        self.width, self.height = logo.width, logo.height
        self._content = logo.content

    def _data(self) -> bytes:
        return self._content


def _marker(widths: tuple[int, ...], pixels: int) -> AnchorMarker:
    for at, width in enumerate(widths):
        if pixels < width * _PIXELS_PER_CHARACTER:
            return AnchorMarker(col=at, colOff=pixels * _EMU_PER_PIXEL, row=0, rowOff=_EMU_PER_PIXEL)
        pixels -= width * _PIXELS_PER_CHARACTER
    return AnchorMarker(col=len(widths), colOff=0, row=0, rowOff=_EMU_PER_PIXEL)
