"""A change that is as it should be is read without the schema, and read the same; the schema has all others."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from muster_shared import changelog

PAGE = json.loads((Path(__file__).parents[1] / "contracts" / "v1" / "change_log_page.json").read_text())
CHANGE = PAGE["items"][0]
SOURCE = ("submission_id", "sha256", "received_at", "pointer", "sheet", "row", "cells")
ODD: tuple[Any, ...] = (
    None,
    7,
    7.5,
    True,
    "",
    "text",
    "7",
    "2016-11-30",
    "2016-11-30T08:00:00",
    "2016-11-30T08:00:00+03:00",
    [],
    {},
)


def by_schema(item: Any) -> Any:
    """What the schema makes of it, or None where it refuses."""
    try:
        return changelog._CHANGE.load(item)
    except ValidationError:
        return None


def test_what_ingest_writes_is_read_plainly_and_as_the_schema_reads_it() -> None:
    for item in PAGE["items"]:
        assert changelog._plainly(item) == by_schema(item) is not None


def odd_ones() -> list[tuple[str, str]]:
    return [("", name) for name in CHANGE] + [("source", name) for name in SOURCE]


@pytest.mark.parametrize(("place", "name"), odd_ones())
def test_what_is_read_plainly_is_what_the_schema_reads(place: str, name: str) -> None:
    for odd in ODD:
        item = deepcopy(CHANGE)
        (item[place] if place else item)[name] = odd
        plain = changelog._plainly(item)
        assert plain is None or plain == by_schema(item)


@pytest.mark.parametrize(("place", "name"), odd_ones())
def test_what_is_left_out_is_read_as_by_the_schema(place: str, name: str) -> None:
    item = deepcopy(CHANGE)
    (item[place] if place else item).pop(name, None)
    plain = changelog._plainly(item)
    assert plain is None or plain == by_schema(item)
