"""What became of files, as tables that fit a terminal; nothing in a user's values can colour or move anything."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from muster_cli.submission_sender import Outcome

MOST_ROWS: Final = 50
_LONGEST_VALUE: Final = 120  # characters
_LONGEST_MESSAGE: Final = 600
# These reorder the line they stand in: a value could be shown as another one.
_REORDERING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSHOWN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NOTHING: Final = "(empty)"


def console(*, stderr: bool = False) -> Console:
    """A console that leaves text as it is, and has colours in a terminal only, whatever the environment says."""
    stream = sys.stderr if stderr else sys.stdout
    in_terminal = None if stream.isatty() else False
    return Console(file=stream, force_terminal=in_terminal, markup=False, emoji=False, highlight=False)


def harmless(value: object, *, longest: int = _LONGEST_MESSAGE) -> str:
    """A value as text in which every control character is spelled out, cut after ``longest`` characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = "".join(_spelled(character) for character in text[: longest + 1])
    return shown if len(text) <= longest else f"{shown[:longest]}…"


def _spelled(character: str) -> str:
    if character in _REORDERING or unicodedata.category(character) in _UNSHOWN:
        return character.encode("unicode_escape").decode()
    return character


def print_errors(outcome: Outcome) -> None:
    """The errors of a rejected workbook on standard error: sheet, cell, value, what is wrong."""
    out = console(stderr=True)
    out.print(Text(heading(outcome)))
    if any(error.get("message") != outcome.detail for error in outcome.errors):  # else the heading said it all
        out.print(_error_table(outcome.errors[:MOST_ROWS], out.width))
    more = max(outcome.errors_found, len(outcome.errors)) - MOST_ROWS
    if more > 0:
        out.print(f"and {more} more, see --json or --annotated")


def heading(outcome: Outcome) -> str:
    """Which file and office, under which receipt, was not taken, and why."""
    receipt = f" ({outcome.receipt})" if outcome.receipt else ""
    office = harmless(outcome.office) if outcome.office else "no office"
    return f"{harmless(outcome.file.name)}, {office}{receipt}: {outcome.status}: {harmless(outcome.detail)}"


def _error_table(errors: Sequence[Mapping[str, Any]], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("sheet", max_width=20, overflow="fold")
    table.add_column("cell", no_wrap=True)
    table.add_column("value", max_width=width // 5, overflow="fold")
    table.add_column("what is wrong", ratio=1, overflow="fold")
    for error in errors:
        value = harmless(error["value"], longest=_LONGEST_VALUE) if error.get("value") is not None else ""
        cells = (*_place(error), value, harmless(error.get("message") or error.get("code") or ""))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _place(error: Mapping[str, Any]) -> tuple[str, str]:
    sheet = harmless(error.get("sheet") or "", longest=31)  # the longest name of a sheet
    return sheet, harmless(error.get("cell") or "", longest=10)


def print_changes(outcome: Outcome, *, every: bool) -> None:
    """What changed, or would change, on standard output: kind, key, what, and each field as old -> new."""
    shown = outcome.changes if every else outcome.changes[:MOST_ROWS]
    out = console()
    if shown:
        out.print(_change_table(shown))
    more = sum(outcome.counts.get(name, 0) for name in ("new", "changed", "withdrawn")) - len(shown)
    if more > 0:
        out.print(f"and {more} more" if every else f"and {more} more, see --verbose or --json")


def _change_table(changes: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("kind", max_width=20, overflow="fold")
    table.add_column("key", max_width=28, overflow="fold")
    table.add_column("what", no_wrap=True)
    table.add_column("field: old -> new", ratio=1, overflow="fold")
    for change in changes:
        action = harmless(change.get("action") or "", longest=12)
        fields = "\n".join(_difference(name, pair, action) for name, pair in (change.get("fields") or {}).items())
        cells = (harmless(change.get("kind") or ""), harmless(change.get("key") or ""), action, fields)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _difference(name: str, pair: Sequence[Any], action: str) -> str:
    old, new = (_NOTHING if value is None else harmless(value, longest=_LONGEST_VALUE) for value in pair)
    return f"{harmless(name)}: {new}" if action == "new" else f"{harmless(name)}: {old} -> {new}"
