"""The sheets that go with every report: About, Changes, Sources.

Nothing here is random or read from a clock: the as-of time and the position are those of the newest change
among the facts that the book uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from muster_report.book import Block, Book, Column, Note, Row, Sheet, Table, Value, spoken_time
from muster_report.changes import Difference, differences, sources
from muster_report.tables import number_or_text

COPIES: Mapping[str, str] = {
    "internal": "Internal copy: notes included, every count of people shown. Not to be passed on.",
    "donor": 'Donor copy: notes left out, counts of people from 1 to 4 shown as "<5".',
    "public": 'Public copy: notes left out, counts of people from 1 to 4 shown as "<5".',
}
NO_RELEASE = "No issue has been released yet for these parameters: there is nothing to compare with."
NO_DIFFERENCES = "No differences."


def complete(book: Book, *, params: Mapping[str, str], base: Book | None, base_label: str = "") -> Book:
    """The book with its sheets About, Changes and Sources.

    ``params`` are all parameters with their copy. ``base`` is the book of the last released issue for the same
    parameters, None where none is released; ``base_label`` says which that is, else its as-of time does.
    """
    label = base_label or (_state_of(base) if base else "")
    return book.with_sheets(_about(book, params), _changes(book, base, label), _sources(book))


def _about(book: Book, params: Mapping[str, str]) -> Sheet:
    newest = book.newest()
    facts: list[tuple[str, Value]] = [
        ("Report", book.title),
        ("What it shows", book.description),
        *((name.capitalize(), number_or_text(params[name])) for name in sorted(params) if name != "copy"),
        ("Copy", COPIES.get(params.get("copy", "internal"), params.get("copy"))),
        ("As of", spoken_time(newest.occurred_at) if newest else "nothing submitted yet"),
        ("Change-log position", newest.position if newest else None),
        ("Records used", len(book.used)),
        ("Submissions used", len(sources(book.used))),
    ]
    blocks: list[Block] = [_two_columns("about", "About this workbook", "", facts)]
    if book.definitions:
        blocks.append(_two_columns("definitions", "Term", "Meaning", list(book.definitions)))
    blocks.append(Note("as-of", "As of: the time of the newest change among the records that this workbook uses."))
    return Sheet("About", "About", book.title, tuple(blocks), "accompanying", landscape=False)


def _two_columns(key: str, left: str, right: str, pairs: list[tuple[str, Value]]) -> Table:
    columns = (Column("name", left, 30, "text", "label"), Column("value", right, 80, "text"))
    return Table(key, columns, tuple(Row(name, (name, value)) for name, value in pairs))


def _changes(book: Book, base: Book | None, label: str) -> Sheet:
    found = differences(base, book)
    blocks: tuple[Block, ...]
    if base is None:
        blocks = (Note("none", NO_RELEASE),)
    elif not found:
        blocks = (Note("none", NO_DIFFERENCES),)
    else:
        blocks = (Note("count", _counted(found)), _changes_table(found))
    subtitle = f"Against the last released issue, {label}" if base else ""
    freeze = "changes" if found else ""
    return Sheet("Changes", "Changes", subtitle, blocks, "accompanying", freeze)


def _counted(found: list[Difference]) -> str:
    cells = "1 cell differs" if len(found) == 1 else f"{len(found):,} cells differ"
    return (
        f"{cells}. A figure is found again by its row and column, so a line that comes or goes does not make others "
        f"appear as changed; where a line is gone, the cell is the one in which it stood. As-of lines are left out."
    )


def _changes_table(found: list[Difference]) -> Table:
    columns = (
        Column("sheet", "Sheet", 28, "text"),
        Column("cell", "Cell", 8, "code"),
        Column("row", "Row", 56, "text"),
        Column("column", "Column", 36, "text"),
        Column("old", "Was", 26, "number"),
        Column("new", "Is now", 26, "number"),
    )
    rows = tuple(
        Row(str(at), (d.sheet, d.cell, d.row_label, d.column_label, d.old, d.new)) for at, d in enumerate(found)
    )
    return Table("changes", columns, rows, filtered=True)


def _sources(book: Book) -> Sheet:
    columns = (
        Column("receipt", "Receipt", 42, "text"),
        Column("office", "Office", 36, "text"),
        Column("received", "Received (UTC)", 22, "code"),
        Column("sha256", "SHA-256 of the submission", 68, "code"),
    )
    rows = tuple(
        Row(s.submission_id, (s.receipt, s.office, f"{s.received_at:%Y-%m-%d %H:%M:%S}", s.sha256))
        for s in sources(book.used)
    )
    blocks: tuple[Block, ...] = (Note("none", "No submission yet."),)
    if rows:
        blocks = (Table("sources", columns, rows, filtered=True),)
    title = "The submissions whose records this workbook uses"
    return Sheet("Sources", "Sources", title, blocks, "accompanying", "sources" if rows else "")


def _state_of(base: Book) -> str:
    newest = base.newest()
    return f"as of {spoken_time(newest.occurred_at)}, position {newest.position}" if newest else "which was empty"
