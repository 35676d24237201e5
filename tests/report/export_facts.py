"""Facts made of records as they are sent, those of the illustrative portfolio with its offices, and their IATI file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # publishes no types

import factories
from muster_cli import sample
from muster_report.exports.iati import iati_activities
from muster_report.exports.iati_activity import Publisher
from muster_report.exports.projects import projects_of, register_of
from muster_report.facts import Fact, Facts
from report.published_facts import BEGIN, rows, submission

Record = dict[str, Any]
OFFICE = ("office", "type", "name", "region", "iso3")
HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
KENYA = factories.office("KEN", iso3="KEN")
KEYS = {
    "office": ("office",),
    "donor": ("donor_id",),
    "partner": ("partner_id",),
    "partnership": ("partnership_id",),
    "project": ("project_code",),
    "grant": ("grant_id",),
    "progress_report": ("project_code", "grant_id", "type", "period_start", "period_end"),
    "extension": ("project_code", "requested_on"),
    "exchange_rate": ("currency", "month"),
}


def fact_of(record: Mapping[str, Any], position: int) -> Fact:
    fields = {name: value for name, value in record.items() if name not in {"kind", "action"}}
    key = "/".join(str(fields.get(name)) for name in KEYS[record["kind"]])
    at = BEGIN + timedelta(minutes=position)
    return Fact(record["kind"], key, 1, "HQ", position, at, fields, submission("HQ", 1, BEGIN))


def facts_of(records: Iterable[Mapping[str, Any]]) -> Facts:
    return Facts.of(fact_of(record, position) for position, record in enumerate(records, start=1))


def sample_records() -> Iterator[Record]:
    for path in sample.portfolio():
        for envelope in json.loads(path.read_text(encoding="utf-8")):
            yield from envelope["records"]
    for row in rows("offices"):
        yield {"kind": "office", **{name: row[name] or None for name in OFFICE}}


def project(**changes: Any) -> Record:
    return factories.project(**{"status": "active", **changes})


def exported(facts: Facts, as_of: datetime = HOME, publisher: Publisher | None = None) -> bytes:
    pieces = iati_activities(projects_of(facts), register_of(facts), as_of=as_of, publisher=publisher)
    return b"".join(pieces)


def activity(*records: Mapping[str, Any], as_of: datetime = HOME) -> Any:
    """The one activity of a portfolio of one project."""
    (found,) = etree.fromstring(exported(facts_of(records), as_of))
    return found


def report_of(start: str, end: str, amount: str, **changes: Any) -> Record:
    period = {"period_start": start, "period_end": end, "submitted_on": "2016-11-01"}
    return factories.progress_report(**period, expenditure={"amount": amount, "currency": "USD"}, **changes)
