"""``python -m upgrades.keep``: what this version holds after a small story, as SQL for the tests of later versions.

Writes a folder beside itself, named by the newest migrations of ingest, report and notify, a file of each in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from muster_cli.database_copies import Table, sequences, tables
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.valkey import Valkey
from muster_shared.migrations_known import held, known
from muster_shared.settings import SERVICES
from whole_instance import Whole, close

KEPT: Final = Path(__file__).parent


def main() -> None:
    """Tell the story on servers of its own, and keep what it leaves.

    Raises:
        FileExistsError: these migrations have their folder already.
    """
    with tempfile.TemporaryDirectory(prefix="muster-keep-") as named:
        folder = Path(named)
        with Postgres(folder / "postgres") as server, Valkey(folder / "valkey") as broker:
            close(Whole.begun(folder, broker.url(), lambda service: _database(server, service)).contexts)
            kept = folder_of_now()
            kept.mkdir()
            for service in SERVICES:
                with server.connect(service) as connection:
                    told = "\n".join(_statements(service, connection))
                    (kept / f"{service}.sql").write_text(f"{told}\n")


def folder_of_now() -> Path:
    """Where what this version holds is kept."""
    return KEPT / "-".join(known(f"muster_{service}")[-1] for service in SERVICES)


def _database(server: Postgres, service: str) -> str:
    server.create_databases([service])
    migrate(f"muster_{service}", server.url(service))
    return server.url(service)


def _statements(service: str, connection: psycopg.Connection[Any]) -> Iterator[str]:
    yield f"-- What {service} held at migration {held(connection)} after the story of whole_instance.py."
    there = tables(connection)
    emptied = (sql.SQL("DELETE FROM {};").format(sql.Identifier(table.name)) for table in reversed(there))
    yield from (each.as_string(connection) for each in emptied)  # of what the migrations put in
    for table in there:
        yield from _inserted(connection, table)
    yield from (f"SELECT setval('{name}', {last});" for name, last in sequences(connection).items())


def _inserted(connection: psycopg.Connection[Any], table: Table) -> Iterator[str]:
    """One statement for each row, its values as the texts that PostgreSQL reads."""
    names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    quoted = sql.SQL(", ").join(
        sql.SQL("coalesce(quote_literal({}::text), 'NULL')").format(sql.Identifier(name)) for name in table.columns
    )
    name = sql.Identifier(table.name)
    rows = sql.SQL("SELECT concat_ws(', ', {}) AS told FROM {} ORDER BY told").format(quoted, name)
    into = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES").format(name, names)
    for (told,) in connection.execute(rows):
        yield f"{into.as_string(connection)} ({told});"


if __name__ == "__main__":
    main()
