"""A prepared statement on a connection of its own, asked without waiting for its answer."""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import psycopg.errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection

_PREPARED: Final = b"SELECT FROM pg_prepared_statements WHERE name = $1"
_WELL: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class AskedAhead:
    """Asks the database, and takes the answer when somebody looks at it: one at a time.

    SQLAlchemy and psycopg's cursors wait for each answer, so this is what psycopg itself speaks through. The
    connection is one that commits each statement by itself.

    Raises:
        psycopg.Error: the statement is not one that the database can prepare.
    """

    def __init__(self, connection: Connection, name: str, statement: str) -> None:
        self._wire = _wire(connection)
        self._name = name.encode()
        self.is_under_way = False
        if self._wire.exec_params(_PREPARED, [self._name]).ntuples:  # by whoever had the connection before
            return
        if error := _error(self._wire.prepare(self._name, statement.encode())):
            raise error

    def ask(self, values: Sequence[str]) -> None:
        """Send the values of ``$1``, ``$2`` and so on; the answer to those before is taken first, if nobody did.

        Raises:
            psycopg.Error: the connection is lost, or what was asked before failed.
        """
        if self.is_under_way:
            self.answer()
        self._wire.send_query_prepared(self._name, [value.encode() for value in values])
        self.is_under_way = True
        while self._wire.flush():
            select.select([], [self._wire.socket], [])

    def answer(self) -> int:
        """Wait for the answer: how many rows it has.

        Raises:
            psycopg.Error: the statement failed, or the connection is lost.
        """
        self.is_under_way = False
        results = list(self._results())
        for error in filter(None, map(_error, results)):
            raise error
        return sum(result.ntuples for result in results)

    def drop(self) -> None:
        """Wait for an answer that nobody took: with it under way the connection is of no use to anybody else."""
        if self.is_under_way:
            with suppress(psycopg.Error):
                self.answer()

    def _results(self) -> Iterator[PGresult]:
        while True:
            while self._wire.is_busy():
                select.select([self._wire.socket], [], [])
                self._wire.consume_input()
            result = self._wire.get_result()
            if result is None:
                return
            yield result


def _wire(connection: Connection) -> PGconn:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the database is spoken to by psycopg")
    return driver.pgconn


def _error(result: PGresult) -> psycopg.Error | None:
    return None if result.status in _WELL else psycopg.errors.error_from_result(result)
