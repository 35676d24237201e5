"""The bytes of a template: what openpyxl writes, with the rows of records put in and nothing that changes by itself.

openpyxl stamps the present time on the archive's entries and on ``core.xml``; both get the time given here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.workbook import Workbook
from openpyxl.xml.functions import tostring

_CORE = "docProps/core.xml"
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can name
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]+1:[A-Z]+)\d+"')
_END_OF_ROWS = b"</sheetData>"


def archived(book: Workbook, rows: Mapping[str, tuple[int, Iterable[bytes]]], made_at: datetime) -> bytes:
    """The workbook as a file, created and modified at ``made_at`` (UTC, without its zone).

    ``rows``: by name of the sheet, how many rows it has in all and the XML of those that come behind its own.
    """
    book.properties.created = made_at
    written = io.BytesIO()
    book.save(written)
    book.properties.modified = made_at  # saving set it to the present
    parts = {str(book[title].path).lstrip("/"): more for title, more in rows.items()}  # numbered when saved
    finished = io.BytesIO()
    with ZipFile(written) as source, ZipFile(finished, "w") as target:
        for name in source.namelist():
            content = tostring(book.properties.to_tree()) if name == _CORE else source.read(name)
            with target.open(_entry(name), "w") as part:
                _write(part, content, parts.get(name))
    return finished.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _FIRST_TIME)
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o600 << 16
    return entry


def _write(part: IO[bytes], content: bytes, more: tuple[int, Iterable[bytes]] | None) -> None:
    if more is None:
        part.write(content)
        return
    last, rows = more
    head, end, tail = content.partition(_END_OF_ROWS)
    part.write(_DIMENSION.sub(rb'<dimension ref="\g<1>%d"' % last, head))
    batch = bytearray()
    for row in rows:
        batch += row
        if len(batch) > 1 << 20:
            part.write(batch)
            batch.clear()
    part.write(batch + end + tail)
