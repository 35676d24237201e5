"""A workbook speaks one language throughout, and in every language holds the same figures in the same places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest
from babel import Locale
from babel.numbers import format_decimal

from muster_report import words
from muster_report.book import Book, Charts, Note, Sheet, Table
from muster_report.changes import differences
from muster_report.reports import catalogue
from muster_report.reports.partnership_list import role_name
from muster_report.tables import matrix, spelt_out
from muster_report.words import LANGUAGES
from muster_shared.codelists import areas, areas_of_collaboration, regions
from report.published_facts import published, published_facts, without
from report.rendered_books import REPORTS, finished, in_workbook, on_page

FUNDING, PARTNERSHIPS = REPORTS
other = pytest.mark.parametrize("lang", ["fr", "es"])
each = pytest.mark.parametrize(("key", "given"), REPORTS, ids=[key for key, _ in REPORTS])
IN_ORDER_OF_NAMES = {"countries", "lines"}  # tables whose rows stand in the alphabet of the language


def entries(lang: str) -> dict[str, Any]:
    return dict(_flat(tomllib.loads((files("muster_report") / "words" / f"{lang}.toml").read_text("utf-8"))))


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def codes_of(entries_: Mapping[str, Any]) -> set[str]:
    return {key for key in entries_ if key.startswith("codes.")}


def places(text: Any) -> set[str | None]:
    return {place for _, place, _, _ in Formatter().parse(str(text)) if place is not None}


@other
def test_every_language_has_the_same_keys_with_the_same_places_to_fill(lang: str) -> None:
    english, own = entries("en"), entries(lang)
    assert {key for key in own if not key.startswith("codes.")} ^ set(english) <= codes_of(english) <= set(own)
    for listed in ("partner_type", "initiative_objective"):
        assert list(words.code_names(listed, lang)) == list(words.code_names(listed, "en"))
    for key, text in english.items():
        assert places(own[key]) == places(text), key
        assert isinstance(text, str) or len(own[key]) == len(text), key


@other
def test_no_words_of_the_funding_report_stay_in_english(lang: str) -> None:
    english, own = entries("en"), entries(lang)
    chosen = [key for key in own if key.startswith(("funding.", "codes.initiative_objective."))]
    assert len(chosen) > 60
    same = {own[key] for key in chosen if own[key] == english[key]}
    assert same <= {"Initiative", "Initiatives", "{title}: {region}", "{line}: {remark}"}


@other
def test_every_code_of_the_lists_has_a_name(lang: str) -> None:
    own = entries(lang)
    lists = {"area_of_collaboration": areas_of_collaboration(), "area": areas()}
    for listed, codes in {**lists, "region": regions(), "region_sheet": regions()}.items():
        assert [code for code in codes if f"codes.{listed}.{code}" not in own] == []
    roles = {fact.fields["role"] for fact in published("partnership")}
    assert [role for role in roles if role_name(role, lang) == spelt_out(role)] == []


def shape(book: Book) -> list[Any]:
    """Everything of a book that no language may change: keys, order, places, figures."""
    return [
        (
            at.row,
            table.key,
            [c.key for c in table.columns],
            _in_one_order(table.key, [(r.key, r.role, _figures(table, r.cells)) for r in table.rows]),
        )
        for sheet in book.figures()
        for at in sheet.placed()
        if isinstance(table := at.block, Table)
    ]


def _in_one_order(table: str, rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row[0])) if table in IN_ORDER_OF_NAMES else rows


def _figures(table: Table, cells: tuple[Any, ...]) -> list[Any]:
    return [value for column, value in zip(table.columns, cells, strict=True) if column.format in {"number", "printed"}]


@each
@other
def test_the_figures_stand_in_the_same_cells_in_every_language(lang: str, key: str, given: dict[str, str]) -> None:
    assert shape(finished(key, given, lang=lang)) == shape(finished(key, given))


def countries(lang: str) -> Any:
    return finished(*PARTNERSHIPS, lang=lang).sheets[2].table("countries")[0].rows


@other
def test_countries_have_the_names_of_the_language_in_its_order(lang: str) -> None:
    names = {row.key: row.cells[0] for row in countries(lang)}
    assert names["CHE"] == {"fr": "Suisse", "es": "Suiza"}[lang]
    assert names["MKD"].startswith({"fr": "L’ex-République", "es": "La ex República"}[lang])  # noqa: RUF001
    assert names["XKX"].startswith("Kosovo")
    order = [str(row.cells[0]) for row in countries(lang) if row.role == "body" and row.key != "none"]
    assert order.index(names["CHE"]) > order.index(names["PHL"])


@each
@other
def test_the_words_of_a_workbook_are_of_its_language(lang: str, key: str, given: dict[str, str]) -> None:
    english, own = (words_of(finished(key, given, lang=code)) for code in ("en", lang))
    same = {text for text in own & english if re.search("[a-z]{2}", text)}
    records = {str(value) for fact in published() for value in fact.fields.values()}
    records |= {"Another name", "ACTED (253-02-acted)"}  # as Changes names them
    assert {text for text in same if text not in records} <= {
        "Total", "Sources", "Source", "Note", "Code", "Partner", "notes", "MC/INF/253", "Association",
            "Initiative", "Initiatives",
    } | {text for text in same if re.fullmatch(r"[0-9a-f]{64}|HQ-\d+", text)} | country_names(same)  # fmt: skip


def country_names(texts: set[str]) -> set[str]:
    """Countries that are called the same, alone or several in one cell."""
    known = {str(row.cells[0]) for row in countries("en")} | {f.fields["name"] for f in published("office")}
    return {text for text in texts if all(part in known for part in text.split(", "))}


def words_of(book: Book) -> set[str]:
    """What stands in the cells, on the tabs, beside the charts and in the properties of the file."""
    cells = {str(value) for cells in book.values().values() for value in cells.values() if isinstance(value, str)}
    blocks = [block for sheet in book.sheets for block in sheet.blocks]
    charts = [chart for block in blocks if isinstance(block, Charts) for chart in block.charts]
    drawn = {text for chart in charts for text in (chart.title, chart.description, *(s.name for s in chart.series))}
    return cells | drawn | {sheet.name for sheet in book.sheets} | {book.title, book.subtitle, book.description}


@each
@other
def test_sheet_names_fit_a_workbook_and_differ(lang: str, key: str, given: dict[str, str]) -> None:
    names = [sheet.name for sheet in finished(key, given, lang=lang).sheets]
    assert len({name.casefold() for name in names}) == len(finished(key, given).sheets)
    assert not [name for name in names if len(name) > 31 or re.search(r"[\[\]:*?/\\]", name)]
    assert not [name for name in names if "'" in (name[0], name[-1])]


@each
@other
def test_the_page_of_a_translated_book_reads_like_its_workbook(lang: str, key: str, given: dict[str, str]) -> None:
    book = finished(key, given, lang=lang)
    assert on_page(book, lang) == in_workbook(book)


@other
def test_what_changes_calls_a_note_is_said_in_the_language(lang: str) -> None:
    noted = Book("", "", (Sheet("Figures", "", blocks=(Note("one", "Some words"),)),), lang=lang)
    (found,) = differences(replace(noted, sheets=(Sheet("Figures", ""),)), noted)
    assert (found.row_label, found.new) == ({"fr": "Note", "es": "Nota"}[lang], "Some words")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_matrix_calls_its_totals_so_in_the_language(lang: str) -> None:
    made = matrix("m", corner="", rows={"a": "A"}, columns={"x": "X"}, cells={("a", "x"): 1}, none=0, lang=lang)
    assert (made.columns[-1].heading, made.rows[-1].cells[0]) == (words.say("tables.total", lang),) * 2
    with pytest.raises(KeyError):
        matrix("m", corner="", rows={}, columns={}, cells={}, none=0, lang="xx")


@other
def test_about_names_the_language_and_speaks_it(lang: str) -> None:
    about = finished(*PARTNERSHIPS, lang=lang).values()[words.say("about.sheet", lang)]
    assert {"fr": "français", "es": "español"}[lang] in about.values()
    assert words.say("about.copies.internal", lang) in about.values()
    assert {"fr": "11 décembre 2015, 06:54 UTC", "es": "11 de diciembre de 2015, 06:54 UTC"}[lang] in about.values()


@other
def test_a_source_without_partnerships_says_so_in_the_language(lang: str) -> None:
    facts = without(published(), lambda fact: fact.kind == "partnership")
    book = finished(*PARTNERSHIPS, facts, lang=lang)
    assert words.say("partnerships.nothing", lang, source="MC/INF/253") in words_of(book)


def test_english_says_what_the_catalogue_says() -> None:
    assert words.say("partnerships.description", "en") == catalogue()["partnerships"].description
    assert words.say("funding.description", "en") == catalogue()["funding-requirements"].description
    assert words.say("about.no_differences", "en") == "No differences."
    moment = datetime(2016, 3, 9, 7, 5, tzinfo=UTC)
    assert words.spoken_time(moment, "en") == "9 March 2016, 07:05 UTC"
    for key, given in REPORTS:
        params, build = {**given, "copy": "internal"}, catalogue()[key].build
        assert build(published_facts(), {**params, "lang": "en"}) == build(published_facts(), params)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_months_and_numbers_in_sentences_are_written_as_everywhere_in_the_language(lang: str) -> None:
    months = Locale(lang).months["format"]["wide"]
    for month in range(1, 13):
        assert f" {months[month]} " in words.spoken_time(datetime(2016, month, 9, tzinfo=UTC), lang)
    assert words.whole_number(1_234_567, lang) == format_decimal(1_234_567, locale=lang)


def test_words_agree_with_their_number() -> None:
    said = [words.say_number("about.cells_differ", number, lang) for lang in LANGUAGES for number in (0, 1, 2000)]
    assert said == [
        "0 cells differ", "1 cell differs", "2,000 cells differ",
        "0 cellule diffère", "1 cellule diffère", "2\u202f000 cellules diffèrent",
        "Difieren 0 celdas", "Difiere 1 celda", "Difieren 2.000 celdas",
    ]  # fmt: skip


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(KeyError):
        words.say("about.sheet", "../en")
