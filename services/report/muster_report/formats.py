"""The formats of a report beside the workbook: the same figures on a page, as CSV files, as JSON.

They are made from the issue when they are asked for: the same issue always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from muster_report import issue_books, looks
from muster_report.book import Book
from muster_report.made_file import MadeFile, made_file
from muster_report.models import Issue
from muster_report.renderers import csv_files, html, json_document
from muster_report.words import ENGLISH
from muster_shared.context import Context


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its content type, the end of its file's name, whether a browser shows it."""

    content_type: str
    extension: str
    shown: bool
    write: Callable[[Book, BinaryIO, str], None]


FORMATS: Final[Mapping[str, Format]] = {
    "html": Format("text/html; charset=utf-8", "html", shown=True, write=html.write),
    "csv": Format("application/zip", "csv.zip", shown=False, write=csv_files.write),
    "json": Format("application/json", "json", shown=True, write=json_document.write),
}


def of_issue(context: Context, issue: Issue, form: str) -> MadeFile:
    """An issue in one of the formats, at any size.

    Raises:
        Problem: 409 for an issue of a log that was lost: only its workbook is left.
    """
    book = issue_books.whole(context, issue)
    with context.sessions() as session:
        book = replace(book, look=looks.of_issue(session, context.objects, issue))
    lang = issue.params.get("lang", ENGLISH)
    return made_file(lambda file: FORMATS[form].write(book, file, lang))
