"""Values of indicators stand in the order of their periods, compared only with what is like them, none left out."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from muster_report import xlsx
from muster_report.about import complete
from muster_report.book import Book, Charts, Note, Table, Value
from muster_report.facts import Fact, Facts
from muster_report.reports import field_activities
from muster_report.reports.indicators import REPORT
from muster_report.reports.indicators_periods import period_of
from report.published_facts import BEGIN, rows, submission

SOFFICE = shutil.which("soffice")


def stated(period: str, value: str, *, unit: str = "people", indicator: str = "returns", place: str = "Kenya") -> Fact:
    fields = {"indicator": indicator, "place": place, "period": period, "value": value, "unit": unit, "source": "test"}
    key = f"{indicator}/{place}/{period}"
    return Fact("indicator_value", key, 1, "HQ", 1, BEGIN, {**fields, "note": None}, submission("HQ", 1, BEGIN))


SMALL = [
    stated("2014", "900"),
    stated("2015", "1200"),
    stated("2016", "1000"),
    stated("Q2 2016", "260"),
    stated("Q1 2016", "250"),
    stated("since 2010", "5000"),
    stated("not stated", "70"),
    stated("2017", "1"),
    stated("2015", "40.5", indicator="women", unit="percent"),
    stated("2016", "42", indicator="women", unit="percent", place=" kenya "),
    stated("2016", "3", indicator="visits"),
    stated("2016", "7", place="Uganda"),
]


def published() -> list[Fact]:
    return [replace(stated(row["period"], row["value"], place=row["place"], indicator=row["indicator"]),
                    fields={name: text or None for name, text in row.items()})
            for row in rows("indicator_values")]  # fmt: skip


def built(facts: Iterable[Fact], year: str = "2016", place: str = "kenya", copy: str = "internal", **more: str) -> Book:
    return REPORT.build(Facts.of(facts), {"place": place, "year": year, "copy": copy, **more})


def tables(book: Book) -> dict[str, Table]:
    return {block.key: block for sheet in book.sheets for block in sheet.blocks if isinstance(block, Table)}


def figures(book: Book, table: str, column: str) -> dict[str, Value]:
    of = tables(book)[table]
    at = [c.key for c in of.columns].index(column)
    return {row.key: row.cells[at] for row in of.rows}


def by_period(book: Book, table: str, column: str) -> dict[str, Value]:
    return {key.rpartition("/")[2]: value for key, value in figures(book, table, column).items()}


def alerts(book: Book) -> str:
    notes = [block for sheet in book.sheets for block in sheet.blocks if isinstance(block, Note)]
    return " ".join(note.text for note in notes if note.tone == "alert")


def explained(book: Book) -> int:
    """Holds every number of every table against the sum of its parts; returns how many there were."""
    count = 0
    for table in tables(book).values():
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if isinstance(value, int | Decimal):
                    parts = table.parts(row.key, column.key) if table.parts else ()
                    assert parts, (table.key, row.key, column.key)
                    assert sum(part.value for part in parts) == value, (table.key, row.key, column.key)
                    assert {part.fact.key for part in parts} <= {used.key for used in book.used}
                    count += 1
    return count


@pytest.mark.parametrize(
    ("text", "first", "last", "length"),
    [
        ("2014", "2014-01-01", "2014-12-31", "12 months"),
        ("février 2016", "2016-02-01", "2016-02-29", "1 months"),
        ("5 de marzo de 2016", "2016-03-05", "2016-03-05", "day"),
        ("2009-10", "2009-10-01", "2009-10-31", "1 months"),
        ("2009/10", "2009-01-01", "2010-12-31", "financial year"),
        ("Q1 2016", "2016-01-01", "2016-03-31", "3 months"),
        ("3e trimestre 2015", "2015-07-01", "2015-09-30", "3 months"),
        ("H2 2015", "2015-07-01", "2015-12-31", "6 months"),
        ("Jan-Mar 2016", "2016-01-01", "2016-03-31", "3 months"),
        ("Dec 2015 to Feb 2016", "2015-12-01", "2016-02-29", "3 months"),
        ("before April 2010", "2010-04-01", "2010-04-30", "until"),
        ("2016-02-31", "2016-01-01", "2016-12-31", "12 months"),
    ],
)
def test_the_words_of_a_period_say_when_it_is(text: str, first: str, last: str, length: str) -> None:
    period = period_of(text)
    assert (str(period.first), str(period.last), period.length) == (first, last, length)


@pytest.mark.parametrize("text", ["since 1999", "from December 1999", "depuis août 1999", "desde 1999-05"])
def test_a_period_without_an_end_runs_on(text: str) -> None:
    period = period_of(text)
    assert (period.last, period.length) == (None, "open")
    assert [year for year in (1998, 1999, 2016) if period.covers(year)] == [1999, 2016]


@pytest.mark.parametrize("text", ["not stated", "March", "12016", "", "31 Feb", "0000-00-00", "Q1"])
def test_words_that_name_no_year_are_in_none(text: str) -> None:
    assert period_of(text).length == "none"
    assert not period_of(text).covers(2016)


def test_the_values_of_a_year_are_those_whose_period_covers_it() -> None:
    book = built(SMALL)
    values = figures(book, "values", "value")
    by_end = {key.partition("/")[0] + " " + key.rpartition("/")[2]: value for key, value in values.items()}
    returns = {"returns 2016": 1000, "returns Q1 2016": 250, "returns Q2 2016": 260, "returns since 2010": 5000}
    assert by_end == {**returns, "visits 2016": 3, "women 2016": 42}
    counted = {"Indicators": 3, "Indicator_Values": 6, "Running_On": 1, "Without_Year": 1}
    assert figures(book, "headline", "figure") == counted


def test_a_value_whose_period_names_no_year_is_shown_apart_in_every_year_and_among_all() -> None:
    for year in ("1990", "2016"):
        assert by_period(built(SMALL, year), "unnamed", "value") == {"not stated": 70}
        assert "1 value has a period that names no year" in alerts(built(SMALL, year))
    assert "unnamed" not in tables(built(SMALL, "all"))
    assert len(figures(built(SMALL, "all"), "values", "value")) == 11


def test_a_place_is_found_in_any_capitals_and_each_spelling_is_told() -> None:
    assert "The records spell the place in several ways:  kenya ; Kenya" in str(built(SMALL).values())
    assert REPORT.read({"place": "  United   KINGDOM ", "year": "2010"})["place"] == "united kingdom"


def test_each_year_is_compared_with_the_year_before_and_each_quarter_with_a_quarter() -> None:
    book = built(SMALL)
    assert by_period(book, "series/returns/people/12 months", "change") == {"2014": None, "2015": 300, "2016": -200}
    percent = by_period(book, "series/returns/people/12 months", "percent")
    assert percent == {"2014": None, "2015": Decimal("33.3"), "2016": Decimal("-16.7")}
    quarters = by_period(book, "series/returns/people/3 months", "change")
    assert list(quarters.items()) == [("Q1 2016", None), ("Q2 2016", 10)]
    assert by_period(book, "series/returns/people/12 months", "before")["2016"] == "2015"


def test_a_share_changes_in_points_and_a_rise_from_zero_has_no_percent() -> None:
    assert by_period(built(SMALL), "series/women/percent/12 months", "change")["2016"] == Decimal("1.5")
    assert by_period(built(SMALL), "series/women/percent/12 months", "percent")["2016"] is None
    from_zero = built([stated("2015", "0"), stated("2016", "8")])
    assert by_period(from_zero, "series/returns/people/12 months", "change")["2016"] == 8
    assert by_period(from_zero, "series/returns/people/12 months", "percent")["2016"] is None


def test_values_in_unlike_units_are_never_compared() -> None:
    book = built([stated("2015", "10"), stated("2016", "20", unit="families"), stated("2014", "5", unit="People")])
    assert by_period(book, "series/returns/people/12 months", "change") == {"2014": None, "2015": 5}
    assert by_period(book, "alone", "value") == {"2016": 20}


def test_a_trend_goes_back_to_the_first_value_and_ends_with_the_year() -> None:
    assert list(by_period(built(SMALL, "2015"), "series/returns/people/12 months", "value")) == ["2014", "2015"]
    assert "2017" in by_period(built(SMALL, "all"), "series/returns/people/12 months", "value")
    assert [block for block in built(SMALL).sheets[1].blocks if isinstance(block, Charts)]


def test_the_same_period_in_other_words_with_another_value_is_pointed_out() -> None:
    book = built([stated("Jan 2016", "10"), stated("2016-01", "11"), stated("January 2016", "10")])
    assert "returns has two values for the same period in different words" in alerts(book)
    assert "two values" not in alerts(built([stated("Jan 2016", "10"), stated("2016-01", "10")]))
    assert set(by_period(book, "alone", "value")) == {"Jan 2016", "2016-01", "January 2016"}


@pytest.mark.parametrize("copy", ["donor", "public"])
def test_copies_that_leave_the_house_hide_values_that_may_be_a_few_people_and_their_changes(copy: str) -> None:
    facts = [*SMALL, stated("2018", "50"), stated("2018", "2", indicator="length", unit="days")]
    book = built(facts, "all", copy=copy)
    series = "series/returns/people/12 months"
    assert by_period(book, series, "value")["2017"] == "<5"
    for column in ("change", "percent"):
        shown = by_period(book, series, column)
        assert (shown["2017"], shown["2018"]) == (None, None)
        assert shown["2015"] is not None
    assert figures(book, "alone", "value")["length/Kenya/2018"] == 2
    of = tables(book)[series]
    assert of.parts is not None
    assert not of.parts("returns/Kenya/2017", "value")
    assert not of.parts("returns/Kenya/2018", "change")
    assert "note" not in [column.key for table in tables(book).values() for column in table.columns]


def test_every_number_is_the_sum_of_its_parts() -> None:
    assert explained(built(SMALL)) > 20
    assert explained(built(SMALL, "all", copy="public")) > 20
    places = {str(fact.fields["place"]) for fact in published()}
    assert sum(explained(built(published(), "all", place.casefold())) for place in places) > 47 * 2


def test_every_published_value_stands_in_the_book_of_its_place() -> None:
    listed: list[tuple[str, Value]] = []
    for place in sorted({row["place"] for row in rows("indicator_values")}):
        listed += figures(built(published(), "all", place.casefold()), "values", "value").items()
    stated_there = {
        f"{r['indicator']}/{r['place']}/{r['period']}": Decimal(r["value"]) for r in rows("indicator_values")
    }
    assert len(listed) == len(stated_there) == 47
    assert {key: Decimal(str(value)) for key, value in listed} == stated_there


def test_the_united_kingdom_in_2010_has_seven_published_values() -> None:
    book = built(published(), "2010", "united kingdom")
    values = figures(book, "values", "value")
    assert len(values) == 7  # all but the plan of 2007
    assert values["voluntary_returns_assisted/United Kingdom/since 1999"] == 36_000
    assert book.title == "Indicators, United Kingdom, 2010"


def test_a_change_marks_every_book_that_it_changes() -> None:
    known = [
        {"place": place, "year": year} for place in ("kenya", "uganda") for year in ("2013", "2015", "2016", "all")
    ]
    books = {str(p): built(SMALL, p["year"], p["place"]).values() for p in known}
    for changed in SMALL:
        fields: dict[str, Any] = {**changed.fields, "value": "77"}
        later = replace(changed, fields=fields)
        after = [later if fact is changed else fact for fact in SMALL]
        moved = [p for p in known if built(after, p["year"], p["place"]).values() != books[str(p)]]
        marked = list(REPORT.affected("indicator_value", fields, known))
        assert moved
        assert [params for params in moved if params not in marked] == []
        assert {params["place"] for params in marked} == {str(fields["place"]).strip().casefold()}


def test_a_value_marks_its_years_and_later_ones_that_are_known() -> None:
    known = [{"place": place, "year": year} for place in ("kenya", "peru") for year in ("2013", "2016", "2020")]

    def marked(period: str) -> list[str]:
        return [params["year"] for params in REPORT.affected("indicator_value", stated(period, "1").fields, known)]

    assert marked("2014/15") == ["2014", "2015", "all", "2016", "2020"]
    assert marked("since 2014") == ["2014", "all", "2016", "2020"]
    assert marked("not stated") == ["all", "2013", "2016", "2020"]


def test_a_place_without_values_says_so() -> None:
    book = built(SMALL, place="peru")
    assert "No value of an indicator for peru has a period in 2016" in alerts(book)
    assert [sheet.name for sheet in book.sheets] == ["Values", "Trends"]
    assert book.used == ()


def test_the_workbook_speaks_french_and_spanish() -> None:
    names = [sheet.name for lang in ("fr", "es") for sheet in built(SMALL, lang=lang).sheets]
    assert names == ["Valeurs", "Tendances", "Valores", "Tendencias"]


def finished(key: str, copy: str) -> bytes:
    if key == "indicators":
        params = {"place": "kenya", "year": "2016", "copy": copy}
        return xlsx.render(complete(built(SMALL, copy=copy), params=params, base=None))
    people = [{"group": "women", "target": 10, "reached": 3}]
    fields = {"offices": ["KEN"], "title": "A", "level": "activity", "types": ["training"], "start": "2016"}
    fact = replace(SMALL[0], kind="field_activity", key="a", fields={**fields, "people": people, "source": "test"})
    params = {"year": "2016", "copy": copy, "lang": "fr"}
    book = field_activities.REPORT.build(Facts.of([fact]), params)
    return xlsx.render(complete(book, params=params, base=None))


@pytest.mark.parametrize("key", ["indicators", "field-activities"])
def test_the_same_facts_give_the_same_bytes(key: str) -> None:
    assert finished(key, "internal") == finished(key, "internal") != finished(key, "public")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed here")
def test_libreoffice_opens_the_workbooks(tmp_path: Path) -> None:
    names = {
        f"{key}-{copy}": (key, copy) for key in ("indicators", "field-activities") for copy in ("internal", "public")
    }
    for name, (key, copy) in names.items():
        (tmp_path / f"{name}.xlsx").write_bytes(finished(key, copy))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *(str(tmp_path / f"{name}.xlsx") for name in names)], check=True, timeout=100)
    for name in names:
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF"), name
