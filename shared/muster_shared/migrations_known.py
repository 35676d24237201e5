"""The migrations that an installed service brings along, and the one its database stands at."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any


def known(package: str) -> tuple[str, ...]:
    """Every migration of a service's package, the oldest first."""
    from alembic.config import Config  # noqa: PLC0415 - only who asks for migrations needs it
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    with as_file(files(package) / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        found = ScriptDirectory.from_config(config).walk_revisions()
        return tuple(script.revision for script in found)[::-1]


def held(connection: Any) -> str | None:
    """The migration that a database stands at; None for one without tables.

    ``connection`` is one of psycopg.
    """
    if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None
