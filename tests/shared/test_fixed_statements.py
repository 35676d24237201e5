"""Statements that go past SQLAlchemy fail as its own do, and lost connections are found out without asking."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from muster_shared import slow_statements
from muster_shared.context import Context
from muster_shared.db import Patience, engine_for, sessions_for
from muster_shared.fixed_statements import run

END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture
def context(open_context: Callable[[str], Context]) -> Context:
    return open_context("ingest")


def end_the_others(context: Context) -> int:
    engine = engine_for(context.settings.database_url("ingest"))
    with engine.connect() as connection:
        ended = len(connection.execute(text(END_THE_OTHERS)).all())
    engine.dispose()
    return ended


def test_its_rows_come_as_they_are_and_its_work_is_that_of_the_session(context: Context) -> None:
    with context.sessions() as session:
        assert run(session, "INSERT INTO office_counter VALUES (%(office)s, 7) RETURNING last", {"office": "KEN"}) == [
            (7,)
        ]
        session.rollback()
        assert run(session, "SELECT last FROM office_counter", {}) == []


def test_an_error_is_one_of_sqlalchemy_and_the_session_can_go_on(context: Context) -> None:
    with context.sessions() as session:
        with pytest.raises(DataError, match="division by zero"):
            run(session, "SELECT 1 / %(by)s", {"by": 0})
        session.rollback()
        assert run(session, "SELECT 1", {}) == [(1,)]


def test_a_slow_one_is_noted(context: Context) -> None:
    engine = engine_for(context.settings.database_url("ingest"), Patience(slow=0.05))
    with sessions_for(engine)() as session:
        run(session, "SELECT pg_sleep(0.06)", {})
        run(session, "SELECT 1", {})
    assert slow_statements.noted(engine) == 1
    engine.dispose()


def test_a_connection_that_is_lost_in_between_says_so_as_any_statement_does(context: Context) -> None:
    with context.sessions() as session:
        run(session, "SELECT 1", {})
        assert end_the_others(context) == 1
        with pytest.raises(OperationalError) as lost:
            run(session, "SELECT 1", {})
        assert lost.value.connection_invalidated


def test_connections_that_the_server_ended_while_they_rested_are_not_given_out(context: Context) -> None:
    with context.engine.connect() as one, context.engine.connect() as two:
        one.execute(text("SELECT 1"))
        two.execute(text("SELECT 1"))
    assert end_the_others(context) == 2
    for _ in range(3):
        with context.sessions() as session:
            assert run(session, "SELECT 1", {}) == [(1,)]
