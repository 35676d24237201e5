"""The funding overview comes out to the dollar, and says where the printed one does not add up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from explained_figures import wrongly_explained
from muster_report.book import Book, Note, Sheet, Table, Value
from muster_report.facts import Facts
from muster_report.reports import catalogue
from muster_report.reports.offices import office_name
from muster_report.tables import TOTAL, alphabetical
from muster_report.words import code_name
from muster_shared.codelists import areas, regions
from report.published_facts import a_fact, published, published_facts, with_change

REPORT = catalogue()["funding-requirements"]


@pytest.fixture(scope="module")
def book() -> Book:
    return built(published_facts())


def built(facts: Facts, year: str = "2016", copy: str = "internal", lang: str = "en") -> Book:
    return REPORT.build(facts, {"year": year, "copy": copy, "lang": lang})


def sheet(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


def figure(book: Book, name: str, table: str, row: str, column: str) -> Value:
    found = {cell.identity: cell.value for cell in sheet(book, name).cells()}
    return found["table", table, row, column]


def notes(book: Book, name: str) -> str:
    return " ".join(block.text for block in sheet(book, name).blocks if isinstance(block, Note))


def rows(book: Book, name: str, table: str) -> list[tuple[Value, ...]]:
    return [row.cells for row in sheet(book, name).table(table)[0].rows]


def sum_of(parts: tuple[Value, ...]) -> Value:
    """The sum of the parts, None where all are empty; written out here so as not to trust the code under test."""
    stated = [part for part in parts if isinstance(part, Decimal)]
    return sum(stated, Decimal()) if stated else None


def requirement(office: str, area: str, amount: str | None, **fields: Any) -> dict[str, Any]:
    return {"year": 2031, "office": office, "area": area, "amount": amount, "currency": "USD", **fields}


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        ("Requirement_Country_Regions", 1_794_889_000),
        ("Requirement_Southern_Africa", 99_735_000),
        ("Requirement_Multi_Regional", 52_345_000),
        ("Requirement_Total", 1_946_969_000),
    ],
)
def test_the_total_is_made_up_of_eight_regions_southern_africa_and_the_multi_regional_line(
    book: Book, row: str, amount: int
) -> None:
    assert figure(book, "Overview", "make-up", row, "figure") == amount


def test_the_overview_adds_up_to_the_same_total_as_its_make_up(book: Book) -> None:
    assert figure(book, "Overview", "overview", TOTAL, TOTAL) == 1_946_969_000


def test_the_overview_has_areas_in_rows_and_regions_in_columns_in_printed_order(book: Book) -> None:
    table, _ = sheet(book, "Overview").table("overview")
    assert [column.heading for column in table.columns[1:-1]] == [region["name"] for region in regions().values()]
    assert [row.cells[0] for row in table.rows][:2] == ["Emergency, operations and post-crisis", "Migration health"]


def test_every_total_is_the_sum_of_its_parts(book: Book) -> None:
    for name, key in [("Overview", "overview"), *((region["sheet"], "lines") for region in regions().values())]:
        table, _ = sheet(book, name).table(key)
        *parts, total = [row.cells[1:] for row in table.rows]
        for row in [*parts, total]:
            assert row[-1] == sum_of(row[:-1]), name
        for column, value in zip(zip(*parts, strict=True), total, strict=True):
            assert value == sum_of(column), name


def test_each_region_has_a_sheet_whose_total_is_the_region_s_column_in_the_overview(book: Book) -> None:
    for code, region in regions().items():
        total = figure(book, region["sheet"], "lines", TOTAL, TOTAL)
        assert total == figure(book, "Overview", "overview", TOTAL, code)


def test_where_nothing_is_planned_the_cell_is_empty_and_no_zero_is_shown(book: Book) -> None:
    assert figure(book, "Overview", "overview", "multiregional", "asia_pacific") is None
    assert figure(book, "Asia and the Pacific", "lines", "AUS", TOTAL) is None
    tables = [block for sheet in book.sheets[:11] for block in sheet.blocks if isinstance(block, Table)]
    assert not [cell for table in tables for row in table.rows for cell in row.cells if cell == 0]


def test_lines_are_countries_by_name_and_then_the_regional_programmes(book: Book) -> None:
    lines = [row[0] for row in rows(book, "West and Central Africa", "lines")]
    assert lines[:2] == ["Benin", "Burkina Faso"]
    assert lines[lines.index("Congo, Republic of the") + 1] == "Côte d'Ivoire"
    assert lines[-2:] == ["Regional programmes", "Total"]


def test_southern_africa_and_the_multi_regional_line_are_called_what_they_are(book: Book) -> None:
    assert rows(book, "Southern Africa", "lines")[0][0] == "Southern Africa (regional total only)"
    assert rows(book, "Multi-regional", "lines")[0][0] == "Multi-regional"


def test_remarks_of_offices_stand_in_the_internal_copy_only(book: Book) -> None:
    assert "known only as a printed regional total" in notes(book, "Southern Africa")
    for copy in ("donor", "public"):
        assert "known only" not in notes(built(published_facts(), copy=copy), "Southern Africa")


def test_initiatives_add_up_by_objective_and_are_not_in_the_multi_regional_line(book: Book) -> None:
    table, _ = sheet(book, "Initiatives").table("initiatives")
    assert sum(1 for row in table.rows if row.role == "body") == 17
    assert figure(book, "Initiatives", "initiatives", TOTAL, "required") == 9_592_955
    groups = [row.cells[2] for row in table.rows if row.role == "group"]
    assert sum(groups) == 9_592_955  # type: ignore[arg-type]
    assert figure(book, "Overview", "overview", TOTAL, "multi_regional") == 52_345_000


def test_exactly_three_of_163_printed_totals_differ_and_stand_first(book: Book) -> None:
    compared = rows(book, "Reconciliation", "reconciliation")
    assert len(compared) == 163
    assert [row[3:] for row in compared if row[5] != 0] == [row[3:] for row in compared[:3]]
    assert [(row[1], row[2], row[3], row[4], row[5]) for row in compared[:3]] == [
        (
            "South-Eastern Europe, Eastern Europe and Central Asia",
            "All areas",
            Decimal(118_075_000),
            Decimal(125_925_000),
            Decimal(7_850_000),
        ),
        ("All regions", "Emergency, operations and post-crisis", 738_900_000, 738_960_000, 60_000),
        ("All regions", "All areas", 1_946_909_000, 1_946_969_000, 60_000),
    ]


def test_the_overview_says_how_many_printed_totals_differ(book: Book) -> None:
    assert "3 of 163 printed totals do not agree" in notes(book, "Overview")


def test_without_printed_totals_the_reconciliation_says_so() -> None:
    book = built(published_facts("office", "funding_requirement"))
    assert "No printed totals for 2016" in notes(book, "Reconciliation")
    assert "printed" not in notes(book, "Overview")


def test_a_requirement_in_another_currency_is_not_added_but_listed() -> None:
    book = built(with_change(published(), "2016/KEN/migration_health", currency="EUR"))
    kenya = Decimal("750000")
    assert figure(book, "Overview", "make-up", "Requirement_Total", "figure") == 1_946_969_000 - kenya
    assert "1 figure is not in these sums" in notes(book, "Overview")
    (listed,) = rows(book, "Not added", "not-added")
    assert listed[:3] == ("Funding requirement 2016/KEN/migration_health", kenya, "EUR")


def test_a_requirement_of_an_office_without_a_region_is_listed_not_lost() -> None:
    book = built(Facts.of([a_fact("funding_requirement", requirement("KEN", "migration_health", "5"))]), "2031")
    ((_, amount, _, reason),) = rows(book, "Not added", "not-added")
    assert amount == 5
    assert "not in the list of offices" in str(reason)


def test_a_stated_zero_reads_as_nothing_planned() -> None:
    facts = with_change(published("office", "funding_requirement"), "2016/KEN/migration_health", amount="0")
    assert figure(built(facts), "East and Horn of Africa", "lines", "KEN", "migration_health") is None


def test_a_year_without_data_says_that_nothing_was_submitted(book: Book) -> None:
    empty = built(published_facts(), "2031")
    assert [sheet.name for sheet in empty.sheets] == [sheet.name for sheet in book.sheets]
    assert "No funding requirement has been submitted for 2031" in notes(empty, "Overview")
    assert not empty.used


def test_a_book_uses_only_the_facts_of_its_year(book: Book) -> None:
    assert {fact.fields["year"] for fact in book.used if fact.kind != "office"} == {2016}
    assert {fact.kind for fact in book.used} == set(REPORT.kinds)


@pytest.mark.parametrize(
    ("lang", "name", "between", "last"),
    [
        ("fr", "Asie et Pacifique", ["Indonésie", "Iran (République islamique d’)", "Japon"], "Programmes régionaux"),  # noqa: RUF001
        (
            "es",
            "Asia y el Pacífico",
            ["Indonesia", "Irán (República Islámica del)", "Islas Marshall"],
            "Programas regionales",
        ),
    ],
)
def test_lines_stand_in_the_alphabet_of_the_language(lang: str, name: str, between: list[str], last: str) -> None:
    *lines, regional, _ = [str(row[0]) for row in rows(built(published_facts(), lang=lang), name, "lines")]
    at = lines.index(between[0])
    assert lines[at : at + len(between)] == between
    assert lines == sorted(lines, key=alphabetical)
    assert regional == last


@pytest.mark.parametrize(
    ("lang", "name", "southern", "overview"),
    [
        ("fr", "Afrique australe", "Afrique australe (total régional seulement)", "Vue d’ensemble"),  # noqa: RUF001
        ("es", "África Meridional", "África Meridional (solo total regional)", "Resumen"),
    ],
)
def test_regions_areas_and_regional_totals_are_called_in_the_language(
    lang: str, name: str, southern: str, overview: str
) -> None:
    book = built(published_facts(), lang=lang)
    assert rows(book, name, "lines")[0][0] == southern
    assert f"{southern}{' :' if lang == 'fr' else ':'} known only" in notes(book, name)
    table, _ = sheet(book, overview).table("overview")
    assert [column.heading for column in table.columns[1:-1]] == [code_name("region", r, "", lang) for r in regions()]
    assert [row.cells[0] for row in table.rows[:-1]] == [code_name("area", area, "", lang) for area in areas()]


@pytest.mark.parametrize(
    ("lang", "overview", "said"),
    [("fr", "Vue d’ensemble", "8 totaux imprimés sur 163"), ("es", "Resumen", "8 totales impresos de 163")],  # noqa: RUF001
)
def test_differences_and_what_is_not_added_are_told_in_the_language(lang: str, overview: str, said: str) -> None:
    book = built(with_change(published(), "2016/KEN/migration_health", currency="EUR"), lang=lang)
    assert said in notes(book, overview)
    not_added = book.sheets[-1]
    assert {"fr": "1 chiffre n’est pas compris", "es": "1 cifra no está"}[lang] in notes(book, overview)  # noqa: RUF001
    assert not_added.name in notes(book, overview)
    ((what, amount, currency, reason),) = rows(book, not_added.name, "not-added")
    assert (amount, currency) == (Decimal("750000"), "EUR")
    assert str(what).startswith({"fr": "Besoin de financement 2016/", "es": "Necesidad de financiación 2016/"}[lang])
    in_euros = {"fr": "Indiqué en EUR ; les sommes ", "es": "Indicado en EUR; las sumas "}[lang]
    assert str(reason).startswith(in_euros)


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_a_year_without_data_is_told_in_the_language(lang: str) -> None:
    empty, full = built(published_facts(), "2031", lang=lang), built(published_facts(), lang=lang)
    assert [sheet.name for sheet in empty.sheets] == [sheet.name for sheet in full.sheets]
    told = [notes(empty, sheet.name) for sheet in empty.sheets]
    assert all("2031" in text and "submitted" not in text for text in told)


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_every_figure_is_explained_in_every_language(lang: str) -> None:
    assert list(wrongly_explained(built(published_facts(), lang=lang))) == []


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_every_office_of_a_country_has_its_name_in_the_language(lang: str) -> None:
    offices = [fact.fields for fact in published("office")]
    named = {fields["office"]: office_name(fields, lang) for fields in offices}
    assert named["CIV"] == "Côte d’Ivoire"  # noqa: RUF001
    assert named["HKG"] == {"fr": "RAS de Hong Kong (Chine)", "es": "RAE de Hong Kong (China)"}[lang]
    assert named["RO-south_america"] == "Regional office, South America"  # the record's own words
    assert not [name for name in named.values() if ", " in name and "Regional office" not in name]
