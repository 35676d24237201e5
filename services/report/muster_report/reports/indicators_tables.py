"""The tables and charts of an indicators workbook: values, and changes from period to period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from muster_report.book import Chart, Charts, Column, Format, Number, Row, Series, Table, Value
from muster_report.figures import Part, Parts
from muster_report.reports.indicators_periods import FINANCIAL, OPEN
from muster_report.reports.indicators_read import Change, Indicators, Stated, is_year
from muster_report.small_cells import HIDDEN, leaves_the_house
from muster_report.tables import key_figures, spelt_out
from muster_report.words import say

MOST_CHARTS: Final = 3  # side by side, they are no longer legible beyond that
_Explained = Mapping[tuple[str, str], list[Part]]


def headline(indicators: Indicators) -> Table:
    """Key figures: how many indicators and values there are, and what is not certain of the year."""
    values, lang = indicators.values, indicators.lang
    names = {stated.fields["indicator"]: stated for stated in reversed(values)}
    counts = {
        "Indicators": list(names.values()),
        "Indicator_Values": list(values),
        "Running_On": [stated for stated in values if stated.period.length == OPEN],
        "Without_Year": list(indicators.unnamed),
    }
    shown = {name: of for name, of in counts.items() if of or name in {"Indicators", "Indicator_Values"}}
    table = key_figures(
        "headline",
        [(name, say(f"indicators.figure.{name}", lang), len(of)) for name, of in shown.items()],
        caption=say("indicators.at_a_glance", lang),
        heading=say("indicators.number", lang),
    )
    return replace(
        table, parts=_parts({(name, "figure"): [Part(s.fact, "", 1) for s in of] for name, of in shown.items()})
    )


def values_table(key: str, values: Sequence[Stated], indicators: Indicators, copy: str, caption: str) -> Table:
    """The filterable list of values; notes are left out of copies that leave the house."""
    columns = _columns(("indicator", "value", "unit", "period", "note", "source", "code"), indicators, copy)
    explained = {(s.fact.key, "value"): _whole(s) for s in values if not s.is_hidden(copy)}
    rows = tuple(_row(stated, columns, copy) for stated in values)
    return Table(key, columns, rows, caption=caption, filtered=True, parts=_parts(explained))


def series_table(series: Sequence[Change], indicators: Indicators, copy: str) -> Table:
    """The values of one indicator, in one unit and for periods of one length, each with what changed."""
    columns = _columns(("period", "value", "unit", "change", "percent", "before", "note"), indicators, copy)
    rows = tuple(_row(change.stated, columns, copy, _changed(change, copy)) for change in series)
    return Table(
        _key(series),
        columns,
        rows,
        caption=_caption(series[0].stated, indicators),
        parts=_parts(dict(_explained(series, copy))),
    )


def lone_table(values: Sequence[Stated], indicators: Indicators, copy: str) -> Table:
    """Values that nothing can be compared with."""
    columns = _columns(("indicator", "value", "unit", "period"), indicators, copy)
    explained = {(s.fact.key, "value"): _whole(s) for s in values if not s.is_hidden(copy)}
    rows = tuple(_row(stated, columns, copy) for stated in values)
    return Table("alone", columns, rows, caption=say("indicators.alone", indicators.lang), parts=_parts(explained))


def charts(compared: Sequence[Sequence[Change]], indicators: Indicators, copy: str) -> tuple[Charts, ...]:
    """A chart for each of the longest series; none of a series in which a value is hidden."""
    drawable = [series for series in compared if not any(change.stated.is_hidden(copy) for change in series)]
    longest = sorted(drawable, key=lambda series: -len(series))[:MOST_CHARTS]
    drawn = tuple(_chart(series, indicators) for series in longest)
    return (Charts(drawn),) if drawn else ()


def _chart(series: Sequence[Change], indicators: Indicators) -> Chart:
    title = _caption(series[0].stated, indicators)
    described = say("indicators.chart_description", indicators.lang, title=title)
    return Chart(_key(series), title, described, _key(series), (Series(title, "rows", "value"),))


def _key(series: Sequence[Change]) -> str:
    return "/".join(("series", *series[0].stated.series))


def _caption(stated: Stated, indicators: Indicators) -> str:
    name, unit = spelt_out(stated.fields["indicator"]), stated.fields["unit"]
    lengths = {"1 months": "months", "3 months": "quarters", "6 months": "halves", "12 months": "years"}
    lengths |= {FINANCIAL: "financial_years", OPEN: "open"}
    form = lengths.get(stated.period.length, "other")
    return say(f"indicators.series.{form}", indicators.lang, indicator=name, unit=unit)


def _columns(names: Sequence[str], indicators: Indicators, copy: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            name,
            say(f"indicators.column.{name}", indicators.lang),
            LABEL_WIDTH if at == 0 else _WIDTHS[name],
            _format(name),
            "label" if at == 0 else "body",
            _TAGS.get(name, ""),
        )
        for at, name in enumerate(names)
        if not (name == "note" and leaves_the_house(copy))
    )


def _format(name: str) -> Format:
    return "number" if name in {"value", "change", "percent"} else "text"


def _row(stated: Stated, columns: Sequence[Column], copy: str, changed: dict[str, Value] | None = None) -> Row:
    fields, name = stated.fields, spelt_out(stated.fields["indicator"])
    written: dict[str, Value] = {
        "indicator": name,
        "code": fields["indicator"],
        "value": HIDDEN if stated.is_hidden(copy) else _value(stated),
        **(changed or {}),
    }
    cells = tuple(written[c.key] if c.key in written else fields.get(c.key) or None for c in columns)
    return Row(stated.fact.key, cells, label=f"{name}, {fields['period']}")


def _value(stated: Stated) -> Value:
    """The value as it is; a year is a name and not a number to be given separators."""
    return f"{stated.value:f}" if is_year(stated.fields["unit"]) else stated.value


def _changed(change: Change, copy: str) -> dict[str, Value]:
    hidden = change.before is not None and (change.stated.is_hidden(copy) or change.before.is_hidden(copy))
    return {
        "change": None if hidden else change.absolute,
        "percent": None if hidden else change.percent,
        "before": change.before.period.text if change.before else None,
    }


def _explained(series: Sequence[Change], copy: str) -> Iterator[tuple[tuple[str, str], list[Part]]]:
    for change in series:
        key, before = change.stated.fact.key, change.before
        if not change.stated.is_hidden(copy):
            yield (key, "value"), _whole(change.stated)
            if before and not before.is_hidden(copy):
                yield (key, "change"), [*_whole(change.stated), _part(before, -before.value, before.period.text)]
                if change.percent is not None:
                    yield (key, "percent"), _of_percent(change, before, change.percent)


def _of_percent(change: Change, before: Stated, percent: Decimal) -> list[Part]:
    note = f"100 * ({change.stated.value:f} - {before.value:f}) / {abs(before.value):f}"
    return [_part(change.stated, percent, note), _part(before, 0, note)]


def _whole(stated: Stated) -> list[Part]:
    return [_part(stated, stated.value)]


def _part(stated: Stated, value: Number, note: str = "") -> Part:
    return Part(stated.fact, "value", value, note)


def _parts(explained: _Explained) -> Parts:
    def parts(row: str, column: str) -> Sequence[Part]:
        return explained.get((row, column), ())

    return parts


LABEL_WIDTH: Final = 46
_WIDTHS: Final = {
    "period": 22,
    "value": 16,
    "unit": 22,
    "change": 16,
    "percent": 16,
    "before": 22,
    "note": 40,
    "source": 18,
    "code": 40,
}
_TAGS: Final = {
    "indicator": "#indicator+name",
    "code": "#indicator+code",
    "period": "#meta+period",
    "value": "#indicator+num",
    "unit": "#indicator+unit",
    "change": "#indicator+num+change",
    "percent": "#indicator+num+percent",
    "before": "#meta+period+before",
    "note": "#description+note",
    "source": "#meta+source",
}
