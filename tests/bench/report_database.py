"""A report service on a database of its own, its facts copied in: what following the log would have left there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.large_portfolio import Record, key_of
from muster_report.applying import row_of
from muster_shared.changelog import Change, Source
from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

BEGIN: Final = datetime(2019, 12, 31, 8, tzinfo=UTC)
SECRET: Final = "a secret of the bench that is long enough"
OF_A_SUBMISSION: Final = 500
_COLUMNS: Final = (
    *("position", "kind", "key", "revision", "action", "office", "occurred_at", "fields", "receipt"),
    *("submission_id", "sha256", "received_at", "source"),
)


@dataclass(frozen=True, slots=True)
class Databases:
    """A server and a folder; each portfolio gets a database on it."""

    server: Postgres
    folder: Path

    def filled(self, name: str, records: Iterable[Record]) -> Context:
        """A report service that has followed a log of these records."""
        self.server.create_databases([name])
        url = self.server.url(name)
        migrate("muster_report", url)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            _fill(connection, records)
        return Context.open("report", self.settings(name))

    def settings(self, name: str) -> Settings:
        """The settings of a service on that database; nobody listens where its broker should be."""
        told = Settings(data_dir=self.folder / name, secret_key=SECRET, redis_url="redis://127.0.0.1:9", clock=BEGIN)
        told.data_dir.mkdir(exist_ok=True)
        return replace(told, report_database_url=self.server.url(name))


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """A server of PostgreSQL in a folder, until the block ends."""
    with Postgres(folder / "postgres") as server:
        yield Databases(server, folder)


def change_of(record: Record, position: int, revision: int = 1) -> Change:
    """A record as the change log tells it; each 500 came in one submission."""
    submission = (position - 1) // OF_A_SUBMISSION + 1
    at = BEGIN + timedelta(seconds=submission)
    return Change(
        position=position,
        kind=record["kind"],
        key=key_of(record),
        revision=revision,
        action="upsert",
        office=record.get("office", "HQ"),
        receipt=f"HQ-{submission:06}",
        occurred_at=at,
        fields={name: value for name, value in record.items() if name != "kind"},
        source=Source(f"submission-{submission}", f"{submission:064x}", at),
    )


def _fill(connection: psycopg.Connection[Any], records: Iterable[Record]) -> None:
    position = 0
    with connection.cursor().copy(f"COPY fact ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for position, record in enumerate(records, start=1):
            row = row_of(change_of(record, position))
            copy.write_row([json.dumps(row[name]) if name in {"fields", "source"} else row[name] for name in _COLUMNS])
    connection.execute("UPDATE cursor SET epoch = 'bench', position = %s", [position])
    connection.execute("ANALYZE fact")
