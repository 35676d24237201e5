"""Draws ``docs/pictures/annotated-workbook.png``: a sheet of the workbook of mistakes as it comes back.

Run by hand where LibreOffice (``soffice``) and poppler (``pdftoppm``) are installed::

    .venv/bin/pytest tests/picture_of_mistakes.py

The workbook is uploaded and its annotated form asked for; the sheet of grants is printed with its marks as they came.
LibreOffice prints only notes that stand open, so five are opened and set beside their cells, as a mouse that rests on
them would show them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from openpyxl import load_workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

import workbook_of_mistakes as book_of
from mistakes_stored import stored_before
from muster_ingest.app import create_app
from muster_ingest.workbooks.grid import column_and_row
from muster_shared.context import Context
from workbook_making import saved

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "annotated-workbook.png"
_SHEET = "grant"
_ROWS = (13, 33)
_OPENED = {"B17": "C13:F15", "F19": "G16:J17", "J23": "K19:N21", "O28": "P23:P26", "L31": "F29:K30"}
_WIDTHS = {"A": 8, "B": 13, "D": 9, "J": 20, "P": 24}
_LEFT_OUT = "EHIQ"
_VML, _EXCEL = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:excel"
_DPI = 112
_CROP = ("-x", "14", "-y", "14", "-W", "1206", "-H", "482")  # in dots; the page below is empty


def test_the_picture_is_drawn(
    open_context: Callable[[str], Context], token: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "grants.xlsx").write_bytes(with_open_notes(one_sheet(annotated(open_context("ingest"), token))))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    printed = [program("soffice"), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*printed, str(tmp_path / "grants.xlsx")], check=True, capture_output=True, timeout=100)
    drawn = [program("pdftoppm"), "-png", "-singlefile", "-r", str(_DPI), *_CROP, str(tmp_path / "grants.pdf")]
    subprocess.run([*drawn, str(PICTURE.with_suffix(""))], check=True, timeout=60)
    assert PICTURE.stat().st_size < 200_000


def program(name: str) -> str:
    """Where a program is.

    Raises:
        FileNotFoundError: it is not on this machine.
    """
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(name)
    return found


def annotated(context: Context, token: Callable[..., str]) -> bytes:
    """The workbook of mistakes as the service gives it back."""
    app = create_app(context)
    client = app.test_client()
    for office, sender, records in stored_before():
        scope = {"offices": [office]} if office != "HQ" else {}
        bearer = {"Authorization": f"Bearer {token('focal_point' if scope else 'admin', name=sender, **scope)}"}
        client.post("/ingest/v1/submissions", json={"office": office, "records": records}, headers=bearer)
    bearer = {"Authorization": f"Bearer {token('focal_point', offices=['KEN'])}"}
    form = {"file": (BytesIO(book_of.spoiled()), "Kenya.xlsx"), "office": "KEN"}
    problem = client.post("/ingest/v1/workbooks", data=form, headers=bearer).get_json()
    answer = client.get(f"/ingest/v1/submissions/{problem['submission_id']}/annotated.xlsx", headers=bearer)
    app.extensions["muster_readers"].close()
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def one_sheet(content: bytes) -> bytes:
    """The sheet to be drawn alone, on a page of its size."""
    book = load_workbook(BytesIO(content))
    for name in set(book.sheetnames) - {_SHEET}:
        del book[name]
    sheet = book[_SHEET]
    last = get_column_letter(sheet.max_column)
    for column in range(1, sheet.max_column + 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(letter, 11)
        sheet.column_dimensions[letter].hidden = letter in _LEFT_OUT
        sheet.cell(1, column).alignment = Alignment(wrap_text=True, vertical="top")
    for row in range(2, _ROWS[0]):
        sheet.row_dimensions[row].hidden = True
    sheet.row_dimensions[1].height = 42
    sheet.print_area = f"A1:{last}{_ROWS[1]}"
    _fit_page(sheet)
    return saved(book)


def _fit_page(sheet: Any) -> None:
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.cellComments = "landscape", "asDisplayed"
    sheet.print_options.gridLines = sheet.print_options.headings = True
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = margins.bottom = margins.header = margins.footer = 0.2
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = ""


def with_open_notes(content: bytes) -> bytes:
    """The same workbook, some of its notes standing open."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _opened(part) if name.endswith(".vml") else part)
    return made.getvalue()


def _opened(drawing: bytes) -> bytes:
    root = ET.fromstring(drawing)  # noqa: S314 - openpyxl wrote it a moment ago
    boxes = {column_and_row(cell): box for cell, box in _OPENED.items()}
    for shape in root.iter(f"{{{_VML}}}shape"):
        told = shape.find(f"{{{_EXCEL}}}ClientData")
        if told is None:
            continue
        row, column = (int(told.findtext(f"{{{_EXCEL}}}{name}", "0")) + 1 for name in ("Row", "Column"))
        if box := boxes.get((column, row)):
            shape.set("style", re.sub("visibility:hidden", "visibility:visible", shape.get("style", "")))
            ET.SubElement(told, f"{{{_EXCEL}}}Visible")
            ET.SubElement(told, f"{{{_EXCEL}}}Anchor").text = _anchor(box)
    return ET.tostring(root)


def _anchor(box: str) -> str:
    """Left column, offset, top row, offset, right column, offset, bottom row, offset, counted from 0."""
    (left, top), (right, bottom) = (column_and_row(cell) for cell in box.split(":"))
    return f"{left - 1}, 4, {top - 1}, 4, {right}, 0, {bottom}, 0"
