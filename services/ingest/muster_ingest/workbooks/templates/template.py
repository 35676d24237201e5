"""Templates: a workbook of an office, prefilled with its records, that says how to fill it in and helps to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.packaging.custom import CustomPropertyList, StringProperty

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import REVISION, rows_of
from muster_ingest.workbooks.templates.archive import archived
from muster_ingest.workbooks.templates.cells import fits
from muster_ingest.workbooks.templates.front import Front, add_codes, add_instructions
from muster_ingest.workbooks.templates.lists import Choices, lists_of
from muster_ingest.workbooks.templates.sheet import Edition, add_sheet

__all__ = ["MARK", "VERSION", "Choices", "Mark", "Stored", "make", "read_mark"]

VERSION = 1  # raised when columns change in a way that older templates no longer fit
MARK = "MusterTemplate"
_ALL = "all"
_MARKED = re.compile(r"([1-9][0-9]{0,3});([a-z_]+);([A-Za-z0-9][A-Za-z0-9._-]{0,99});([a-z]{2})")


@dataclass(frozen=True)
class Stored:
    """A current record: its revision and its canonical fields."""

    revision: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """What a template says about itself; ``version`` may be another one than ``VERSION``."""

    version: int
    kinds: tuple[str, ...]
    office: str
    language: str


@dataclass(frozen=True)
class _Rows:
    """The rows of a kind's records in the order of their keys, and the keys of those that no cell could hold."""

    rows: Sequence[Mapping[str, Any]]
    left_out: Sequence[str]


def make(
    kinds: Sequence[str],
    *,
    office: str,
    office_name: str,
    language: str,
    records: Mapping[str, Sequence[Stored]],
    choices: Choices,
    made_at: datetime,
) -> bytes:
    """A template as ``.xlsx``: instructions, a sheet for each kind with its records, the lists of codes.

    The same arguments give the same bytes. A record with a text too long for a cell is left out, which leaves it as
    it is stored; the instructions name it.

    Raises:
        ValueError: no kind, an unknown kind or language, a time without its zone, or more rows than a sheet has.
    """
    if not kinds or not set(kinds) <= set(KINDS) or language not in words.LANGUAGES:
        raise ValueError(f"no template of {', '.join(kinds) or 'nothing'} in '{language}'")
    if made_at.tzinfo is None:
        raise ValueError("made_at needs its time zone")
    made_at = made_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    found = {kind: _rows(kind, records.get(kind, ())) for kind in kinds}
    left_out = [f"{kind} {key}" for kind, of_kind in found.items() for key in of_kind.left_out]
    front = Front(tuple(kinds), office, office_name, language, made_at, left_out)
    lists = lists_of(kinds, choices, language)
    book = _book(front)
    edition = Edition(office_name, language, {codes.name: codes for codes in lists})
    made = [add_sheet(book, kind, found[kind].rows, edition) for kind in kinds]
    add_instructions(book, front, add_codes(book, lists, front))
    book.active = 0
    return archived(book, {sheet.title: (sheet.last_row, sheet.rows) for sheet in made}, made_at)


def read_mark(properties: Mapping[str, str]) -> Mark | None:
    """The mark among a workbook's custom properties; None where there is none or it is malformed."""
    match = _MARKED.fullmatch(properties.get(MARK, ""))
    if match is None:
        return None
    version, kind, office, language = match.groups()
    if kind not in (*KINDS, _ALL) or language not in words.LANGUAGES:
        return None
    return Mark(int(version), tuple(KINDS) if kind == _ALL else (kind,), office, language)


def _book(front: Front) -> Workbook:
    book = Workbook()
    del book["Sheet"]
    book.properties.title = front.heading
    book.properties.language = front.language
    book.properties.creator = "Muster"
    kind = front.kinds[0] if len(front.kinds) == 1 else _ALL
    properties: CustomPropertyList[StringProperty] = book.custom_doc_props  # type: ignore[attr-defined]  # no types
    properties.append(StringProperty(name=MARK, value=f"{VERSION};{kind};{front.office};{front.language}"))
    return book


def _rows(kind: str, records: Sequence[Stored]) -> _Rows:
    rows: list[Mapping[str, Any]] = []
    left_out = []
    for stored in sorted(records, key=lambda stored: _order(kind, stored)):
        of_record = list(_of_record(kind, stored))
        if all(map(fits, of_record)):
            rows.extend(of_record)
        else:
            left_out.append(KINDS[kind].key_of(stored.fields))
    return _Rows(rows, left_out)


def _order(kind: str, stored: Stored) -> tuple[str, ...]:
    values = (stored.fields.get(name) for name in KINDS[kind].key)
    return tuple("" if value is None else str(value) for value in values)


def _of_record(kind: str, stored: Stored) -> Iterator[Mapping[str, Any]]:
    """A record's rows, each with its revision, so that sorting them apart loses nothing."""
    for row in rows_of(kind, stored.fields):
        yield {**row, REVISION: stored.revision}
