"""Databases of early versions: made by an early migration, filled as its version did, then brought to the newest.

``<service>-<revision>.sql`` holds what stood in the database of a service at that revision. Such a file is kept as it
is; add one when a migration does more than add, with a test that reads what it held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

KEPT = Path(__file__).parent


@pytest.fixture
def upgraded(postgres_server: Postgres, settings: Settings) -> Iterator[Callable[[str, str], Context]]:
    """The context of a service whose database was at a revision, and was upgraded just now."""
    opened: list[Context] = []

    def upgrade(service: str, revision: str) -> Context:
        name, package = f"early_{settings.data_dir.parent.name}_{service}".lower(), f"muster_{service}"
        postgres_server.create_databases([name])
        url: dict[str, Any] = {f"{service}_database_url": postgres_server.url(name)}
        migrate(package, postgres_server.url(name), revision)
        with postgres_server.connect(name) as connection:
            connection.execute((KEPT / f"{service}-{revision}.sql").read_bytes())
        migrate(package, postgres_server.url(name))
        opened.append(Context.open(service, replace(settings, **url)))
        opened[-1].clock.begin()
        return opened[-1]

    settings.data_dir.mkdir(exist_ok=True)
    yield upgrade
    for context in opened:
        context.engine.dispose()
        context.celery.close()
