"""A service's own database: engine, sessions, migrations."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

_MIGRATION_LOCK = 0x6D757374  # one migration at a time, whoever starts first


def engine_for(url: str) -> Engine:
    """An engine that survives a restart of the server and never waits for ever."""
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        pool_timeout=5,
        connect_args={"connect_timeout": 5, "application_name": "muster"},
    )
    event.listen(engine, "connect", _utc)
    return engine


def _utc(connection: Any, _record: Any) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def migrate(package: str, url: str) -> None:
    """Bring a service's database to its newest migration; several at once wait for one another."""
    from alembic import command  # noqa: PLC0415 - only a migration needs it, and it takes a tenth of a second
    from alembic.config import Config  # noqa: PLC0415

    engine = engine_for(url)
    with as_file(files(package) / "migrations") as scripts, engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(scripts))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
    engine.dispose()


def run_migrations(connection: Connection) -> None:
    """What every service's ``migrations/env.py`` does."""
    from alembic import context  # noqa: PLC0415 - a proxy that exists only while a migration runs

    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
