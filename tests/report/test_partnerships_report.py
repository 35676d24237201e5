"""Partnerships are counted by area, role, type and country, and each stands in the list."""

from __future__ import annotations

import pytest

from muster_report.book import Book, Sheet, Table, Value
from muster_report.facts import Facts
from muster_report.reports import catalogue
from muster_report.tables import TOTAL
from report.published_facts import published, published_facts, with_change, without

REPORT = catalogue()["partnerships"]
AREAS = {
    "emergency_post_conflict": 41,
    "movement_management": 36,
    "counter_trafficking": 26,
    "assisted_voluntary_returns": 16,
    "mass_information": 14,
    "migration_health": 12,
    "research": 11,
    "migrants_rights": 10,
    "technical_cooperation": 5,
    "labour_migration": 4,
    "special_programmes": 0,
}


def built(facts: Facts, source: str = "MC/INF/253", copy: str = "internal") -> Book:
    return REPORT.build(facts, {"source": source, "copy": copy})


@pytest.fixture(scope="module")
def book() -> Book:
    return built(published_facts())


def sheet(book: Book, name: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.name == name)


def figures(book: Book, name: str, table: str, column: str) -> dict[str, Value]:
    wanted = ("table", table, column)
    cells = sheet(book, name).cells()
    return {c.identity[2]: c.value for c in cells if (c.identity[0], c.identity[1], c.identity[-1]) == wanted}


def listed(book: Book) -> Table:
    return sheet(book, "List").table("list")[0]


def test_175_partnerships_with_151_partners_head_the_workbook(book: Book) -> None:
    assert figures(book, book.sheets[0].name, "headline", "figure") == {
        "Partnerships_Total": 175,
        "Partners_Total": 151,
    }


def test_each_area_has_its_count_and_one_without_a_partnership_a_total_of_zero(book: Book) -> None:
    assert figures(book, "By area and region", "areas", TOTAL) == {**AREAS, TOTAL: 175}
    assert set(figures(book, "By area and region", "areas", "asia_pacific").values()) >= {None, 44}


def test_roles_and_types_add_up_to_all_partnerships_and_partners(book: Book) -> None:
    roles = figures(book, "By role and type", "roles", TOTAL)
    assert roles["service_provider"] == 72
    assert roles[TOTAL] == sum(count for role, count in roles.items() if role != TOTAL) == 175  # type: ignore[misc]
    partners = figures(book, "By role and type", "partners", "figure")
    assert partners[""] == 23
    assert partners[TOTAL] == 151


def test_a_partnership_counts_in_each_of_its_countries_and_two_state_none(book: Book) -> None:
    countries = figures(book, "By country", "countries", "partnerships")
    pairs, none = countries.pop(TOTAL), countries.pop("none")
    assert pairs == sum(countries.values()) == 183  # type: ignore[arg-type]
    assert none == 2
    assert figures(book, "By country", "counted", "figure")["Partnerships_With_Country"] == 173


def test_a_country_has_the_name_of_its_office_and_else_its_code(book: Book) -> None:
    assert figures(book, "By country", "countries", "label")["AFG"] == "Afghanistan"
    officeless = built(without(published(), lambda fact: fact.key == "AFG"))
    assert figures(officeless, "By country", "countries", "label")["AFG"] == "AFG"


def test_the_list_holds_every_partnership_and_can_be_filtered(book: Book) -> None:
    assert len(listed(book).rows) == 175
    assert listed(book).filtered


def test_a_merged_partner_counts_as_the_one_it_went_into_and_keeps_its_printed_name() -> None:
    book = built(with_change(published(), "acted", merged_into="hayat"))
    assert figures(book, "By area and region", "headline", "figure")["Partners_Total"] == 150
    (row,) = (row for row in listed(book).rows if row.key == "253-02-acted")
    assert row.cells[:2] == ("HAYAT", "ACTED")


def test_partners_merged_into_each_other_do_not_hang_the_report() -> None:
    facts = with_change(published(), "acted", merged_into="acted")
    assert figures(built(facts), "By area and region", "headline", "figure")["Partners_Total"] == 151


@pytest.mark.parametrize(("stated", "shown"), [(1, "<5"), (4, "<5"), (5, 5), (0, 0), (None, None)])
def test_copies_that_leave_the_house_hide_counts_of_one_to_four_people(stated: int | None, shown: Value) -> None:
    facts = with_change(published(), "253-02-acted", people_reached=stated)
    for copy in ("donor", "public"):
        assert figures(built(facts, copy=copy), "List", "list", "people_reached")["253-02-acted"] == shown
    assert figures(built(facts), "List", "list", "people_reached")["253-02-acted"] == stated


def test_copies_that_leave_the_house_have_no_notes(book: Book) -> None:
    public = built(published_facts(), copy="public")
    assert "note" in [column.key for column in listed(book).columns]
    assert "note" not in [column.key for column in listed(public).columns]
    assert "regional branches planned" not in str(public.values())


def test_an_unknown_source_says_that_nothing_was_submitted() -> None:
    empty = built(published_facts(), source="MC/INF/0")
    assert [sheet.name for sheet in empty.sheets] == ["By area and region", "By role and type", "By country", "List"]
    assert "No partnership has been submitted for the source MC/INF/0" in str(empty.values())


def test_the_book_uses_only_partners_and_offices_that_it_shows(book: Book) -> None:
    used = [fact.key for fact in book.used if fact.kind == "office"]
    assert "AUS" not in used
    assert len([fact for fact in book.used if fact.kind == "partner"]) == 151
