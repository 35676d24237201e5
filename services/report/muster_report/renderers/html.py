"""A book as one page that needs nothing else: no script, no other host, readable on a phone and on paper."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from muster_report.book import Book
from muster_report.renderers.page_sheets import whole_sheet
from muster_report.renderers.written import exact
from muster_report.words import say

_AT_ONCE: Final = 200  # bits of the template


def render(book: Book, lang: str = "en") -> bytes:
    """The page (UTF-8) of a book, held whole; the same book gives the same bytes in any process, at any time.

    Tables longer than 60 rows are folded by 50 rows, the first fold open; on paper every fold is open.
    """
    file = BytesIO()
    write(book, file, lang)
    return file.getvalue()


def write(book: Book, file: BinaryIO, lang: str) -> None:
    """Write the page of a book of any size: the rows of one fold are held."""
    sheets = [whole_sheet(book, sheet, lang) for sheet in book.sheets]
    words = {"exact": exact, "say": lambda key: say(key, lang)}
    pieces = _template().stream(book=book, sheets=sheets, lang=lang, look=_look(book), **words)
    pieces.enable_buffering(_AT_ONCE)
    for piece in pieces:
        file.write(piece.encode())


def _look(book: Book) -> dict[str, str] | None:
    if book.look is None:
        return None
    logo = b64encode(book.look.logo.content).decode() if book.look.logo else ""
    return {"name": exact(book.look.name), "accent": book.look.accent, "tint": book.look.tint, "logo": logo}


@cache
def _template() -> Any:
    loader = PackageLoader("muster_report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("book.html")
