"""PostgreSQL on two machines: a primary, and a standby on whose disk is whatever was acknowledged."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg

from chaos.running import eventually
from hosts.machines import Machine, NotPermittedError
from muster_shared.embedded.postgres import DATABASES, Postgres, binaries
from muster_shared.embedded.privileges import without_root

_PORT: Final = 5432
_USER: Final = "muster"
_EVERYWHERE: Final = "--listen_addresses=*"
_CONFIGURED: Final = "max_wal_size = '256MB'\nwal_keep_size = '256MB'\n"  # kept for one that was away for a while
_BOTH_DISKS: Final = "synchronous_standby_names"


class Database:
    """The servers of two machines; ``primary`` is the machine of the one that takes writes."""

    def __init__(self, folder: Path, one: Machine, two: Machine, *, allowed: str, logs: Path) -> None:
        """``allowed`` is the range of addresses that may connect."""
        self.primary, self.standby = one, two
        self._allowed, self._logs = allowed, logs
        self._files = {machine: Postgres(folder / machine.name, _PORT) for machine in (one, two)}
        self._as_nobody = without_root(signal.SIGINT).prefix
        if not self._as_nobody:
            raise NotPermittedError("PostgreSQL does not run as root, and unshare --user is not allowed")
        self._machines = (one, two)

    def url(self, database: str) -> str:
        """Both servers, in libpq's words, as an operator writes it."""
        servers = ",".join(f"{machine.address}:{_PORT}" for machine in self._machines)
        return f"postgresql://{_USER}:{self._password()}@{servers}/{database}?target_session_attrs=read-write"

    def begin(self) -> None:
        """Make the primary and its copy; from now on a commit waits for both disks."""
        primary = self._files[self.primary]
        primary.prepare()
        with (primary.folder / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host {what} all {self._allowed} scram-sha-256\n" for what in ("all", "replication"))
        with (primary.folder / "postgresql.conf").open("a") as options:
            options.write(_CONFIGURED)
        self._start(self.primary)
        with self.connect(self.primary) as connection:
            for name in DATABASES:
                connection.execute(f"CREATE DATABASE {name}".encode())
        self._copy()
        self._start(self.standby)
        self.wait_for_both_disks()

    def promote(self) -> None:
        """What whoever watches the servers does when the primary is gone: the standby takes its place, alone."""
        self.primary, self.standby = self.standby, self.primary
        with self.connect(self.primary) as connection:
            connection.execute("SELECT pg_promote()")

    def take_back(self) -> None:
        """The old primary, switched on again, forgets what it alone had and follows the new one."""
        old = self._files[self.standby]
        old.clear_remains()
        self._tool(self.standby, "pg_rewind", "-D", str(old.folder), "--source-server", self._source(), "-R")
        self._start(self.standby)
        self.wait_for_both_disks()

    def wait_for_both_disks(self) -> None:
        """Ask the primary to wait for its standby, which has to be there."""
        with self.connect(self.primary) as connection:
            connection.execute(f"ALTER SYSTEM SET {_BOTH_DISKS} = '*'".encode())
            connection.execute("SELECT pg_reload_conf()")
            in_step = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            eventually(lambda: connection.execute(in_step.encode()).fetchone(), "the standby is in step")

    def connect(self, machine: Machine) -> psycopg.Connection:
        """A connection to one of the servers, in autocommit."""
        return psycopg.connect(self._of(machine), autocommit=True, connect_timeout=2)

    def _start(self, machine: Machine) -> None:
        files = self._files[machine]
        machine.start(replace(files.launch(), argv=(*files.argv(), _EVERYWHERE), before=None), self._logs)
        eventually(lambda: self._answers(machine), f"PostgreSQL on {machine.name} answers")

    def _answers(self, machine: Machine) -> bool:
        try:
            with self.connect(machine) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def _copy(self) -> None:
        folder = self._files[self.standby].folder
        self._tool(self.standby, "pg_basebackup", "-D", str(folder), "-R", "-c", "fast", "-d", self._source())

    def _tool(self, machine: Machine, name: str, *arguments: str) -> None:
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PGPASSWORD": self._password()}
        machine.run(*self._as_nobody, str(binaries() / name), *arguments, env=env)

    def _source(self) -> str:
        """Where the standby gets everything, with no password: the tools are given it by their environment."""
        return f"host={self.primary.address} port={_PORT} user={_USER} dbname=postgres"

    def _of(self, machine: Machine) -> str:
        return f"host={machine.address} port={_PORT} user={_USER} dbname=postgres password={self._password()}"

    def _password(self) -> str:
        return urlsplit(self._files[self._machines[0]].url("")).password or ""
