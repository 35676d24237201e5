"""A template is filled in, uploaded, asked for again, changed in one cell, uploaded again."""

from __future__ import annotations

from typing import Any

import pytest

import factories
from every_kind import CHANGES, RECORDS
from muster_ingest.kinds import KINDS
from workbook_making import cells_of_record, changed, fields_of, filled_in, workbook


@pytest.fixture
def furnished(at_home: Any) -> Any:
    """Ingest that holds what records of every kind name."""
    at_home.accept(
        factories.partner(),
        factories.project(),
        factories.grant(),
    )
    return at_home


def office_of(kind: str) -> str:
    return "HQ" if KINDS[kind].central else "KEN"


def stored(ingest: Any, kind: str) -> dict[str, Any]:
    key = KINDS[kind].key_of(fields_of(RECORDS[kind]))
    answer = ingest.get(f"/records/{kind}/{key}")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_template_filled_in_brings_the_record_and_a_changed_cell_one_revision(furnished: Any, kind: str) -> None:
    office, record = office_of(kind), RECORDS[kind]
    upload = filled_in(furnished.template(kind, office=office), kind, cells_of_record(record))
    receipt = furnished.take(upload, office=office)
    assert (receipt["new"], receipt["changed"]) == (1, 0)
    expected = dict(fields_of(record))
    if kind == "project":
        expected["status"] = "draft"
    assert stored(furnished, kind)["fields"] == expected

    again = furnished.template(kind, office=office)
    unchanged = furnished.take(again, office=office)
    assert (unchanged["new"], unchanged["changed"], unchanged["withdrawn"]) == (0, 0, 0)
    name, value = CHANGES[kind]
    row = row_of(again, kind, record)
    receipt = furnished.take(changed(again, kind, row, name, value), office=office)
    assert (receipt["new"], receipt["changed"]) == (0, 1)
    assert set(receipt["changes"][0]["fields"]) == {name.partition(".")[0]}
    assert stored(furnished, kind)["revision"] == 2


def row_of(content: bytes, kind: str, record: dict[str, Any]) -> int:
    """The row of a template that holds the record, found by its key."""
    from io import BytesIO

    from openpyxl import load_workbook

    from workbook_making import places

    sheet = load_workbook(BytesIO(content))[kind]
    at = places(sheet)
    wanted = cells_of_record(record)[0]
    keys = [name for name in KINDS[kind].key if name in wanted]
    for row in range(3, sheet.max_row + 1):
        if all(str(sheet.cell(row, at[name]).value).removesuffix(" 00:00:00") == str(wanted[name]) for name in keys):
            return row
    raise AssertionError(f"the template of {kind} lacks {[wanted[name] for name in keys]}")


def test_a_workbook_without_a_template_is_as_good(furnished: Any) -> None:
    own = workbook({"partner": [{"partner_id": "umoja", "name": "Umoja"}]}, columns={"partner": ["name", "partner_id"]})
    assert furnished.take(own)["new"] == 1
