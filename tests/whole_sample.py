"""The whole sample data as report knows it, and the workbooks the demo makes of it: nine reports, no service."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from muster_cli import sample
from muster_cli.demo import WORKBOOKS
from muster_cli.submission_files import sendings
from muster_ingest.kinds import KINDS
from muster_report.facts import Fact, Facts, Submission

BEGIN: Final = datetime(2016, 11, 30, 8, tzinfo=UTC)
ASKED: Final[Mapping[str, Mapping[str, str]]] = {key: params for _, key, params in WORKBOOKS}
COPIES: Final = ("internal", "donor", "public")


@dataclass(slots=True)
class _Sent:
    """What was sent so far, as ingest would keep it."""

    kept: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def fields(self, kind: str, key: str) -> Mapping[str, Any] | None:
        return self.kept.get((kind, key))

    def grants_of(self, project_code: str) -> tuple[str, ...]:
        grants = (fields for (kind, _), fields in self.kept.items() if kind == "grant")
        return tuple(fields["grant_id"] for fields in grants if fields["project_code"] == project_code)


@cache
def whole_sample() -> Facts:
    """Every record of the sample data, in the canonical form that ingest gives it."""
    return accepted((sending.office, sending.body["records"]) for sending in sendings(sample.files()))


def accepted(submissions: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> Facts:
    """What holds after submissions (office, records), each record right: the last revision of each."""
    return Facts.of(_facts(submissions))


def _facts(submissions: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> Iterator[Fact]:
    sent, numbers, position = _Sent(), dict[str, int](), 0
    for office, records in submissions:
        numbers[office] = numbers.get(office, 0) + 1
        receipt = f"{office}-{numbers[office]:06}"
        submission = Submission(receipt, office, BEGIN, hashlib.sha256(receipt.encode()).hexdigest(), f"s-{receipt}")
        for record in records:
            position += 1
            yield _fact(record, sent, position, submission)


def _fact(record: Mapping[str, Any], sent: _Sent, position: int, submission: Submission) -> Fact:
    kind = KINDS[record["kind"]]
    stated = {name: value for name, value in record.items() if name not in {"kind", "action"}}
    fields = kind.fill(kind.schema.load(stated), sent)
    key = kind.key_of(fields)
    sent.kept[kind.name, key] = fields
    at = BEGIN + timedelta(microseconds=position)
    return Fact(kind.name, key, 1, submission.office, position, at, fields, submission)
