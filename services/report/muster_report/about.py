"""The sheets that go with every report: About, Changes, Sources.

Nothing here is random or read from a clock: the as-of time and the position are those of the newest change
among the facts that the book uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from muster_report.book import Block, Book, Charts, Column, Note, Row, RowRole, Sheet, Table, Value
from muster_report.changes import Difference, biggest_first, differences, sources
from muster_report.movements import Movement, movements
from muster_report.reconciling import flagged
from muster_report.tables import number_or_text
from muster_report.words import ENGLISH, code_names, known_as, say, say_number, spoken_time
from muster_shared.names import DEFAULT_COPY

_SPOKEN: Final = frozenset({"copy", "lang"})  # parameters that About tells in sentences of their own


def complete(book: Book, *, params: Mapping[str, str], base: Book | None, base_label: str = "") -> Book:
    """The book with its sheets About, Changes and Sources.

    ``params`` are all parameters with their copy and language (English where it is left out). ``base`` is the book
    of the last released issue for the same parameters, None where none is released; ``base_label`` says which that
    is, else its as-of time does. What does not add up, in the book or from the base to it, is told on its first sheet.
    """
    lang = params.get("lang", ENGLISH)
    label = base_label or (_state_of(base, lang) if base else "")
    reconciled = flagged(book)
    moved = movements(base, reconciled) if base else []
    shown = _with_alert(reconciled, moved, lang)
    about = _about(shown, params, label, lang)
    return shown.with_sheets(about, _changes(shown, base, moved, label, lang), _sources(shown, lang))


def _with_alert(book: Book, moved: Sequence[Movement], lang: str) -> Book:
    """An alert below the tables of the first sheet (no cell moves) for totals that opening and changes do not make."""
    wrong = [movement for movement in moved if movement.difference]
    if not wrong:
        return book
    first, *others = book.sheets
    named = ", ".join(f"'{one.figure.sheet.name}'!{one.figure.cell}" for one in wrong)
    alert = Note("unmoved", say_number("about.movements_differ", len(wrong), lang, named=named), "alert")
    tables = [block for block in first.blocks if not isinstance(block, Charts)]
    charts = [block for block in first.blocks if isinstance(block, Charts)]
    return replace(book, sheets=(replace(first, blocks=(*tables, alert, *charts)), *others))


def _about(book: Book, params: Mapping[str, str], base: str, lang: str) -> Sheet:
    facts = [*_shown(book, lang), *_asked(params, lang), *_made_of(book, lang), *_corrected(base, lang)]
    blocks: list[Block] = [_two_columns("about", say("about.about_workbook", lang), "", facts)]
    if book.definitions:
        term, meaning = say("about.term", lang), say("about.meaning", lang)
        blocks.append(_two_columns("definitions", term, meaning, list(book.definitions)))
    blocks.append(Note("as-of", say("about.as_of_means", lang)))
    name = say("about.sheet", lang)
    return Sheet(name, name, book.title, tuple(blocks), "accompanying", landscape=False)


def _shown(book: Book, lang: str) -> Iterator[tuple[str, Value]]:
    yield say("about.report", lang), book.title
    yield say("about.what_it_shows", lang), book.description


def _asked(params: Mapping[str, str], lang: str) -> Iterator[tuple[str, Value]]:
    for name in sorted(params.keys() - _SPOKEN):
        yield known_as("about.parameters", name, name.capitalize(), lang), number_or_text(params[name])
    copy = params.get("copy", DEFAULT_COPY)
    yield say("about.copy", lang), known_as("about.copies", copy, copy, lang)
    if lang != ENGLISH:
        yield say("about.language", lang), code_names("language", lang)[lang]


def _made_of(book: Book, lang: str) -> Iterator[tuple[str, Value]]:
    newest = book.newest()
    as_of = spoken_time(newest.occurred_at, lang) if newest else say("about.nothing_submitted", lang)
    yield say("about.as_of", lang), as_of
    yield say("about.position", lang), newest.position if newest else None
    yield say("about.records_used", lang), len(book.used)
    yield say("about.submissions_used", lang), len(sources(book.used))


def _corrected(base: str, lang: str) -> Iterator[tuple[str, Value]]:
    if base:
        yield say("about.corrects", lang), say("about.corrects_issue", lang, issue=base)


def _two_columns(key: str, left: str, right: str, pairs: list[tuple[str, Value]]) -> Table:
    columns = (Column("name", left, 30, "text", "label"), Column("value", right, 80, "text"))
    return Table(key, columns, tuple(Row(name, (name, value)) for name, value in pairs))


def _changes(book: Book, base: Book | None, moved: Sequence[Movement], label: str, lang: str) -> Sheet:
    found = differences(base, book)
    blocks: tuple[Block, ...]
    if base is None:
        blocks = (Note("none", say("about.no_release", lang)),)
    elif not found:
        blocks = (Note("none", say("about.no_differences", lang)), *_movements(moved, lang))
    else:
        blocks = (Note("count", _counted(found, lang)), _changes_table(found, lang), *_movements(moved, lang))
    name = say("about.changes_sheet", lang)
    subtitle = say("about.against", lang, issue=label) if base else ""
    return Sheet(name, name, subtitle, blocks, "accompanying", "changes" if found else "")


def _movements(moved: Sequence[Movement], lang: str) -> Iterator[Block]:
    """Opening, added and closing of every total, those that moved first within their sheet."""
    if not moved:
        return
    columns = (
        Column("sheet", say("about.where_sheet", lang), 28, "text"),
        Column("cell", say("about.where_cell", lang), 8, "code"),
        Column("row", say("about.where_row", lang), 56, "text"),
        Column("column", say("about.where_column", lang), 36, "text"),
        *(Column(key, say(f"about.{key}", lang), 22) for key in ("opening", "added", "closing", "movement_difference")),
    )
    rows = tuple(Row("/".join(one.figure.key), _movement(one), _role(one)) for one in moved)
    yield Table("movements", columns, rows, say("about.movements", lang))
    yield Note("movements", say("about.movements_rule", lang))


def _movement(one: Movement) -> tuple[Value, ...]:
    figure = one.figure
    where = figure.sheet.name, figure.cell, figure.row.name(), figure.heading
    return (*where, one.opening, one.added, one.closing, one.difference)


def _role(one: Movement) -> RowRole:
    return "subtotal" if one.difference else "body"


def _counted(found: list[Difference], lang: str) -> str:
    differ = say_number("about.cells_differ", len(found), lang)
    return say("about.how_counted", lang, differ=differ)


def _changes_table(found: list[Difference], lang: str) -> Table:
    columns = (
        Column("sheet", say("about.where_sheet", lang), 28, "text"),
        Column("cell", say("about.where_cell", lang), 8, "code"),
        Column("row", say("about.where_row", lang), 56, "text"),
        Column("column", say("about.where_column", lang), 36, "text"),
        Column("old", say("about.was", lang), 26, "number"),
        Column("new", say("about.is_now", lang), 26, "number"),
        Column("by", say("about.changed_by", lang), 22, "number"),
    )
    rows = tuple(
        Row(str(at), (d.sheet, d.cell, d.row_label, d.column_label, d.old, d.new, d.by))
        for at, d in enumerate(biggest_first(found))
    )
    return Table("changes", columns, rows, filtered=True)


def _sources(book: Book, lang: str) -> Sheet:
    columns = (
        Column("receipt", say("about.receipt", lang), 42, "text"),
        Column("office", say("about.office", lang), 36, "text"),
        Column("received", say("about.received", lang), 22, "code"),
        Column("sha256", say("about.sha256", lang), 68, "code"),
    )
    rows = tuple(
        Row(s.submission_id, (s.receipt, s.office, f"{s.received_at:%Y-%m-%d %H:%M:%S}", s.sha256))
        for s in sources(book.used)
    )
    blocks: tuple[Block, ...] = (Note("none", say("about.no_submission", lang)),)
    if rows:
        blocks = (Table("sources", columns, rows, filtered=True),)
    name, title = say("about.sources_sheet", lang), say("about.sources_title", lang)
    return Sheet(name, name, title, blocks, "accompanying", "sources" if rows else "")


def _state_of(base: Book, lang: str) -> str:
    newest = base.newest()
    if newest is None:
        return say("about.state_empty", lang)
    return say("about.state", lang, time=spoken_time(newest.occurred_at, lang), position=newest.position)
