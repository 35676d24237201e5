"""Databases of early versions: made by an early migration, filled as its version did, then brought to the newest.

Each folder is named by the revisions that ingest, report and notify were at, and holds what stood in the database of
each. It is kept as it is. With each migration run ``PYTHONPATH=tests python -m upgrades.keep``, which adds a folder: it
is what the next migration will find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import SERVICES, Settings
from upgrades.keep import KEPT


@pytest.fixture
def upgraded(postgres_server: Postgres, settings: Settings) -> Iterator[Callable[[str, str], Context]]:
    """The context of a service whose database was at a revision of a kept folder, and was upgraded just now."""
    opened: list[Context] = []

    def upgrade(service: str, kept: str) -> Context:
        name, package = f"early_{settings.data_dir.parent.name}_{service}".lower(), f"muster_{service}"
        postgres_server.create_databases([name])
        url: dict[str, Any] = {f"{service}_database_url": postgres_server.url(name)}
        migrate(package, postgres_server.url(name), kept.split("-")[SERVICES.index(service)])
        with postgres_server.connect(name) as connection:
            connection.execute((KEPT / kept / f"{service}.sql").read_bytes())
        migrate(package, postgres_server.url(name))
        opened.append(Context.open(service, replace(settings, **url)))
        opened[-1].clock.begin()
        return opened[-1]

    settings.data_dir.mkdir(exist_ok=True)
    yield upgrade
    for context in opened:
        context.engine.dispose()
        context.celery.close()
