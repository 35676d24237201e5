"""A change log of any length in ingest's own database, copied in: what accepting submissions would have left there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg

from bench.large_portfolio import Record, key_of
from bench.report_database import BEGIN, OF_A_SUBMISSION

_NAMES: Final = UUID("8f0d2f6a-3a06-4f0c-8a6c-6f2f6d0b6f5e")
_AT_ONCE: Final = 20_000
_SUBMISSION: Final = (
    *("submission_id", "receipt", "office", "status", "received_at", "caller", "sha256", "size"),
    *("content_type", "http_status", "document"),
)
_REVISION: Final = (
    *("position", "kind", "key", "revision", "action", "office", "fields", "occurred_at", "actor"),
    *("submission_id", "pointer"),
)
_RECORD: Final = ("kind", "key", "revision", "office", "withdrawn", "fields")
_MANY: Final = """
SET synchronous_commit = off;
DROP INDEX record_fields;
INSERT INTO submission (submission_id, receipt, office, status, received_at, caller, sha256, size, content_type,
    http_status, document)
SELECT md5('many' || n)::uuid, 'MANY-' || n, 'HQ', 'accepted', now(), 'bench', md5(n::text), 1, 'application/json', 201,
    '{{}}' FROM generate_series(0, {count} / 1000) n;
INSERT INTO record (kind, key, revision, office, withdrawn, fields)
SELECT 'indicator_value', 'Remittances/Place ' || n || '/2016', 1, 'HQ', false, jsonb_build_object('indicator',
    'Remittances', 'place', 'Place ' || n, 'period', '2016', 'value', n::text, 'unit', 'USD', 'source', 'made up')
FROM generate_series(1, {count}) n;
INSERT INTO revision (position, kind, key, revision, action, office, fields, occurred_at, actor, submission_id, pointer)
SELECT (SELECT last FROM change_log) + row_number() OVER (), kind, key, 1, 'upsert', office, fields, now(), 'bench',
    md5('many' || row_number() OVER () / 1000)::uuid, '/records/0'
FROM record WHERE kind = 'indicator_value';
UPDATE change_log SET last = (SELECT max(position) FROM revision);
CREATE INDEX record_fields ON record USING gin (fields jsonb_path_ops);
SET synchronous_commit = on;
"""


def fill(connection: psycopg.Connection[Any], records: Iterable[Record]) -> int:
    """Add records that are not there yet, in submissions of some hundreds; the log's last position afterwards."""
    row = connection.execute("SELECT last FROM change_log").fetchone()
    last: int = row[0] if row else 0
    given = iter(records)
    while batch := list(islice(given, _AT_ONCE)):
        _copy(connection, batch, last)
        last += len(batch)
    connection.execute("UPDATE change_log SET last = %s", [last])
    return last


def fill_with_many(connection: psycopg.Connection[Any], count: int) -> None:
    """Add so many values of indicators, made in the database itself, and do what such a load leaves to be done."""
    connection.execute(_MANY.format(count=count).encode())
    for statement in ("VACUUM ANALYZE record", "VACUUM ANALYZE revision", "VACUUM ANALYZE submission", "CHECKPOINT"):
        connection.execute(statement.encode())


def _copy(connection: psycopg.Connection[Any], batch: list[Record], last: int) -> None:
    numbers = range(last // OF_A_SUBMISSION, (last + len(batch)) // OF_A_SUBMISSION + 1)
    placed = list(enumerate(batch, start=last + 1))
    _rows(connection, "submission", _SUBMISSION, (_submission(number) for number in numbers))
    _rows(connection, "revision", _REVISION, (_revision(record, position) for position, record in placed))
    _rows(connection, "record", _RECORD, (_record(record) for record in batch))


def _rows(connection: psycopg.Connection[Any], table: str, names: tuple[str, ...], rows: Iterator[list[Any]]) -> None:
    """COPY into a table; what stands already stays as it is."""
    columns = ", ".join(names)
    alike = f"CREATE TEMP TABLE coming AS SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608 - our own names
    connection.execute(alike.encode())
    with connection.cursor().copy(f"COPY coming ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    moved = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM coming ON CONFLICT DO NOTHING"  # noqa: S608
    connection.execute(moved.encode())
    connection.execute("DROP TABLE coming")


def _submission(number: int) -> list[Any]:
    sha256 = f"{number:064x}"
    identity = uuid5(_NAMES, str(number))
    return [identity, f"HQ-{number:06}", "HQ", "accepted", BEGIN, "bench", sha256, 1, "application/json", 201, "{}"]


def _revision(record: Record, position: int) -> list[Any]:
    identity = uuid5(_NAMES, str(position // OF_A_SUBMISSION))
    place = f"/records/{position % OF_A_SUBMISSION}"
    told = [record["kind"], key_of(record), 1, "upsert", record.get("office", "HQ"), _fields(record)]
    return [position, *told, BEGIN, "bench", identity, place]


def _record(record: Record) -> list[Any]:
    return [record["kind"], key_of(record), 1, record.get("office", "HQ"), False, _fields(record)]


def _fields(record: Record) -> str:
    return json.dumps({name: value for name, value in record.items() if name != "kind"})
