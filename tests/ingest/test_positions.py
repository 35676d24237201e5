"""Why positions are given after commit: a reader follows the log while some are slow to commit.

The scenario runs twice: as Muster does it, and with positions taken at insert time, which it must catch. A
commit is slow because a trigger at its end waits for a lock that the test holds; nothing is left to luck.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

import factories
from muster_ingest import queries, usecases
from muster_shared.auth import Caller
from muster_shared.context import Context

SLOW = ("MUS", "SYC", "COM", "MDG")
FAST = ("KEN", "UGA", "TZA", "ETH", "SOM", "SDN", "RWA", "BDI", "DJI", "ERI", "SSD", "MWI")
OFFICES = (*SLOW, *FAST)
AREAS = ("migration_health", "migrant_assistance", "immigration_border_management", "multiregional")
HELD = 4711
ADMIN = Caller(name="admin@example.org", role="admin")
SLOW_COMMIT = f"""
    CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared({HELD}); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON revision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.office = ANY (ARRAY{list(SLOW)})) EXECUTE FUNCTION slow_commit()
"""
SLOW_BY_CHANCE = """
    DROP TRIGGER slow_commit ON revision;
    CREATE OR REPLACE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep((hashint8(NEW.change_id + {seed}) & 31) / 1000.0); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON revision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION slow_commit()
"""
AT_INSERT_TIME = """
    CREATE SEQUENCE position;
    SELECT setval('position', (SELECT last FROM change_log));
    ALTER TABLE revision ALTER position SET DEFAULT nextval('position');
    UPDATE change_log SET last = 9223372036854775807
"""
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE NOT granted AND locktype = 'advisory' AND objid = :held AND datname = current_database()
"""


class Reader:
    """Follows the log as report and notify do: it asks for what comes after the last position it has seen."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cursor = 0
        self.positions: list[int] = []
        self.offices: list[str] = []

    def catch_up(self) -> None:
        while page := self._page():
            self.positions += [change["position"] for change in page]
            self.offices += [change["office"] for change in page if change["kind"] == "funding_requirement"]
            self._cursor = page[-1]["position"]

    def _page(self) -> list[dict[str, Any]]:
        with self._context.sessions() as session:
            return list(queries.changes(session, after=self._cursor, limit=5)["items"])


@pytest.fixture
def context(open_context: Callable[[str], Context]) -> Context:
    """Ingest that knows sixteen offices, four of which are slow to commit from now on."""
    opened = open_context("ingest")
    _submit(opened, *(factories.office(code) for code in ("HQ", *OFFICES)), office="HQ")
    _define(opened, SLOW_COMMIT)
    return opened


def test_a_reader_misses_nothing_and_sees_nothing_twice_when_some_are_slow_to_commit(context: Context) -> None:
    reader = _follow_while_sixteen_submit(context)
    assert sorted(reader.offices) == sorted(OFFICES)
    assert reader.positions == list(range(1, len(reader.positions) + 1))


def test_the_same_reader_loses_the_slow_ones_when_positions_are_taken_at_insert_time(context: Context) -> None:
    _define(context, AT_INSERT_TIME)
    reader = _follow_while_sixteen_submit(context)
    assert sorted(reader.offices) == sorted(FAST), "only what was quick to commit"
    assert reader.positions != list(range(1, len(reader.positions) + 1)), "and the reader's state has a gap"
    begun_again = Reader(context)
    begun_again.catch_up()
    assert sorted(begun_again.offices) == sorted(OFFICES), "although all of it was committed and acknowledged"


def test_nobody_waits_for_those_who_are_slow_to_commit(context: Context) -> None:
    reader = Reader(context)
    with ThreadPoolExecutor(len(SLOW)) as offices, _slow_ones_held(context):
        told = [offices.submit(_submit_one, context, office) for office in SLOW]
        _wait_until_held(context, len(SLOW))
        _submit_one(context, "MWI")
        reader.catch_up()
        assert reader.offices == ["MWI"]
        assert not any(receipt.done() for receipt in told)
    assert all(receipt.result() for receipt in told)


@pytest.mark.parametrize("chance", range(3))
def test_a_reader_that_never_rests_sees_every_change_once(context: Context, chance: int) -> None:
    """The same without a script: sixteen write as they can, each commit as slow as it happens to be."""
    _define(context, SLOW_BY_CHANCE.format(seed=chance))
    reader = Reader(context)
    with ThreadPoolExecutor(len(OFFICES)) as offices:
        told = [offices.submit(_submit_areas, context, office) for office in OFFICES]
        while not all(receipt.done() for receipt in told):
            reader.catch_up()
    _results(told)
    reader.catch_up()
    assert Counter(reader.offices) == dict.fromkeys(OFFICES, len(AREAS))
    assert reader.positions == list(range(1, len(reader.positions) + 1))


def _follow_while_sixteen_submit(context: Context) -> Reader:
    """The slow ones insert first and commit last; the reader reads in between and at the end."""
    reader = Reader(context)
    with ThreadPoolExecutor(len(OFFICES)) as offices:
        with _slow_ones_held(context):
            slow = [offices.submit(_submit_one, context, office) for office in SLOW]
            _wait_until_held(context, len(SLOW))
            _results([offices.submit(_submit_one, context, office) for office in FAST])
            reader.catch_up()
        _results(slow)
    reader.catch_up()
    return reader


@contextmanager
def _slow_ones_held(context: Context) -> Iterator[None]:
    with context.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:held)"), {"held": HELD})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:held)"), {"held": HELD})


def _wait_until_held(context: Context, count: int) -> None:
    deadline = time.monotonic() + 30
    with context.engine.connect() as connection:
        while connection.execute(text(WAITING), {"held": HELD}).scalar_one() < count:
            assert time.monotonic() < deadline, f"{count} do not come to their commit"
            time.sleep(0.02)


def _submit_one(context: Context, office: str) -> str:
    return _submit(context, factories.requirement(office), office=office)


def _submit_areas(context: Context, office: str) -> list[str]:
    return [_submit(context, factories.requirement(office, area), office=office) for area in AREAS]


def _submit(context: Context, *records: dict[str, Any], office: str) -> str:
    body = json.dumps(factories.envelope(*records, code=office)).encode()
    answer = usecases.submit(context, ADMIN, body, content_type="application/json", key=None)
    assert answer.status == 201, answer.document
    return str(answer.document["receipt"])


def _results(told: Sequence[Future[Any]]) -> None:
    """Wait for all, and raise what one of them raised."""
    for receipt in told:
        receipt.result(timeout=30)


def _define(context: Context, statements: str) -> None:
    with context.engine.begin() as connection:
        connection.execute(text(statements))
