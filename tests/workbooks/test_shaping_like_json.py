"""What a sheet says becomes the same record as the same said in JSON, by the short way and by the long one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from every_kind import RECORDS
from muster_ingest.drafts import Draft, Drafts
from muster_ingest.envelope import open_envelope
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.numbers import Number, Whole
from muster_ingest.reading import read_json
from muster_ingest.workbooks import headers
from muster_ingest.workbooks.columns import columns_of, rows_of
from muster_ingest.workbooks.shaping import Shaper
from muster_shared.problems import DataError


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A record of any kind, some of its optional fields and list entries left out."""
    record = dict(RECORDS[draw(st.sampled_from(sorted(RECORDS)))])
    schema = KINDS[record["kind"]].schema.fields
    optional = sorted(name for name in record if name in schema and not schema[name].required)
    for name in draw(st.sets(st.sampled_from(optional))) if optional else ():
        del record[name]
    for name, value in record.items():
        if isinstance(value, list) and value and isinstance(value[0], dict) and name not in ("areas", "activities"):
            record[name] = value[: draw(st.integers(1, len(value)))]
    return record


def from_json(record: dict[str, Any]) -> Draft:
    envelope = open_envelope(read_json(json.dumps({"office": "KEN", "records": [record]}).encode()))
    assert envelope.errors == []
    return envelope.drafts[0]


def from_sheet(kind: str, rows: list[dict[str, str]], *, long_way: bool) -> tuple[list[Draft], list[DataError]]:
    names = [column.name for column in columns_of(kind)]
    sheet = [[1, *(f"s{name}" for name in names)]]
    sheet += [[number, *(row.get(name, "") for name in names)] for number, row in enumerate(rows, start=2)]
    found = headers.find(KINDS[kind], 0, kind, sheet)
    drafts, errors = Drafts(), list[DataError]()
    shaper = Shaper(found.grid, drafts, errors.append, named_columns=frozenset(found.named_columns))
    if long_way:
        shaper._plain._usable = False
    shaper.feed(sheet)
    shaper.end()
    return list(drafts), [*found.errors, *errors]


def typed(kind: str, row: dict[str, Any]) -> dict[str, str]:
    fields = {column.name: column.field for column in columns_of(kind)}
    return {name: _letter(fields[name]) + str(value) for name, value in row.items()}


def _letter(field: Any) -> str:
    return "D" if isinstance(field, Day) else "n" if isinstance(field, Whole | Number) else "s"


@given(records())
def test_a_sheet_says_what_json_says(record: dict[str, Any]) -> None:
    told = from_json(record)
    rows = [typed(record["kind"], row) for row in rows_of(record["kind"], told.fields)]
    [short], errors = from_sheet(record["kind"], rows, long_way=False)
    [long], _ = from_sheet(record["kind"], rows, long_way=True)
    assert errors == []
    assert short.fields == long.fields == told.fields
    assert (short.action, short.base_revision, short.kept, short.wrong) == ("upsert", None, (), frozenset())
    assert (long.kind, long.action, long.wrong) == (told.kind, told.action, told.wrong)


@settings(max_examples=50)
@given(records(), st.data())
def test_a_blank_required_cell_is_named_by_either_way(record: dict[str, Any], data: st.DataObject) -> None:
    kind = record["kind"]
    [*rows] = [typed(kind, row) for row in rows_of(kind, from_json(record).fields)]
    required = [column.name for column in columns_of(kind) if column.required and column.name in rows[0]]
    name = data.draw(st.sampled_from(required))
    del rows[0][name]
    for long_way in (False, True):
        _, errors = from_sheet(kind, rows, long_way=long_way)
        assert name in {error.field for error in errors} or kind == "grant", (name, errors)


@pytest.mark.parametrize("long_way", [False, True])
def test_a_record_stands_where_its_rows_are(*, long_way: bool) -> None:
    fields = from_json(RECORDS["project"]).fields
    [draft], _ = from_sheet("project", [typed("project", row) for row in rows_of("project", fields)], long_way=long_way)
    assert draft.place.source() == {
        "sheet": 0,
        "row": 2,
        "entry_rows": {"areas": [2, 3], "activities": [2, 3], "targets": [2, 3, 4], "milestones": [2, 3]},
    }
    assert draft.place.error(("targets", 2, "count"), "x", "x").cell == "W4"
