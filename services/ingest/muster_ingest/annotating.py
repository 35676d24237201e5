"""The sender's own workbook with each error pinned in its cell, made when it is asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import Any

from muster_ingest.models import Submission
from muster_ingest.workbooks.grid import column_and_row
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused
from muster_shared.context import Context
from muster_shared.problems import Problem, busy, not_found


def annotated(context: Context, readers: Readers, row: Submission, language: str) -> bytes:
    """The workbook with its errors; of an accepted one, without the marks of an earlier run.

    Raises:
        Problem: 404 what was sent is no workbook, 409 it is still being worked on or cannot be opened, 503.
    """
    if not (row.file_name or "").lower().endswith(".xlsx") and row.content_type.startswith(
        ("application/json", "text")
    ):
        raise not_found("this submission was not sent as a workbook: its errors name line and column, or a pointer")
    if row.status == "processing":
        raise Problem(409, "processing", "the workbook is still being worked on: ask again when it has ended")
    marks = [_mark(error) for error in row.document.get("errors", ())]
    with tempfile.TemporaryDirectory(prefix="muster-annotated-") as folder:
        source, out = Path(folder, "source.xlsx"), Path(folder, "annotated.xlsx")
        source.write_bytes(context.objects.get(row.sha256))
        try:
            readers.annotate(source, marks, out, language=language)
        except Refused as refused:
            if refused.status == 503:
                raise busy(refused.message) from refused
            raise Problem(409, refused.code, refused.message) from refused
        return out.read_bytes()


def _mark(error: dict[str, Any]) -> dict[str, Any]:
    cell = error.get("cell")
    return {
        **{name: error.get(name) for name in ("sheet", "cell", "code", "field", "value", "message")},
        "row": column_and_row(cell)[1] if cell else None,
    }


def name_of(row: Submission) -> str:
    """What the annotated file is called: as it was sent, with the receipt's number."""
    stem = PurePath(row.file_name or "workbook").stem
    return f"{stem}-{row.receipt or 'annotated'}.xlsx"
