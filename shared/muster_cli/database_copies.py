"""A database as rows: every table read out in one snapshot, and read back into an empty database.

The schema is not copied: it is what the migrations make. So a backup made on one version of PostgreSQL can be
restored on another, and nothing has to be installed for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

import psycopg
from psycopg import sql

_TABLES: Final = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    GROUP BY c.relname ORDER BY c.relname
"""
_REFERENCES: Final = """
    SELECT own.relname, other.relname FROM pg_constraint f
    JOIN pg_class own ON own.oid = f.conrelid JOIN pg_class other ON other.oid = f.confrelid
    WHERE f.contype = 'f' AND f.conrelid <> f.confrelid AND f.connamespace = 'public'::regnamespace
"""
_SEQUENCES: Final = "SELECT sequencename::text, last_value FROM pg_sequences WHERE schemaname = 'public'"
_STATE: Final = "single"  # the column of tables of one row, which a migration puts in


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that are kept of it; generated ones come out again by themselves."""

    name: str
    columns: tuple[str, ...]

    def copied(self, direction: str) -> sql.Composed:
        """``COPY table (columns) TO STDOUT`` or ``FROM STDIN``."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        name = sql.Identifier(self.name)
        return sql.SQL("COPY {} ({}) ").format(name, columns) + sql.SQL(direction)


def connect(url: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """A connection to a database by its SQLAlchemy URL; statements may take any time.

    Raises:
        psycopg.OperationalError: the server does not answer.
    """
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    told = "-c timezone=UTC -c statement_timeout=0 -c lock_timeout=0"
    return psycopg.connect(plain, connect_timeout=5, application_name="muster", options=told, autocommit=autocommit)


@contextmanager
def snapshot(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the database as it was at one moment, now, however long it reads."""
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("SELECT 1")  # the snapshot is taken with the first statement
        yield connection


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every table but the one that migrations are noted in, so that what is referred to comes first."""
    columns = {name: tuple(names) for name, names in connection.execute(_TABLES)}
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(columns, ()))
    for name, other in connection.execute(_REFERENCES):
        order.add(name, other)
    return [Table(name, columns[name]) for name in order.static_order() if name in columns]


def rows_of(connection: psycopg.Connection[Any], table: Table) -> Iterator[bytes]:
    """A table's rows in PostgreSQL's text format, piece by piece."""
    with connection.cursor() as cursor, cursor.copy(table.copied("TO STDOUT")) as copy:
        yield from map(bytes, copy)


def sequences(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The last number of every sequence that gave one."""
    return {name: last for name, last in connection.execute(_SEQUENCES) if last is not None}


def filled(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables that hold rows; those of one row, which a migration puts in, do not count."""
    with_rows = []
    for table in tables(connection):
        any_row = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table.name))
        if _STATE not in table.columns and _one(connection, any_row):
            with_rows.append(table.name)
    return sorted(with_rows)


def clear_states(connection: psycopg.Connection[Any], named: Iterable[Table]) -> None:
    """Take out the one row of each table of one row."""
    for table in named:
        if _STATE in table.columns:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))


def fill(connection: psycopg.Connection[Any], table: Table, pieces: Iterable[bytes]) -> int:
    """Read rows into a table; returns how many."""
    with connection.cursor() as cursor:
        with cursor.copy(table.copied("FROM STDIN")) as copy:
            for piece in pieces:
                copy.write(piece)
        return cursor.rowcount


def count_on(connection: psycopg.Connection[Any], last: Mapping[str, int]) -> None:
    """Let sequences go on after their last number."""
    for name, number in last.items():
        connection.execute("SELECT setval(to_regclass(quote_ident(%s)), %s)", (name, number))


def strings(connection: psycopg.Connection[Any], queries: Sequence[str]) -> set[str]:
    """The texts that queries of one column find; no empty ones."""
    return {str(row[0]) for query in queries for row in connection.execute(query.encode()) if row[0]}


def _one(connection: psycopg.Connection[Any], query: sql.Composed) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
