"""The page of a book stands alone, is light, and can be read by ear, by keyboard, on a phone and on paper."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]  # publishes no types

from muster_report.book import Book, Chart, Charts, Column, Row, Series, Sheet, Table, Value
from muster_report.renderers import html
from muster_report.renderers.anchors import cell_anchor, sheet_anchor
from report.rendered_books import REPORTS, finished, parsed


@cache
def page(key: int) -> bytes:
    return html.render(finished(*REPORTS[key]))


def tree(key: int) -> Any:
    return parsed(page(key))


both = pytest.mark.parametrize("key", [0, 1])


@both
def test_a_page_is_light_and_needs_no_script_and_no_other_host(key: int) -> None:
    assert len(page(key)) < 150_000
    assert page(key).startswith(b"<!doctype html>")
    assert not re.search(rb"<script|javascript:|\son\w+=|@import|url\(", page(key))
    linked = [*tree(key).xpath("//*/@href"), *tree(key).xpath("//*/@src")]
    assert {link[:1] for link in linked if link != "data:,"} == {"#"}


@both
def test_every_link_leads_to_an_anchor_and_every_anchor_is_there_once(key: int) -> None:
    ids = tree(key).xpath("//*/@id")
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in tree(key).xpath("//a/@href")} <= set(ids)
    assert not [anchor for anchor in ids if re.search(r"\s", anchor)]


@both
def test_headings_are_in_order_and_every_table_has_a_caption_and_headers_with_a_scope(key: int) -> None:
    assert [int(h.tag[1]) for h in tree(key).xpath("//h1|//h2|//h3")] == [1] + [2] * len(tree(key).xpath("//section"))
    for table in tree(key).iter("table"):
        assert table.find("caption").text
        assert {th.get("scope") for th in table.find("thead").iter("th")} == {"col"}
        assert all(row[0].get("scope") == "row" for row in table.find("tbody"))


@both
def test_one_can_skip_to_the_figures_and_scroll_every_table_by_keyboard(key: int) -> None:
    first = tree(key).find("body")[0]
    assert (first.get("class"), first.get("href")) == ("skip", "#figures")
    assert tree(key).xpath("//main/@id") == ["figures"]
    assert {(t.getparent().get("tabindex"), t.getparent().get("role")) for t in tree(key).iter("table")} == {
        ("0", "region")
    }


def test_each_figure_has_an_anchor_by_its_sheet_and_cell() -> None:
    assert tree(0).get_element_by_id("Overview!L15").text == "1,946,969,000"
    assert tree(0).get_element_by_id("East_and_Horn_of_Africa!C8").text == "750,000"


def test_anchors_of_different_sheets_differ() -> None:
    names = ["A B", "A_B", "A\tB", "A~20~B", "A'B", "A<B", "A\N{NO-BREAK SPACE}B"]
    anchors = [sheet_anchor(name) for name in names]
    assert len(set(anchors)) == len(names)
    assert not [anchor for anchor in anchors if re.search(r"[\s<>\"]", anchor)]
    assert cell_anchor("Overview", "D14") == "Overview!D14"


def test_a_long_list_is_folded_with_the_first_fold_open() -> None:
    folds = tree(1).xpath("//details")
    assert [fold.get("open") is not None for fold in folds] == [True, False, False, False]
    assert folds[0].find("summary").text.startswith("Rows 1 to 50 of 175: HAYAT to ")
    assert sum(len(fold.findall(".//tbody/tr")) for fold in folds) == 175


def bars(*values: Value, stacked: bool = False, unit: Any = "count") -> Any:
    table = Table("t", (Column("l", "Place", format="text", role="label"), Column("a", "A"), Column("b", "B")), tuple(
        Row(f"r{at}", (f"Place {at} <&>", value, value)) for at, value in enumerate(values)
    ))  # fmt: skip
    series = (Series("A", "rows", "a"), Series("B", "rows", "b"))[: 2 if stacked else 1]
    chart = Chart("c", "Bars", "What they show", "t", series, stacked=stacked, values=unit)
    content = html.render(Book("T", "", (Sheet("S", "S", "", (table, Charts((chart,)))),)))
    return etree.fromstring(re.search(rb"<svg[^>]*class=.bars.*?</svg>", content, re.S)[0])  # type: ignore[index]


def widths(picture: Any) -> list[Decimal]:
    return [Decimal(bar.get("width")) for bar in picture.iter("rect")]


def test_bars_are_as_long_as_their_figures_and_stand_behind_their_names() -> None:
    picture = bars(100, 50, None, 0)
    assert widths(picture) == [330, 165]
    assert [text.text for text in picture.iter("text")] == [
        "Place 0 <&>", "100", "Place 1 <&>", "50", "Place 2 <&>", None, "Place 3 <&>", "0",
    ]  # fmt: skip


def test_bars_below_zero_go_the_other_way_and_stacked_ones_follow_each_other() -> None:
    assert [bar.get("x") for bar in bars(10, -20).iter("rect")] == ["220.0", "0.0"]
    stack = bars(10, stacked=True)
    assert [(bar.get("x"), bar.get("width")) for bar in stack.iter("rect")] == [("0.0", "165.0"), ("165.0", "165.0")]


def test_a_hidden_count_has_its_sign_and_no_bar() -> None:
    picture = bars(10, "<5")
    assert widths(picture) == [330]
    assert [text.text for text in picture.iter("text")][-1] == "<5"


def test_a_chart_has_a_description_and_leads_to_its_table() -> None:
    figure = tree(0).xpath("//figure")[0]
    assert figure.xpath("./figcaption/strong/text()") == ["Funding required by region, USD million"]
    assert "the figures of the table's last row" in figure.xpath("string(./figcaption)")
    assert figure.xpath("./figcaption//a/@href") == ["#Overview!A6"]
    assert figure.find("svg").get("aria-hidden") == "true"


def test_text_of_a_record_cannot_become_part_of_the_page() -> None:
    column = Column("c", "<b>Heading", format="text")
    table = Table("t", (column,), (Row("r", ('</td><script>alert(1)</script>"',)),), caption="<i>")
    content = html.render(Book("<u>", "", (Sheet("S", "<s>", "", (table,)),), "<em>")).decode()
    assert not re.search(r"<(script|b|i|u|s|em)>", content)


@pytest.mark.parametrize(
    ("lang", "shown", "day"),
    [
        ("en", "1,234,567.13", "3 November 2016"),
        ("fr", "1\u202f234\u202f567,13", "3 novembre 2016"),
        ("es", "1.234.567,13", "3 de noviembre de 2016"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does_and_keep_what_is_not_shown(
    lang: str, shown: str, day: str
) -> None:
    table = Table("t", (Column("c", "C"),), (Row("r", (Decimal("1234567.125"),)), Row("s", (date(2016, 11, 3),))))
    read = parsed(html.render(Book("T", "", (Sheet("S", "S", "", (table,)),)), lang))
    assert (read.find(".//data").get("value"), read.find(".//data").text) == ("1234567.125", shown)
    assert (read.find(".//time").get("datetime"), read.find(".//time").text) == ("2016-11-03", day)
    assert read.get("lang") == lang
