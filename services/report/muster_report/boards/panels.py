"""A panel: a table of a report, the chart drawn from it, what its words mean, and where the whole workbook is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from markupsafe import Markup

from muster_report import addresses
from muster_report.blocks import Column, Row, Table, Value
from muster_report.boards.sources import Sources
from muster_report.figures import TOTAL, Number
from muster_shared.language import Language
from muster_shared.pages.charts import Bar, bars, columns

Shape = Literal["bars", "columns", "none"]
Made = Callable[[Sources, Language], Table | None]
_LARGE: Final = 100_000  # from here on a chart writes 1.25M; the table has every digit
_MOST_BARS: Final = 40  # more are no picture any more: the table stands alone


@dataclass(frozen=True, slots=True)
class Panel:
    """What a part of a page shows.

    ``unit`` is what the chart counts. ``table`` is the key of a table in the report's book, or makes one. ``series``
    are the columns that bars stand for, one group of bars for each row; with ``turned`` they are rows, and there is a
    group for each column. ``leads`` is the filter, or ``project``, that a row's key is the value of. ``shows`` are the
    table's columns, all where empty; ``terms`` the report's words whose meaning stands below. With ``needs`` it is
    shown only where that filter is set, ``most`` is how many rows it has at most. ``rule`` says how figures come about
    that no report defines.
    """

    key: str
    title: str
    unit: str
    report: str
    table: str | Made
    series: tuple[str, ...] = ()
    shape: Shape = "bars"
    turned: bool = False
    stacked: bool = False
    leads: str = ""
    shows: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    needs: str = ""
    most: int = 60
    per_cent: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as a page shows it; ``href`` is where it leads."""

    text: str
    is_figure: bool
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as a page shows it: texts and markup, no values any more."""

    key: str
    title: str
    chart: Markup
    headings: tuple[Cell, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    left_out: int
    meanings: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    workbook: str
    report: str
    bound: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Where figures come from, the reader's language, and the path of the page they stand on."""

    sources: Sources
    language: Language
    path: str


def shown(panel: Panel, reading: Reading, *, may_read: bool) -> Shown:
    """A panel with the figures of the facts that were asked for; ``may_read``: the reader may have its report."""
    sources, table = reading.sources, table_of(panel, reading.sources, reading.language)
    params = sources.params(panel.report)
    is_there = may_read and all(params.values())
    rules = sources.rules(panel.report, panel.table) if isinstance(panel.table, str) else []
    rules += [reading.language.say(panel.rule)] if panel.rule else []
    return Shown(
        key=panel.key,
        title=reading.language.say(panel.title),
        chart=_chart(panel, table, reading),
        headings=tuple(Cell(c.heading, _is_figure(c)) for c in table.columns) if table else (),
        rows=tuple(_rows(panel, table, reading)) if table else (),
        left_out=max(0, len(table.rows) - panel.most) if table else 0,
        meanings=tuple(sources.meanings(panel.report, panel.terms)),
        rules=tuple(rules),
        workbook=addresses.of_latest(panel.report, params) if is_there else "",
        report=addresses.of_report(panel.report, params) if is_there else "",
        bound=sources.is_bound(panel.report),
    )


def table_of(panel: Panel, sources: Sources, language: Language) -> Table | None:
    """The table of a panel, as its chart reads it; None where there is nothing to show."""
    made = sources.table(panel.report, panel.table) if isinstance(panel.table, str) else panel.table(sources, language)
    if made is None or not made.rows:
        return None
    made = _turned(made, panel.series) if panel.turned else made
    return _with_columns(made, panel.shows) if panel.shows else made


def _turned(table: Table, series: tuple[str, ...]) -> Table:
    """Rows as columns: the named rows, by each column of the table."""
    chosen = [row for row in table.rows if row.key in series]
    body = [(at, column) for at, column in enumerate(table.columns) if column.role != "label"]
    label = replace(table.columns[0], heading="")
    headings = tuple(Column(row.key, str(row.cells[0]), role="body") for row in chosen)
    rows = [
        Row(
            column.key, (column.heading, *(row.cells[at] for row in chosen)), "total" if column.key == TOTAL else "body"
        )
        for at, column in body
    ]
    return replace(table, columns=(label, *headings), rows=tuple(rows), parts=None)


def _with_columns(table: Table, names: tuple[str, ...]) -> Table:
    at = [at for at, column in enumerate(table.columns) if column.role == "label" or column.key in names]
    rows = tuple(replace(row, cells=tuple(row.cells[n] for n in at)) for row in table.rows)
    return replace(table, columns=tuple(table.columns[n] for n in at), rows=rows, parts=None)


def _chart(panel: Panel, table: Table | None, reading: Reading) -> Markup:
    if panel.shape == "none" or (table and len(table.rows) > _MOST_BARS):
        return Markup("")
    language, at = reading.language, _series(panel, table) if table else []
    names = tuple(table.columns[n].heading for n in at) if table else ()
    drawn = [
        Bar(str(row.cells[0]), tuple(_number(row.cells[n]) for n in at), _leads(panel, row, reading))
        for row in (table.rows if table else ())
        if row.role == "body"
    ]
    if reading.sources.asked.narrows and any(any(bar.known()) for bar in drawn):
        drawn = [bar for bar in drawn if any(bar.known())]
    title = language.say(panel.unit)
    draw = columns if panel.shape == "columns" else bars
    written = _percent(language) if panel.per_cent else _short(language)
    return draw(drawn, title=title, language=language, series=names, written=written, stacked=panel.stacked)


def _series(panel: Panel, table: Table) -> list[int]:
    """Where the columns of the chart stand in the table; the others of its columns are in the table alone."""
    return [n for key in panel.series for n, column in enumerate(table.columns) if column.key == key]


def _number(value: Value) -> Number | None:
    return value if isinstance(value, int | Decimal) else None


def _short(language: Language) -> Callable[[Number], str]:
    def written(value: Number) -> str:
        return language.number(value) if -_LARGE < value < _LARGE else language.short_number(value)

    return written


def _percent(language: Language) -> Callable[[Number], str]:
    return lambda value: language.percent(Decimal(value) / 100)


def _rows(panel: Panel, table: Table, reading: Reading) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Role and cells of each row; of a long table the first, and the total."""
    rows = [*table.rows[: panel.most]]
    if len(table.rows) > panel.most and table.rows[-1].role == "total":
        rows[-1] = table.rows[-1]
    for row in rows:
        values = zip(table.columns, row.cells, strict=True)
        cells = [Cell(_written(value, column, reading.language), _is_figure(column)) for column, value in values]
        yield row.role, (replace(cells[0], href=_leads(panel, row, reading)), *cells[1:])


def _is_figure(column: Column) -> bool:
    return column.format not in {"text", "code"}


def _written(value: Value, column: Column, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return language.short_day(value).replace(" ", "\N{NO-BREAK SPACE}")
    if isinstance(value, int | Decimal) and _is_figure(column):
        return language.number(value)
    return str(value)


def _leads(panel: Panel, row: Row, reading: Reading) -> str:
    """Where a row leads: to the same page for it alone, or to the project; nowhere from totals and what has no code."""
    asked = reading.sources.asked
    if not panel.leads or row.role not in {"body", "group"} or not row.key:
        return ""
    if panel.leads == "project":
        return f"/ingest/projects/{row.cells[0]}"
    if panel.leads == "office" and row.role == "group":
        return asked.address(reading.path, region=row.key.removeprefix("region "), office="")
    if dict(asked.given).get(panel.leads) == row.key:
        return ""
    return asked.address(reading.path, **{panel.leads: row.key})
