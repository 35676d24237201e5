"""Texts of a chart that the workbook's format forbids do not stop the workbook."""

from __future__ import annotations

import io
import zipfile

from muster_report.book import Book, Chart, Charts, Column, Row, Series, Sheet, Table
from muster_report.xlsx import render


def drawn(name: str) -> str:
    """The chart of a workbook with one series of this name."""
    columns = (Column("label", "Label", role="label"), Column("count", "Count"))
    table = Table("table", columns, (Row("row", ("One", 1)),))
    chart = Chart("chart", "Title", "Bars", "table", (Series(name, "rows", "count"),))
    book = Book("A title", "", (Sheet("Figures", "Title", blocks=(table, Charts((chart,)))),))
    with zipfile.ZipFile(io.BytesIO(render(book))) as archive:
        return archive.read("xl/charts/chart1.xml").decode()


def test_a_control_character_in_the_name_of_a_series_is_replaced() -> None:
    assert "<v>bell\ufffd and null\ufffd</v>" in drawn("bell\x07 and null\x00")


def test_any_other_name_of_a_series_is_kept() -> None:
    assert "<v>Coûts &lt;&amp;&gt; 日本</v>" in drawn("Coûts <&> 日本")
