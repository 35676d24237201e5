"""Small facts of money made by hand: a project with its grants, reports and rates, figures easy to add up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from leaving_books import copy_of
from muster_report.book import Book, Table, Value
from muster_report.reports import donor
from report.export_facts import facts_of, sample_records

__all__ = ["a_grant", "a_project", "a_rate", "a_report", "explained_numbers", "facts_of", "people", "sample_records"]


def a_project(code: str = "KEN-2016-01", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "project",
        "project_code": code,
        "title": f"Shelter {code}",
        "office": code[:3],
        "start": "2016-01-01",
        "end": "2016-12-31",
        "budget": {"amount": "1000", "currency": "USD"},
        "areas": [{"code": "migration_health", "percent": 100}],
        "activities": [{"code": "training", "percent": 100}],
        "gender_marker": 2,
        "targets": [],
        "milestones": [],
        "status": "active",
        **fields,
    }


def a_grant(grant_id: str = "KEN-2016-01-G1", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "grant",
        "grant_id": grant_id,
        "donor_id": "fund",
        "project_code": grant_id[:11],
        "amount": "1000",
        "currency": "USD",
        "status": "received",
        "signed": "2016-01-15",
        "start": "2016-01-01",
        "end": "2016-12-31",
        "reporting_rules": [
            {"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-07-31"},
            {"type": "final", "period_start": "2016-01-01", "period_end": "2016-12-31", "due": "2017-02-28"},
        ],
        **fields,
    }


def a_report(grant_id: str = "KEN-2016-01-G1", amount: str = "400", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "progress_report",
        "project_code": grant_id[:11],
        "grant_id": grant_id,
        "type": "interim",
        "period_start": "2016-01-01",
        "period_end": "2016-06-30",
        "submitted_on": "2016-07-20",
        "expenditure": {"amount": amount, "currency": "USD"},
        "donor_status": "sent",
        **fields,
    }


def a_rate(currency: str, month: str, usd_rate: str) -> dict[str, Any]:
    return {"kind": "exchange_rate", "currency": currency, "month": month, "usd_rate": usd_rate, "source": "by hand"}


def people(count: int, sex: str = "female", group: str = "returnees", **ages: int) -> dict[str, Any]:
    return {"group": group, "sex": sex, "count": count, **ages}


def tables(book: Book) -> Iterator[tuple[str, Table]]:
    for sheet in book.sheets:
        yield from ((sheet.name, block) for block in sheet.blocks if isinstance(block, Table))


def explained_numbers(book: Book) -> Iterator[tuple[str, Value, Decimal]]:
    """Every number of every table, with the sum of its parts."""
    for sheet, table in tables(book):
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if isinstance(value, int | Decimal):
                    parts = table.parts(row.key, column.key) if table.parts else ()
                    place = f"{sheet}/{table.key}/{row.key}/{column.key}"
                    yield place, value, sum((Decimal(part.value) for part in parts), Decimal(0))


def cell(book: Book, table: str, row: str, column: str) -> Value:
    """What stands in a table of the book."""
    found = next(block for _, block in tables(book) if block.key == table)
    at = [c.key for c in found.columns].index(column)
    return next(r.cells[at] for r in found.rows if r.key == row)


def alerts(book: Book) -> str:
    """The alerts of the first sheet."""
    return "\n".join(b.text for b in book.sheets[0].blocks if getattr(b, "tone", "") == "alert")  # type: ignore[union-attr]


DONOR = {"kind": "donor", "donor_id": "fund", "name": "Example Fund"}
KENYA = {"kind": "office", "office": "KEN", "name": "Kenya", "region": "east_horn_of_africa", "type": "country"}
DONORS = ("example-alpine-directorate", "example-development-fund", "example-population-bureau")


def donor_book(*records: dict[str, Any], until: str = "2016-11-30", copy: str = "internal", lang: str = "en") -> Book:
    """What one donor is told of these records."""
    facts = facts_of([DONOR, KENYA, *records])
    return copy_of(donor.REPORT, facts, {"donor_id": "fund", "until": until, "copy": copy, "lang": lang})
