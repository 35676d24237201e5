"""Facts made of the published sample: each row of its CSV files is one record, each file one submission."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from muster_report.facts import Fact, Facts, Submission

BEGIN = datetime(2015, 11, 20, 8, 0, tzinfo=UTC)
LISTS = {"countries", "aliases", "weekend"}
NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    "office": ("office",),
    "partner": ("partner_id",),
    "partnership": ("partnership_id",),
    "funding_requirement": ("year", "office", "area"),
    "initiative": ("year", "slug"),
    "published_total": ("report", "year", "table", "region", "area"),
}
SOURCES = {
    "office": "offices",
    "partner": "partners",
    "partnership": "partnerships",
    "funding_requirement": "funding_requirements_2016",
    "initiative": "initiatives_2016",
    "published_total": "published_totals_2016",
}


def rows(name: str) -> list[dict[str, str]]:
    """Rows of one published file."""
    path = files("muster_cli") / "sample" / "published" / f"{name}.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def submission(office: str, number: int, received_at: datetime) -> Submission:
    receipt = f"{office}-{number:06}"
    return Submission(receipt, office, received_at, hashlib.sha256(receipt.encode()).hexdigest(), f"s-{receipt}")


def a_fact(kind: str, fields: Mapping[str, Any], *, position: int = 1, office: str = "HQ", number: int = 1) -> Fact:
    """One record as of one position, received one minute after the one before it."""
    at = BEGIN + timedelta(minutes=position)
    key = "/".join(str(fields[name]) for name in NATURAL_KEYS[kind])
    return Fact(kind, key, 1, office, position, at, fields, submission(office, number, at))


def published(*kinds: str) -> list[Fact]:
    """The facts of these kinds (all where none is named), in the order of the published files."""
    return list(_published(kinds or tuple(SOURCES)))


def published_facts(*kinds: str) -> Facts:
    return Facts.of(published(*kinds))


def with_change(facts: list[Fact], key: str, **fields: Any) -> Facts:
    """The facts with one record changed by a later submission of its office."""
    latest = max(fact.position for fact in facts) + 1
    return Facts.of(_changed(fact, latest, fields) if fact.key == key else fact for fact in facts)


def without(facts: list[Fact], wanted: Callable[[Fact], bool]) -> Facts:
    return Facts.of(fact for fact in facts if not wanted(fact))


def _changed(fact: Fact, position: int, fields: Mapping[str, Any]) -> Fact:
    at = BEGIN + timedelta(minutes=position)
    return replace(
        fact,
        revision=fact.revision + 1,
        position=position,
        occurred_at=at,
        fields={**fact.fields, **fields},
        submission=submission(fact.office, 2, at),
    )


def _published(kinds: tuple[str, ...]) -> Iterator[Fact]:
    for number, (kind, name) in enumerate(SOURCES.items(), start=1):
        received = submission("HQ", number, BEGIN)
        for position, row in enumerate(rows(name), start=number * 10_000):
            if kind in kinds:
                yield replace(a_fact(kind, _fields(row), position=position), submission=received)


def _fields(row: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(name, text) for name, text in row.items() if name not in {"line"}}


def _value(name: str, text: str) -> Any:
    if name in LISTS:
        return text.split(";") if text else []
    if name in {"year", "people_reached"}:
        return int(text) if text else None
    return text or None
