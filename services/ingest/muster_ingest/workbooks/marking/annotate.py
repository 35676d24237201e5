"""The user's own workbook with each error pinned to its cell: parts are patched, the rest is copied as it lies."""

import zlib
from pathlib import Path
from struct import error as struct_error
from typing import Any
from zipfile import BadZipFile

from muster_ingest.workbooks.marking.annotation import Annotation
from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.words import ERRORS_HEADERS, ERRORS_SHEET_NAMES, is_errors_sheet_name

__all__ = ["ERRORS_HEADERS", "ERRORS_SHEET_NAMES", "annotate", "is_errors_sheet_name"]

_UNREADABLE = (
    BadZipFile,
    zlib.error,
    struct_error,
    EOFError,
    NotImplementedError,  # zipfile's word for a way of packing that it does not know
    RuntimeError,
    UnicodeError,
    KeyError,
)


def annotate(source: Path, marks: list[dict[str, Any]], out: Path, language: str = "en") -> None:
    """Write `source` to `out` with a note and a fill on each wrong cell and a first sheet that lists all errors.

    A mark is {"sheet", "cell" ("D14"), "row", "code", "field", "value", "message"}; without a cell, or with a sheet
    that is not there, it is only listed. Several marks on a cell make one note. The marks of an earlier run go first:
    without new ones the result is the user's file again. No other part is touched; `out` may be `source`.

    Raises ValueError where the file is no workbook that can be patched; `out` is then as it was.
    """
    unfinished = out.with_name(f"{out.name}.part")
    try:
        with Package(source) as package:
            Annotation(package, marks, language).prepare()
            package.write(unfinished)
        unfinished.replace(out)
    except _UNREADABLE as problem:
        raise ValueError(f"the workbook cannot be patched: {problem}") from problem
    finally:
        unfinished.unlink(missing_ok=True)
