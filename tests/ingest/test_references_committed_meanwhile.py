"""A submission that waits for another one sees what that one brought, as if it had come after it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text

import factories
from muster_ingest import usecases
from muster_ingest.receipts import Answer
from muster_shared.auth import Caller
from muster_shared.context import Context

ADMIN = Caller(name="admin@example.org", role="admin")
FIRST_OF_ANOTHER = """
    SELECT key FROM record WHERE kind = 'project' FOR UPDATE;
    INSERT INTO record (kind, key, revision, office, withdrawn, fields)
    VALUES ('donor', 'example-fund', 1, 'HQ', false, '{"donor_id": "example-fund", "name": "Example Fund"}')
"""
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def context(open_context: Callable[[str], Context]) -> Context:
    opened = open_context("ingest")
    _submit(opened, factories.office("HQ"), factories.office(), factories.project())
    return opened


def test_what_it_names_may_have_been_committed_by_the_one_it_waited_for(context: Context) -> None:
    with ThreadPoolExecutor(1) as other, context.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(FIRST_OF_ANOTHER)
        waiting = other.submit(_submit, context, factories.project(title="Shelter and water"), factories.grant())
        _until_one_waits(context)
        assert not waiting.done()
        driver.commit()
        answer = waiting.result(30)
    assert answer.status == 201, answer.document["errors"]


def _submit(context: Context, *records: dict[str, Any]) -> Answer:
    body = json.dumps(factories.envelope(*records, code="HQ")).encode()
    return usecases.submit(context, ADMIN, body, content_type="application/json", key=None)


def _until_one_waits(context: Context) -> None:
    deadline = time.monotonic() + 30
    with context.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not _waiting(connection):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.02)


def _waiting(connection: Connection) -> int:
    return int(connection.execute(text(WAITS)).scalar_one())
