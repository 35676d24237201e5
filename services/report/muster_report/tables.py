"""Tables that several reports are made of: matrices with totals, and lists of key figures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from muster_report.book import Column, Named, Number, Row, Table, Value
from muster_report.figures import TOTAL, Observation, Parts, parts_of_matrix, summed
from muster_report.words import ENGLISH, say

__all__ = ["TOTAL", "alphabetical", "explained_matrix", "in_order", "key_figures", "matrix", "number_or_text", "sum_or"]


def matrix(
    key: str,
    *,
    corner: str,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    cells: Mapping[tuple[str, str], Number],
    none: Value,
    label_width: int = 36,
    column_width: int = 14,
    caption: str = "",
    names: tuple[Named, ...] = (),
    lang: str = ENGLISH,
) -> Table:
    """Rows by columns (code to label) with a total row and column, which are called so in the language ``lang``.

    ``cells`` maps (row code, column code) to a figure; where there is none the cell is empty. ``none`` is what
    a total of no figures shows: 0 for counts, None (empty) for money.
    """
    total = say("tables.total", lang)
    return Table(
        key=key,
        columns=(
            Column("label", corner, label_width, "text", "label"),
            *(Column(code, label, column_width) for code, label in columns.items()),
            Column(TOTAL, total, max(column_width, 16), role="total"),
        ),
        rows=(
            *(_matrix_row(code, label, [(code, c) for c in columns], cells, none) for code, label in rows.items()),
            _total_row(total, rows, columns, cells, none),
        ),
        caption=caption,
        names=names,
    )


def explained_matrix(
    key: str,
    observations: Sequence[Observation],
    *,
    corner: str,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    none: Value,
    label_width: int = 36,
    column_width: int = 14,
    caption: str = "",
    names: tuple[Named, ...] = (),
    lang: str = ENGLISH,
) -> Table:
    """A matrix of what was observed, each figure of which knows its parts; see ``matrix``.

    Raises:
        ValueError: an observation belongs to no row or column, so that it would be missing in the totals.
    """
    cells = summed(observations)
    for row, column in cells:
        if row not in rows or column not in columns:
            raise ValueError(f"{key} has no cell for row '{row}' and column '{column}'")
    made = matrix(
        key,
        corner=corner,
        rows=rows,
        columns=columns,
        cells=cells,
        none=none,
        label_width=label_width,
        column_width=column_width,
        caption=caption,
        names=names,
        lang=lang,
    )
    return replace(made, parts=parts_of_matrix(observations))


def key_figures(
    key: str,
    figures: Iterable[tuple[str, str, Value]],
    *,
    caption: str,
    heading: str,
    total: tuple[str, str, Value] | None = None,
    named: bool = True,
    parts: Parts | None = None,
) -> Table:
    """A short list of (key, what it is, figure); ``heading`` stands over the figures.

    Where ``named``, the keys are names by which formulas reach the figures: letters, digits and underscores.
    """
    rows = [Row(name, (label, figure)) for name, label, figure in figures]
    if total:
        rows.append(Row(total[0], total[1:], "total"))
    return Table(
        key=key,
        columns=(Column("label", caption, 36, "text", "label"), Column("figure", heading, 16)),
        rows=tuple(rows),
        names=tuple(Named(row.key, row.key, "figure") for row in rows if named),
        parts=parts,
    )


def sum_or(figures: Iterable[Number | None], none: Value) -> Value:
    """The sum of the figures that are there, or ``none`` where there is not one."""
    present = [figure for figure in figures if figure is not None]
    return sum(present) if present else none


def in_order(codes: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Code to name: first the codes of the list in its order, then others by name, spelt out from their code."""
    used = set(codes)
    others = sorted(used - names.keys())
    return {code: name for code, name in names.items() if code in used} | {code: spelt_out(code) for code in others}


def spelt_out(code: str) -> str:
    """A code as words: ``service_provider`` is "Service provider"."""
    words = code.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number_or_text(text: str | None) -> Value:
    """A text of digits as the number it is, so that it sorts as one; any other text (and "007") as it is."""
    plain = text is not None and text.isascii() and text.isdecimal() and str(int(text)) == text
    return int(text) if plain and text else text


def alphabetical(text: str) -> tuple[str, str]:
    """Sort key under which accents and capitals do not matter, unless nothing else differs."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.casefold(), text


def _matrix_row(
    code: str, label: str, places: list[tuple[str, str]], cells: Mapping[tuple[str, str], Number], none: Value
) -> Row:
    figures = [cells.get(place) for place in places]
    return Row(code, (label, *figures, sum_or(figures, none)))


def _total_row(
    label: str,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    cells: Mapping[tuple[str, str], Number],
    none: Value,
) -> Row:
    by_column = [sum_or([cells.get((row, column)) for row in rows], none) for column in columns]
    everything = [cells.get((row, column)) for row in rows for column in columns]
    return Row(TOTAL, (label, *by_column, sum_or(everything, none)), "total")
