"""What pages of figures show is what the reports' books hold, to the dollar, and what filters leave adds up to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from muster_report.blocks import Table, Value
from muster_report.boards.asked import Asked
from muster_report.boards.catalogue import BOARDS
from muster_report.boards.map_figures import MAP_FIGURES, places
from muster_report.boards.narrowing import narrowed
from muster_report.boards.overview import TILES, cell
from muster_report.boards.panels import Panel, Reading, shown, table_of
from muster_report.boards.sources import PARAMETERS, Sources
from muster_report.boards.years import funding_years, people_by_sex, projects_by_year
from muster_report.book import Book
from muster_report.figures import TOTAL
from muster_report.reports import catalogue
from muster_shared.codelists import regions
from muster_shared.language import LANGUAGES, language_of
from whole_sample import whole_sample

UNTIL, SOURCE = date(2016, 11, 30), "MC/INF/253"
ENGLISH = language_of("en", "muster_report")
PANELS = {f"{board.key}-{panel.key}": panel for board in BOARDS.values() for panel in board.panels}
OF_BOOKS = {name: panel for name, panel in PANELS.items() if isinstance(panel.table, str)}


def asked(year: str = "2016", **filters: str) -> Asked:
    return Asked(year, UNTIL, **{"source": SOURCE, **filters})  # type: ignore[arg-type]


def sources(lang: str = "en", offices: set[str] | None = None, **filters: str) -> Sources:
    of = asked(**filters)
    return Sources(narrowed(whole_sample(), of), of, lang, offices.__contains__ if offices is not None else None)


@cache
def book(report: str) -> Book:
    given = {"year": "2016", "until": UNTIL.isoformat(), "source": SOURCE}
    own = {name: given[name] for name in PARAMETERS[report]}
    return catalogue()[report].build(whole_sample(), {**own, "copy": "internal"})


def in_book(report: str, key: str) -> Table:
    blocks = (block for sheet in book(report).figures() for block in sheet.blocks)
    return next(block for block in blocks if isinstance(block, Table) and block.key == key)


def column(table: Table | None, name: str) -> dict[str, Value]:
    assert table is not None
    return {row.key: cell(table, row.key, name) for row in table.rows if row.role == "body"}


@pytest.mark.parametrize("panel", OF_BOOKS.values(), ids=OF_BOOKS)
def test_a_panel_draws_the_figures_of_the_workbook(panel: Panel) -> None:
    read = sources(region="east_horn_of_africa" if panel.needs else "")
    found = table_of(panel, read, ENGLISH)
    assert found is not None
    assert isinstance(panel.table, str)
    whole = next(read.tables(panel.report, panel.table)) if panel.needs else in_book(panel.report, panel.table)
    for row in found.rows:
        for known in found.columns[1:]:
            row_key, column_key = (known.key, row.key) if panel.turned else (row.key, known.key)
            assert cell(found, row.key, known.key) == cell(whole, row_key, column_key)
    assert set(panel.series) & {known.key for known in found.columns[1:]} or panel.shape == "none"


def test_the_known_totals_stand_on_the_first_page() -> None:
    told = {tile.key: tile.told(sources(), ENGLISH) for tile in TILES}
    assert told["required"] == Decimal("1946969000")
    assert told["partnerships"] == 175
    assert told["projects"] == len(whole_sample().kind("project"))
    assert told["reached"] == cell(in_book("beneficiaries", "headline"), "People_Reached", "figure")
    assert told["overdue"] == len(in_book("reporting-compliance", "overdue").rows)
    assert all(figure is not None for figure in told.values())


def test_regions_one_by_one_add_up_to_the_whole() -> None:
    whole = cell(in_book("funding-requirements", "overview"), TOTAL, TOTAL)
    alone = [cell(sources(region=code).table("funding-requirements", "overview"), TOTAL, TOTAL) for code in regions()]
    assert sum(Decimal(str(figure)) for figure in alone) == whole
    overdue = [
        cell(sources(region=code).table("reporting-compliance", "regions"), TOTAL, "overdue") for code in regions()
    ]
    assert sum(int(str(figure or 0)) for figure in overdue) == len(in_book("reporting-compliance", "overdue").rows)


def test_areas_one_by_one_add_up_to_the_whole_and_donors_owe_what_all_owe() -> None:
    table = in_book("funding-requirements", "overview")
    for code, figure in column(table, TOTAL).items():
        assert cell(sources(area=code).table("funding-requirements", "overview"), TOTAL, TOTAL) == figure
    donors = whole_sample().kind("donor")
    owed = [cell(sources(donor=key).table("reporting-compliance", "regions"), TOTAL, "expected") for key in donors]
    assert sum(int(str(figure or 0)) for figure in owed) == cell(
        in_book("reporting-compliance", "regions"), TOTAL, "expected"
    )


def test_an_office_alone_has_its_line_of_the_workbook() -> None:
    listed = column(in_book("beneficiaries", "offices"), "target")
    office = max(listed, key=lambda code: int(str(listed[code])))
    assert cell(sources(office=office).table("beneficiaries", "offices"), TOTAL, "target") == listed[office]
    assert listed[office] != cell(in_book("beneficiaries", "offices"), TOTAL, "target")


def test_years_beside_each_other_add_up_to_the_yearly_workbooks() -> None:
    found = funding_years(sources(), ENGLISH)
    assert cell(found, "2016", "required") == Decimal("1946969000")
    years = {str(fact.fields["start"])[:4] for fact in whole_sample().kind("project").values()}
    granted = [cell(sources(year=year).table("project-analysis", "funding-years"), TOTAL, "granted") for year in years]
    told = sum(int(str(figure)) for figure in column(found, "granted").values())
    assert told > 0
    assert abs(told - sum(int(str(figure or 0)) for figure in granted)) <= len(years) + len(found.rows)


def test_projects_by_year_are_the_projects_of_the_workbook() -> None:
    found, listed = projects_by_year(sources(), ENGLISH), in_book("projects", "regions")
    for known in found.columns[1:]:
        assert cell(found, TOTAL, known.key) == cell(listed, TOTAL, known.key)


def test_people_by_sex_are_the_last_row_of_the_ages() -> None:
    found, ages = people_by_sex(sources(), ENGLISH), in_book("beneficiaries", "ages")
    for sex in ("female", "male", "other", "unknown", TOTAL):
        for measure in ("target", "reached"):
            assert cell(found, sex, measure) == cell(ages, TOTAL, f"{measure}/{sex}")


@pytest.mark.parametrize("figure", MAP_FIGURES.values(), ids=MAP_FIGURES)
def test_the_countries_of_the_map_and_the_other_offices_add_up_to_the_workbook(figure: object) -> None:
    known = next(known for known in MAP_FIGURES.values() if known is figure)
    countries, others = places(sources(), known)
    of = {"lines": "overview", "offices": "offices"}[known.table]
    whole = cell(in_book(known.report, of), TOTAL, known.column)
    assert sum(place.figure for place in (*countries, *others)) == whole
    assert len({place.code for place in countries}) == len(countries)


def test_others_are_shown_single_projects_of_their_own_offices_alone() -> None:
    own = {"KEN", "HQ"}
    bound = sources(offices=own)
    of_own = [fact for fact in whole_sample().kind("project").values() if fact.fields["office"] in own]
    assert 0 < len(of_own) < len(whole_sample().kind("project"))
    assert cell(projects_by_year(bound, ENGLISH), TOTAL, TOTAL) == len(of_own)
    assert {known.key for known in funding_years(bound, ENGLISH).columns} == {"label", "required"}
    assert bound.table("beneficiaries", "headline") == in_book("beneficiaries", "headline")
    picked = sources(offices=own, status="active").table("beneficiaries", "offices")
    assert {row.key for row in picked.rows if row.role == "body"} <= own if picked else True


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_panel_can_be_shown_in_every_language_with_the_meaning_of_its_words(lang: str) -> None:
    language, read = language_of(lang, "muster_report"), sources(lang)
    for panel in PANELS.values():
        found = shown(panel, Reading(read, language, "/report/figures/x"), may_read=True)
        assert len(found.meanings) == len(panel.terms)
        assert all(term and meaning for term, meaning in found.meanings)
        assert found.rows or panel.needs
        assert found.workbook.startswith(f"/report/v1/reports/{panel.report}/latest.xlsx")
