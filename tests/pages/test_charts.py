"""Charts of pages: what they draw is what they were given, and nothing in them that a strict page forbids."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from muster_shared.language import language_of
from muster_shared.pages.charts import Bar, bars, columns, lines

ENGLISH, FRENCH = (language_of(code, "muster_shared") for code in ("en", "fr"))
MAKERS = (bars, columns, lines)
SVG = "{*}"


def drawn(markup: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup))  # noqa: S314 - what the tested code made


def texts(markup: Markup) -> list[str]:
    return [found.text or "" for found in drawn(markup).iter("text")]


def shares(markup: Markup) -> list[Decimal]:
    """Widths of the bars in percents, swatches of the legend left out."""
    widths = [rect.get("width", "") for rect in drawn(markup).iter("rect") if rect.find("title") is not None]
    return [Decimal(width.rstrip("%")) for width in widths]


@pytest.mark.parametrize("make", MAKERS)
def test_a_chart_holds_no_style_and_no_script_and_escapes_every_text(make: object) -> None:
    rows = [Bar("<b>Asia</b>", (1, 2), '/x?a="1"&b=2'), Bar("Europe & more", (None, 3))]
    found = str(make(rows, title="<i>Title</i>", language=ENGLISH, series=("<u>", "b")))  # type: ignore[operator]
    drawn(Markup(found))  # noqa: S704 - it is parsed, not shown
    assert not re.search(r"style|script|<b>|<i>|<u>|\son\w+=", found)
    assert "&lt;b&gt;Asia" in found
    assert "&lt;i&gt;Title" in found
    assert 'href="/x?a=&#34;1&#34;&amp;b=2"' in found


@pytest.mark.parametrize("make", MAKERS)
def test_without_rows_a_sentence_says_so_in_the_readers_language(make: object) -> None:
    found = make([], title="Projets", language=FRENCH)  # type: ignore[operator]
    assert "a rien à montrer." in found
    assert "<svg" not in found


def test_bars_are_as_long_as_their_values_and_the_longest_leaves_room_for_its_figure() -> None:
    found = shares(bars([("Asia", 100), ("Europe", 25), ("Africa", Decimal("12.5"))], title="T", language=ENGLISH))
    assert found == [68, 17, Decimal("8.5")]


def test_figures_are_written_as_the_language_writes_them() -> None:
    rows = [("Asie", 1_946_969_000)]
    assert texts(bars(rows, title="T", language=FRENCH)) == ["Asie", FRENCH.number(1_946_969_000)]
    assert texts(bars(rows, title="T", language=ENGLISH, written=ENGLISH.short_number)) == ["Asie", "1.95B"]


def test_what_is_not_known_has_no_bar_and_is_told_from_nothing() -> None:
    found = bars([("Asia", None), ("Europe", 0), ("Africa", 4)], title="T", language=ENGLISH)
    assert texts(found) == ["Asia", "\N{EN DASH}", "Europe", "0", "Africa", "4"]
    assert len(shares(found)) == 1


def test_stacked_bars_stand_on_each_other_and_tell_their_sum() -> None:
    found = bars([Bar("Asia", (30, 10)), Bar("Europe", (20, None))], title="T", language=ENGLISH, series=("a", "b"))
    assert shares(found) == [51, 17, 34]
    assert texts(found) == ["Asia", "40", "Europe", "20"]
    first, second, _ = (rect for rect in drawn(found).iter("rect") if rect.find("title") is not None)
    assert (first.get("x"), second.get("x")) == ("0%", "51%")
    assert (first.get("class"), second.get("class")) == ("s0", "s1")
    assert [title.text for title in first] == ["Asia, a: 30"]


def test_bars_below_zero_begin_at_the_same_line_as_those_above() -> None:
    found = bars([Bar("Asia", (30,)), Bar("Europe", (-10,))], title="T", language=ENGLISH, stacked=False)
    assert shares(found) == [51, 17]
    above, below = drawn(found).iter("rect")
    assert (above.get("x"), below.get("x")) == ("17%", "0%")


def test_columns_are_as_high_as_their_values() -> None:
    found = columns([Bar("2015", (90, 45)), Bar("2016", (180, None))], title="T", language=ENGLISH, series=("a", "b"))
    heights = [rect.get("height") for rect in drawn(found).iter("rect") if rect.find("title") is not None]
    assert heights == ["90", "45", "180"]
    assert texts(found) == ["90", "45", "180", "\N{EN DASH}", "2015", "2016"]


def test_names_below_columns_do_not_run_into_each_other_and_the_last_one_stays() -> None:
    found = texts(columns([(str(year), None) for year in range(2000, 2017)], title="T", language=ENGLISH))
    names = [text for text in found if text.isdigit()]
    assert names[-1] == "2016"
    assert len(names) * 4 * 7 < 320


def test_a_line_joins_only_neighbours_that_are_known() -> None:
    rows = [(str(year), value) for year, value in zip(range(2012, 2017), (1, 2, None, 4, 5), strict=True)]
    found = lines(rows, title="T", language=ENGLISH)
    assert str(found).count('class="line l0"') == 2
    assert str(found).count("<circle") == 4
    assert texts(found)[-1] == "5"


def test_a_chart_with_links_is_a_group_and_one_without_is_one_image_with_its_names() -> None:
    plain, linked = (drawn(bars([Bar("Asia", (1,), href)], title="T", language=ENGLISH)) for href in ("", "/x"))
    assert [(svg.get("role"), svg.get("aria-label")) for svg in plain.iter("svg")] == [("img", "T: Asia")]
    assert [svg.get("role") for svg in linked.iter("svg")] == ["group"]
    assert [link.get("href") for link in linked.iter("a")] == ["/x"]


def test_a_legend_names_the_series_where_there_is_more_than_one() -> None:
    rows = [Bar("Asia", (1, 2))]
    assert "legend" not in bars(rows, title="T", language=ENGLISH, series=("a",))
    assert [
        item.tail for item in drawn(bars(rows, title="T", language=ENGLISH, series=("a", "b"))).iterfind(".//li/svg")
    ] == [" a", " b"]


def test_a_long_chart_is_several_pictures_on_one_scale_that_a_printer_can_part() -> None:
    rows = [(f"Office {number}", 100 if number == 30 else 50) for number in range(31)]
    chart = bars(rows, title="Offices", language=ENGLISH)
    assert str(chart).count("<svg ") == 3
    assert len(shares(chart)) == 31
    assert shares(chart)[0] * 2 == shares(chart)[30]
