"""The books of issues that are being read: made again from the facts, the last few kept.

An issue never changes, so a book that is kept is never old; one that is made anew after a person was erased has
another SHA-256, or is restricted since.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from muster_report.blocks import Table
from muster_report.book import Book
from muster_report.bulk import is_bulk
from muster_report.making import completed
from muster_report.models import Issue
from muster_shared.context import Context
from muster_shared.problems import Problem

_MOST: Final = 8
_Key = tuple[UUID, str, datetime | None]
_kept: WeakKeyDictionary[Engine, OrderedDict[_Key, Book]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def whole(context: Context, issue: Issue) -> Book:
    """The book of an issue with About, Changes and Sources, as it was made.

    Raises:
        Problem: 409 for an issue of a log that was lost: only its workbook is left.
    """
    if issue.of_lost_log:
        detail = "this issue was made of changes that are no longer in the change log: only its workbook is left"
        raise Problem(409, "of_lost_log", detail)
    key = (issue.issue_id, issue.sha256, issue.restricted_at)
    if book := _get(context.engine, key):
        return book
    with context.sessions() as session:
        book = completed(session, issue)
    if not _is_long(book):
        _keep(context.engine, key, book)
    return book


def _get(engine: Engine, key: _Key) -> Book | None:
    with _lock:
        books = _kept.setdefault(engine, OrderedDict())
        if key in books:
            books.move_to_end(key)
        return books.get(key)


def _keep(engine: Engine, key: _Key, book: Book) -> None:
    with _lock:
        books = _kept.setdefault(engine, OrderedDict())
        books[key] = book
        while len(books) > _MOST:
            books.popitem(last=False)


def _is_long(book: Book) -> bool:
    """Rows that are streamed come from a file that one reader reads at a time, and are quick to open again."""
    return any(isinstance(block, Table) and is_bulk(block) for sheet in book.sheets for block in sheet.blocks)
