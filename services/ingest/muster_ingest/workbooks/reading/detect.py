"""What a file is by its first bytes, whatever its name says; a plain word for each wrong type."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import Literal

from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, WRONG_TYPE, Refused

_HEAD = 4_096
_SAVE_AS = "open it in Excel or LibreOffice and save it as .xlsx"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"%PDF", "pdf", "this is a PDF document: send the workbook it was printed from, as .xlsx"),
    (b"\x1f\x8b", "gzip", "this is a gzip archive: unpack it and send the .xlsx or .csv file in it"),
    (b"Rar!", "archive", "this is a RAR archive: unpack it and send the .xlsx file in it"),
    (b"7z\xbc\xaf", "archive", "this is a 7-Zip archive: unpack it and send the .xlsx file in it"),
    (b"{\\rtf", "not_a_workbook", "this is a rich text document (.rtf): send the figures in a workbook (.xlsx)"),
    (b"\x89PNG", "not_a_workbook", "this is a picture (.png): send the workbook itself, as .xlsx"),
    (b"\xff\xd8\xff", "not_a_workbook", "this is a picture (.jpg): send the workbook itself, as .xlsx"),
    (b"PAR1", "not_a_workbook", "this is a Parquet file: send a workbook (.xlsx) or a CSV file"),
    (b"SQLite format 3", "not_a_workbook", "this is a database file: send a workbook (.xlsx) or a CSV file"),
)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|div)\b", re.I | re.S)
_TEXT_NAME = re.compile(r"\.(?:csv|tsv|txt)$", re.I)  # the reader of CSV names the line
_BOOK_NAME = re.compile(r"\.(?:xlsx|xlsm|xlsb|xls|ods|xltx|pdf)$", re.I)


def form_of(path: Path, name: str, limits: Limits) -> Literal["zip", "csv"]:
    """Whether the file is a zip (perhaps a workbook) or text (perhaps CSV).

    Raises:
        Refused: it is empty, too large, or plainly something else.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refused(WRONG_TYPE, "empty", "this file is empty (0 bytes): save it again and send that")
    if size > limits.file_bytes:
        raise Refused(OVER_LIMIT, "file_too_large", f"this file is larger than {limits.file_bytes:,} bytes: split it")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    _refuse_magic(path, head)
    _refuse_text(head, name)
    return "csv"


def _refuse_magic(path: Path, head: bytes) -> None:
    if head.startswith(_OLE):
        raise _ole(path)
    if head.startswith(b"PK"):
        raise Refused(UNREADABLE, "damaged", "this zip archive is damaged or empty: save the workbook again as .xlsx")
    for magic, code, message in _MAGIC:
        if head.startswith(magic):
            raise Refused(WRONG_TYPE, code, message)


def _refuse_text(head: bytes, name: str) -> None:
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        message = 'this text is in UTF-16: save it as "CSV UTF-8", or as .xlsx'
        raise Refused(UNREADABLE, "not_utf8", message)
    if _HTML.match(bare):
        raise Refused(WRONG_TYPE, "html", f"this is a web page (HTML), whatever its name says: {_SAVE_AS}")
    if bare.lstrip().startswith(b"<?xml") or bare.lstrip().startswith(b"<Workbook"):
        raise _xml(head)
    if b"\x00" in head and not _TEXT_NAME.search(name):
        message = "this is neither a workbook (.xlsx) nor a CSV file in UTF-8: send one of these"
        raise Refused(WRONG_TYPE, "not_a_workbook", message)
    if _BOOK_NAME.search(name):
        message = f"this is plain text, though its name ends in {name[name.rindex('.') :]}: {_SAVE_AS}"
        raise Refused(WRONG_TYPE, "not_a_workbook", message)


def _xml(head: bytes) -> Refused:
    if b"Excel.Sheet" in head or b"office:spreadsheet" in head:
        return Refused(WRONG_TYPE, "xml_spreadsheet", f"this is an XML Spreadsheet 2003: {_SAVE_AS}")
    if b"opendocument" in head:
        return Refused(WRONG_TYPE, "open_document", f"this is an OpenDocument spreadsheet: {_SAVE_AS}")
    return Refused(WRONG_TYPE, "not_a_workbook", "this is an XML file: send a workbook (.xlsx) or a CSV file")


def _ole(path: Path) -> Refused:
    """Which of the files in the older container format (OLE2) this is, by the names of its streams [MS-CFB] 2.6.1."""
    if _has_stream(path, "EncryptedPackage"):
        message = (
            "this workbook is protected with a password to open it: save it without one (File, Info) and send that"
        )
        return Refused(WRONG_TYPE, "encrypted", message)
    if _has_stream(path, "Workbook") or _has_stream(path, "Book"):
        message = "this is an Excel 97-2003 workbook (.xls): open it in Excel and save it as .xlsx"
        return Refused(WRONG_TYPE, "old_excel", message)
    if _has_stream(path, "WordDocument"):
        return Refused(WRONG_TYPE, "word_document", "this is a Word document: send a workbook (.xlsx)")
    message = "this is a file of an older Office program, and no workbook (.xlsx): save it as .xlsx"
    return Refused(WRONG_TYPE, "not_a_workbook", message)


def _has_stream(path: Path, name: str) -> bool:
    wanted = name.encode("utf-16-le") + b"\x00\x00"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(wanted) >= 0
