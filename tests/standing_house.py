"""A house whose pages all tests of a file visit: what each does there stays, so each has its own year or codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from conftest import HOME, SECRET
from ingest_pages import House
from muster_shared.auth import Caller, issue
from muster_shared.context import Context
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings


@contextmanager
def standing_house(postgres: Postgres, template: Callable[[str], str], folder: Path, **told: Any) -> Iterator[House]:
    """An instance of ingest of its own; ``told`` are settings."""
    with postgres.connect() as connection:
        connection.execute(f'CREATE DATABASE "{folder.name}" TEMPLATE "{template("ingest")}"'.encode())
    given = Settings(data_dir=folder, clock=HOME, secret_key=SECRET, redis_url="redis://127.0.0.1:9")
    given = replace(given, rate_per_minute=0, rate_unknown_per_minute=0, **told)
    context = Context.open("ingest", replace(given, ingest_database_url=postgres.url(folder.name)))

    def token(role: str) -> str:
        return issue(given, Caller(f"{role}@example.org", role), lifetime=timedelta(hours=1))

    house = House(context, token)
    yield house
    house.close()
    context.engine.dispose()
    context.celery.close()
