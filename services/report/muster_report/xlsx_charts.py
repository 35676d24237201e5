"""Charts of a book as native charts of a workbook, drawn from the cells they stand below."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from openpyxl.chart import BarChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.series import Series as DrawnSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from muster_report.book import Chart, Charts, Number, Placed, Series, Sheet, Span, Value, chart_spans, column_letters
from muster_report.xlsx_cells import ACCENT, FACE, GREY, LINE, plain_text

ROWS = 22  # height of a chart in rows of the default height
_GAP = 2.0  # between two charts, in characters
_EMU_PER_CHARACTER = 7 * 9525
SHADES = (ACCENT, "5E8FC0", "C7792B", "3E8E7E", "8A8F98")  # each at least 3:1 against white
_NUMBER_FORMATS = {"millions": "#,##0,,", "count": "#,##0"}


def add_charts(worksheet: Worksheet, sheet: Sheet, placed: Placed, charts: Charts) -> None:
    """Draw the charts side by side over the width of the sheet (or the width they ask for)."""
    widths = sheet.widths()
    room = charts.width or sum(widths)
    each = (room - _GAP * (len(charts.charts) - 1)) / len(charts.charts)
    for at, chart in enumerate(charts.charts):
        left = at * (each + _GAP)
        drawn = _drawn(sheet, chart)
        drawn.anchor = _anchor(widths, left, left + each, placed.row)  # type: ignore[assignment]  # stub: text only
        worksheet.add_chart(drawn)


def descriptions(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """(title, description) of each chart of a sheet, in the order they are drawn."""
    for block in sheet.blocks:
        if isinstance(block, Charts):
            yield from ((chart.title, chart.description) for chart in block.charts)


def _anchor(widths: tuple[int, ...], left: float, right: float, row: int) -> TwoCellAnchor:
    """Tied to cells at both ends, so that it keeps its place whatever width a program gives to a character."""
    start, end = _marker(widths, left, row), _marker(widths, right, row + ROWS)
    return TwoCellAnchor(editAs="oneCell", _from=start, to=end)


def _marker(widths: tuple[int, ...], characters: float, row: int) -> AnchorMarker:
    for at, width in enumerate(widths):
        if characters <= width:
            return AnchorMarker(col=at, colOff=int(characters * _EMU_PER_CHARACTER), row=row - 1, rowOff=0)
        characters -= width
    return AnchorMarker(col=len(widths), colOff=int(characters * _EMU_PER_CHARACTER), row=row - 1, rowOff=0)


def _drawn(sheet: Sheet, chart: Chart) -> BarChart:
    drawn = BarChart()
    drawn.type = "bar" if chart.direction == "bar" else "col"
    drawn.grouping = "stacked" if chart.stacked else "clustered"
    drawn.overlap = 100 if chart.stacked else 0
    drawn.gapWidth = 45
    drawn.title = _lettered(chart.title, 12, ACCENT, bold=True)
    if len(chart.series) == 1:
        drawn.legend = None
    else:
        drawn.legend = Legend(legendPos="b", txPr=_letters(9, GREY))  # beside the bars it would take their room
    for at, series in enumerate(chart.series):
        drawn.series.append(_drawn_series(sheet, chart, series, at))
    _draw_axes(drawn, chart)
    if all(value >= 0 for series in chart.series for value in _figures(sheet, chart_spans(sheet, chart, series)[1])):
        drawn.y_axis.scaling.min = 0  # programs begin where they like otherwise, and bars lie
    drawn.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=LINE))
    return drawn


def _drawn_series(sheet: Sheet, chart: Chart, series: Series, at: int) -> DrawnSeries:
    labels, values = chart_spans(sheet, chart, series)
    colour = SHADES[at % len(SHADES)]
    drawn = DrawnSeries(idx=at, order=at, tx=SeriesLabel(v=plain_text(series.name)), invertIfNegative=False)
    drawn.cat = AxDataSource(strRef=StrRef(f=_address(sheet, labels), strCache=_texts(sheet, labels)))
    drawn.val = NumDataSource(numRef=NumRef(f=_address(sheet, values), numCache=_numbers(sheet, values)))
    drawn.spPr = GraphicalProperties(solidFill=colour)
    if len(chart.series) == 1:
        drawn.dLbls = _value_labels(chart)
    return drawn


def _value_labels(chart: Chart) -> DataLabelList:
    labels = DataLabelList(numFmt=_NUMBER_FORMATS[chart.values], showVal=True)
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = False
    labels.txPr = _letters(8, GREY)
    return labels


def _draw_axes(drawn: BarChart, chart: Chart) -> None:
    drawn.x_axis.tickLblSkip = 1  # a label for every bar
    drawn.x_axis.delete = drawn.y_axis.delete = False  # openpyxl's default hides the axes
    drawn.x_axis.txPr = drawn.y_axis.txPr = _letters(8, GREY)
    drawn.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=LINE))
    drawn.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=LINE)))
    drawn.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    drawn.y_axis.number_format = _NUMBER_FORMATS[chart.values]
    if chart.direction == "bar":
        drawn.x_axis.scaling.orientation = "maxMin"  # the first label on top, as in the table
        drawn.y_axis.crosses = "max"


def _lettered(text: str, points: int, colour: str, *, bold: bool = False) -> Title:
    look = _characters(points, colour, bold=bold)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=look, t=plain_text(text))])
    return Title(tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph])), overlay=False)


def _letters(points: int, colour: str) -> RichText:
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_characters(points, colour)), endParaRPr=None)
    return RichText(bodyPr=RichTextProperties(rot=0), p=[paragraph])


def _characters(points: int, colour: str, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=points * 100, b=bold, solidFill=colour, latin=Font(typeface=FACE))


def _address(sheet: Sheet, span: Span) -> str:
    first = f"${column_letters(span.first_column)}${span.first_row}"
    last = f"${column_letters(span.last_column)}${span.last_row}"
    return f"{quote_sheetname(sheet.name)}!{first}:{last}"


def _texts(sheet: Sheet, span: Span) -> StrData:
    points = [StrVal(idx=at, v=plain_text(str(v or ""))) for at, v in enumerate(_standing(sheet, span))]
    return StrData(ptCount=len(points), pt=points)


def _numbers(sheet: Sheet, span: Span) -> NumData:
    values = _standing(sheet, span)
    points = [NumVal(idx=at, v=f"{Decimal(v):f}") for at, v in enumerate(values) if isinstance(v, int | Decimal)]
    return NumData(formatCode="General", ptCount=len(values), pt=points)


def _figures(sheet: Sheet, span: Span) -> Iterator[Number]:
    yield from (value for value in _standing(sheet, span) if isinstance(value, int | Decimal))


def _standing(sheet: Sheet, span: Span) -> list[Value]:
    standing = sheet.values()
    rows = range(span.first_row, span.last_row + 1)
    columns = range(span.first_column, span.last_column + 1)
    return [standing.get(f"{column_letters(column)}{row}") for row in rows for column in columns]
