"""Every number of the nine workbooks of the sample, in every copy, is the sum of its parts; partnerships too."""

from __future__ import annotations

from decimal import Decimal

import pytest

from explained_figures import wrongly_explained
from muster_report.book import Book, Table
from muster_report.reconciling import reconciled
from muster_report.reports import catalogue
from muster_report.tables import TOTAL
from report.published_facts import published, published_facts, with_change
from whole_sample import ASKED, COPIES, whole_sample

SOURCE = {"source": "MC/INF/253", "copy": "internal"}


def table(book: Book, key: str) -> Table:
    return next(b for sheet in book.sheets for b in sheet.blocks if isinstance(b, Table) and b.key == key)


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("key", list(ASKED))
def test_every_number_of_the_sample_is_explained_and_every_total_reconciles(key: str, copy: str) -> None:
    book = catalogue()[key].build(whole_sample(), {**ASKED[key], "copy": copy})
    assert list(wrongly_explained(book)) == []
    assert reconciled(book) == []


def test_partnerships_are_made_of_their_records_and_partners_of_theirs_each_once() -> None:
    book = catalogue()["partnerships"].build(published_facts(), SOURCE)
    areas, headline = table(book, "areas").parts, table(book, "headline").parts
    assert areas is not None
    assert headline is not None
    assert len(areas(TOTAL, TOTAL)) == 175
    assert {part.fact.kind for part in areas("research", TOTAL)} == {"partnership"}
    partners = headline("Partners_Total", "figure")
    assert len({part.fact.key for part in partners}) == len(partners) == 151
    assert {part.fact.kind for part in partners} == {"partner"}


def test_a_merged_partner_is_explained_by_the_one_that_holds() -> None:
    facts = with_change(published("office", "partner", "partnership"), "acted", merged_into="care")
    parts = table(catalogue()["partnerships"].build(facts, SOURCE), "headline").parts
    assert parts is not None
    assert "acted" not in {part.fact.key for part in parts("Partners_Total", "figure")}


def test_a_hidden_count_of_people_has_no_parts() -> None:
    changed = with_change(published("office", "partner", "partnership"), "253-02-acted", people_reached=3)
    for copy, found in (("internal", [Decimal(3)]), ("donor", [])):
        parts = table(catalogue()["partnerships"].build(changed, {**SOURCE, "copy": copy}), "list").parts
        assert parts is not None
        assert [part.value for part in parts("253-02-acted", "people_reached")] == found
