"""Alembic's entry: the connection comes from ``muster_shared.db.migrate``."""

from alembic import context

from muster_shared.db import run_migrations

run_migrations(context.config.attributes["connection"])
