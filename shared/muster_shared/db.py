"""A service's own database: engine, sessions, migrations."""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

from muster_shared import slow_statements

if TYPE_CHECKING:  # settings bring a client of Redis with them
    from muster_shared.settings import Settings

_MIGRATION_LOCK = 0x6D757374  # one migration at a time, whoever starts first
_REQUEST_IDLE_SECONDS = 300.0
_WORKER_IDLE_SECONDS = 3600.0
_REQUEST_SLOW_SECONDS = 1.0
_WORKER_SLOW_SECONDS = 10.0  # a sweep over all that is owed may take some seconds
# a machine that is cut off says nothing: without these a process would wait for it for a quarter of an hour, and the
# server as long for a process, with its locks
_SILENCE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}  # seconds, seconds, probes
_UNHEARD_MILLISECONDS = 10_000 if hasattr(socket, "TCP_USER_TIMEOUT") else 0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a process lets the database take before it is cut off; 0 is any number.

    ``idle`` is how long a transaction may stand open with nothing asked in it, holding its locks. A statement that
    takes ``slow`` seconds or longer is noted (``slow_statements``).
    """

    statement: float = 0
    lock: float = 0
    idle: float = 0
    slow: float = _WORKER_SLOW_SECONDS

    @classmethod
    def of_requests(cls, settings: Settings) -> Patience:
        """Of a web process: somebody waits for the answer."""
        return cls(settings.statement_seconds, settings.lock_seconds, _REQUEST_IDLE_SECONDS, _REQUEST_SLOW_SECONDS)

    @classmethod
    def of_workers(cls, settings: Settings) -> Patience:
        """Of a worker or a command: a large report is built within one transaction."""
        return cls(settings.worker_statement_seconds, settings.worker_lock_seconds, _WORKER_IDLE_SECONDS)

    def statements(self) -> str:
        """What a new connection is told."""
        told = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return "; ".join(f"SET {name} = {round(1000 * seconds)}" for name, seconds in told.items())


def engine_for(url: str, patience: Patience | None = None) -> Engine:
    """An engine that survives a restart of the server, and another one in its place, and never waits for ever.

    Without ``patience`` a statement may take any time, as that of a migration may.
    """
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_use_lifo=True,  # those in use know their statements already
        pool_timeout=5,
        connect_args={
            "connect_timeout": 5,
            "application_name": "muster",
            "tcp_user_timeout": _UNHEARD_MILLISECONDS,
            **_SILENCE,
        },
    )
    patience = patience or Patience()
    told = f"SET TIME ZONE 'UTC'; {patience.statements()}; {_silence_of_clients()}"
    event.listen(engine, "connect", lambda connection, _record: _tell(connection, told))
    event.listen(engine, "checkout", _refuse_a_lost_one)
    event.listen(engine, "handle_error", _leave_a_standby)
    slow_statements.watch(engine, patience.slow)
    return engine


def _silence_of_clients() -> str:
    """The same for the server, of its client."""
    told = {f"tcp_{name}": value for name, value in _SILENCE.items()} | {"tcp_user_timeout": _UNHEARD_MILLISECONDS}
    return "; ".join(f"SET {name} = {value}" for name, value in told.items())


def _refuse_a_lost_one(connection: Any, _record: object, _fairy: object) -> None:
    """Nothing waits to be read from a connection at rest but its end: to look costs a hundredth of asking the server.

    The server's end of a restart, the probes' end of a machine that is lost: both show. The pool then connects anew.
    """
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError("the server has gone away")


def _leave_a_standby(error: ExceptionContext) -> None:
    """A primary that became a standby answers still: its connections are of no use, the next look for the primary."""
    if isinstance(error.original_exception, ReadOnlySqlTransaction):
        error.is_disconnect = True


def _tell(connection: Any, statements: str) -> None:
    connection.execute(statements)
    connection.commit()


def sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def migrate(package: str, url: str, to: str = "head") -> None:
    """Bring a service's database to its newest migration, or to a named one; several at once wait for one another."""
    from alembic import command  # noqa: PLC0415 - only a migration needs it, and it takes a tenth of a second
    from alembic.config import Config  # noqa: PLC0415

    engine = engine_for(url)
    with as_file(files(package) / "migrations") as scripts, engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(scripts))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _MIGRATION_LOCK})
        connection.commit()
    engine.dispose()


def run_migrations(connection: Connection) -> None:
    """What every service's ``migrations/env.py`` does."""
    from alembic import context  # noqa: PLC0415 - a proxy that exists only while a migration runs

    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
