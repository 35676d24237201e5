"""Rows in the form in which Excel, LibreOffice, openpyxl and XlsxWriter write them, read by patterns: the fast lane.

The cells' pattern accounts for every "<" of a row: what fits no form of a cell is caught by its last group, and the
whole piece goes to the strict lane. Nothing is taken over before a piece is read to its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from muster_ingest.workbooks.reading.columns_by_letters import COLUMNS, NUMBERS
from muster_ingest.workbooks.reading.formats import NUMBER, PERCENT, TIME
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.strings import NoSuchString, TextTooLong, dereferenced
from muster_ingest.workbooks.reading.typed import CellTypes, DatedCells, NoSuchFormat

Row = list[object]

_FORMULA = (
    r'<f(?: t="[a-zA-Z]{1,9}")?(?: aca="[a-z01]{1,5}")?(?: ref="[A-Z0-9:]{1,20}")?(?: ca="[a-z01]{1,5}")?'
    r'(?: si="[0-9]{1,9}")?(?: ?/>|>[^<]*</f>)'
)
_PLAIN_NUMBER = r"-?[0-9]{1,32}(?:\.[0-9]{1,32})?(?:[eE][+-]?[0-9]{1,2})?"
_CELL = re.compile(
    r'<(?:c r="([A-Z]{1,3})([0-9]{1,7})"([^<>&/]*)(?:/>|>'
    rf"(?:(?:{_FORMULA})?<v>({_PLAIN_NUMBER})</v>"
    r'|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>'
    rf"|((?:{_FORMULA})?(?:<v>[^<]*</v>|<v ?/>)?))</c>)"
    r"|(.))",
    re.S,
)
_REST = re.compile(r"(?:<f[^>]*?(?:/>|>([^<]*)</f>))?(?:<v>([^<]*)</v>|(<v ?/>))?\Z")
_ROW = re.compile(r'[^<]*<row r="([1-9][0-9]{0,6})"([^<>&/]*)(/?)>')
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"<>&\t\n]*)"')
_OF_CELLS = frozenset({"s", "t", "cm", "vm", "ph"})
_OF_ROWS = frozenset(
    {"spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot"}
    | {"ph", "x14ac:dyDescent"}
)
_LEARNT = 100_000  # attribute texts remembered; honest sheets have as many as cell formats


class NotPlain(Exception):
    """This piece is for the strict lane."""


@dataclass
class Progress:
    """Where the reading of a sheet stands; both lanes carry it on."""

    row: int = 0  # number of the last row element
    cells: int = 0  # cell elements so far
    hidden_rows: int = 0


class PlainRows:
    """Reads pieces that hold whole rows of one sheet."""

    def __init__(self, types: CellTypes, limits: Limits) -> None:
        self._types, self._limits = types, limits
        self._numbers: dict[str, Callable[[str], str]] = {}
        self._simple_inlines: dict[str, Callable[[str], str]] = {}
        self._inlines: dict[str, Callable[[str], str]] = {}
        self._said: dict[str, tuple[str, str]] = {}
        self._hidden: dict[str, bool] = {}
        self._simple = False

    def read(self, piece: str, progress: Progress, *, prefixes: frozenset[str]) -> tuple[list[Row], Progress]:
        """The rows of a piece that hold anything, and where the reading then stands.

        Raises:
            NotPlain: the piece, or what it says, is for the strict lane.
        """
        self._simple = "&" not in piece and "_x" not in piece
        after = Progress(progress.row, progress.cells, progress.hidden_rows)
        rows: list[Row] = []
        try:
            for part in piece.split("</row>")[:-1]:
                self._read_row(part, after, prefixes, rows)
        except (NoSuchString, NoSuchFormat, TextTooLong) as error:
            raise NotPlain from error
        return rows, after

    def _read_row(self, part: str, after: Progress, prefixes: frozenset[str], rows: list[Row]) -> None:
        at, empty = 0, "/"
        while empty:
            match = _ROW.match(part, at)
            if match is None:
                raise NotPlain
            number, attributes, empty = match.groups()
            if int(number) <= after.row:
                raise NotPlain
            after.row = int(number)
            after.hidden_rows += self._is_hidden(attributes, prefixes)
            at = match.end()
        if found := _CELL.findall(part, at):
            after.cells += len(found)
            if cells := self._cells(number, found):
                rows.append([after.row, *cells])

    def _is_hidden(self, attributes: str, prefixes: frozenset[str]) -> bool:
        hidden = self._hidden.get(attributes)
        if hidden is None:
            said = _attributes(attributes, _OF_ROWS)
            if "x14ac:dyDescent" in said and "x14ac" not in prefixes:
                raise NotPlain
            if len(self._hidden) > _LEARNT:
                self._hidden.clear()
            hidden = self._hidden[attributes] = said.get("hidden") in {"1", "true"}
        return hidden

    def _cells(self, number: str, found: list[tuple[str, ...]]) -> list[str]:
        letters, numbers, attributes, values, texts, rests, others = zip(*found, strict=True)
        if any(others) or numbers.count(number) != len(numbers):
            raise NotPlain
        self._learn(attributes)
        typed, inlines = self._numbers, self._simple_inlines if self._simple else self._inlines
        if max(map(len, texts)) > self._limits.text_characters:
            raise NotPlain
        try:
            cells = [
                typed[said](value) if value else inlines[said](text) if text else ""
                for said, value, text in zip(attributes, values, texts, strict=True)
            ]
        except KeyError as error:
            raise NotPlain from error
        if any(rests):
            self._fill_rests(cells, attributes, rests)
        if letters != COLUMNS[: len(letters)]:
            cells = _placed(letters, cells)
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > self._limits.columns:
            raise NotPlain
        return cells

    def _fill_rests(self, cells: list[str], attributes: tuple[str, ...], rests: tuple[str, ...]) -> None:
        """The cells that are neither a plain number nor an inline text: formulas, their texts, errors, dates."""
        for at, rest in enumerate(rests):
            if rest:
                match = _REST.match(rest)
                if match is None:
                    raise NotPlain
                formula, value, no_value = match.groups()
                formula = formula or "" if rest.startswith("<f") else None
                value = "" if no_value else value
                said, style = self._said[attributes[at]]
                value, formula = value and dereferenced(value), formula and dereferenced(formula)
                cells[at] = self._types.cell(said, self._types.kind(style), value, formula, None)

    def _learn(self, attributes: tuple[str, ...]) -> None:
        for text in set(attributes).difference(self._said):
            said = _attributes(text, _OF_CELLS)
            if len(self._said) > _LEARNT:
                raise NotPlain
            kind, style = said.get("t", "n"), said.get("s", "0")
            if read := self._number_reader(kind, self._types.kind(style)):
                self._numbers[text] = read
            if kind == "inlineStr":
                self._simple_inlines[text] = "s".__add__
                self._inlines[text] = self._inline_text
            self._said[text] = kind, style

    def _inline_text(self, stored: str) -> str:
        if "&" in stored or "_x" in stored:
            return self._types.text(dereferenced(stored))
        return "s" + stored  # its length is known to be in bounds

    def _number_reader(self, said: str, kind: str) -> Callable[[str], str] | None:
        if said == "inlineStr":
            return None
        if said == "s":
            return self._types.strings.__getitem__
        if said == "n" and kind in (NUMBER, PERCENT, TIME):
            return kind.__add__
        if said == "n":
            return DatedCells(kind, date_1904=self._types.date_1904).__getitem__
        return lambda value: self._types.cell(said, kind, value, None, None)


def _attributes(text: str, allowed: frozenset[str]) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text)
    said = dict(found)
    written = "".join(f' {name}="{value}"' for name, value in found)
    if len(said) != len(found) or written != text.rstrip(" ") or not allowed.issuperset(said):
        raise NotPlain
    return said


def _placed(letters: tuple[str, ...], cells: list[str]) -> list[str]:
    """The cells of a row, each in its column, blanks between them."""
    try:
        columns = [NUMBERS[name] for name in letters]
    except KeyError as error:
        raise NotPlain from error
    if columns != sorted(set(columns)):
        raise NotPlain
    while cells and not cells[-1]:
        cells.pop()
    placed = [""] * (columns[len(cells) - 1] if cells else 0)
    for column, cell in zip(columns, cells, strict=False):
        placed[column - 1] = cell
    return placed
