"""Statements that are written out, and run as they stand in the transaction of a session.

SQLAlchemy does several times as much around a small statement as sending it takes. The few that every submission runs
go past that, and keep what matters of it: errors are SQLAlchemy's, a connection that is lost leaves the pool, a
statement that takes long is noted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from muster_shared import slow_statements

Row = tuple[Any, ...]


def run(session: Session, statement: str, given: Mapping[str, Any]) -> list[Row]:
    """The rows that a statement returns; its values stand as ``%(name)s``.

    Raises:
        sqlalchemy.exc.DBAPIError: as of any statement of the session.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    began = time.perf_counter()
    try:
        rows: list[Row] = driver.execute(statement, given, prepare=True).fetchall()
    except psycopg.Error as error:
        # what SQLAlchemy does with an error of its own statements: tell the listeners, give up what is lost, raise
        connection._handle_dbapi_exception(error, statement, None, None, None)
        raise
    slow_statements.took(connection.engine, statement, time.perf_counter() - began)
    return rows
