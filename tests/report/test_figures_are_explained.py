from __future__ import annotations

from decimal import Decimal

import pytest

from explained_figures import wrongly_explained
from muster_report.book import Table
from muster_report.figures import TOTAL, Observation, Part, parts_of_matrix
from muster_report.reports import catalogue
from muster_report.tables import explained_matrix
from report.published_facts import published_facts

PARAMS = {"year": "2016", "copy": "internal", "lang": "en"}


def test_every_figure_of_the_funding_requirements_adds_up_from_its_parts() -> None:
    book = catalogue()["funding-requirements"].build(published_facts(), PARAMS)
    assert list(wrongly_explained(book)) == []
    overview = next(sheet for sheet in book.sheets if sheet.name == "Overview")
    table, _ = overview.table("overview")
    assert table.parts is not None
    assert sum(part.value for part in table.parts(TOTAL, TOTAL)) == Decimal(1_946_969_000)
    assert {part.fact.kind for part in table.parts(TOTAL, TOTAL)} == {"funding_requirement"}


def test_what_is_not_explained_is_found() -> None:
    fact = next(iter(published_facts().kind("funding_requirement").values()))
    observed = [
        Observation("a", "x", Part(fact, "amount", Decimal(5))),
        Observation("b", "x", Part(fact, "amount", Decimal(7))),
    ]
    made = explained_matrix("m", observed, corner="", rows={"a": "A", "b": "B"}, columns={"x": "X"}, none=None)
    assert [part.value for part in parts_of_matrix(observed)(TOTAL, "x")] == [5, 7]
    assert isinstance(made, Table)
    with pytest.raises(ValueError, match="no cell for row 'b'"):
        explained_matrix("m", observed, corner="", rows={"a": "A"}, columns={"x": "X"}, none=None)
