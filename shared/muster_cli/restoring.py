"""Restoring a backup: into an empty data folder, or into empty databases where others are named.

Everything is put together in a folder ``restoring`` of the data folder and moved to its place at the end, so that one
that was cut off leaves nothing that could be taken for an instance.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from muster_cli import instance
from muster_cli.backing_up import CLOCK, SECRET
from muster_cli.backup_archive import Archive, DatabaseCopy, object_of, table_name
from muster_cli.database_copies import Table, clear_states, connect, count_on, fill, filled, tables
from muster_cli.parts import environment
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.privileges import without_root
from muster_shared.migrations_known import held, known
from muster_shared.objects import Objects
from muster_shared.settings import SERVICES, Settings

STAGE: Final = "restoring"
_NOT_COUNTED: Final = frozenset({instance.LOCK_FILE, STAGE})
_UNUSED_BROKER: Final = "redis://127.0.0.1:1/0"  # settings want one; nothing is sent to it

Step = Callable[[str], None]


class NotRestored(Exception):
    """A backup cannot be restored here, and nothing was touched; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever restores decides: whether reminders go out at once, and whether tokens go on to open."""

    let_reminders_go: bool = False
    keep_tokens: bool = False


def check(settings: Settings, archive: Archive) -> None:
    """See whether this backup can be restored here.

    Raises:
        NotRestored: the data folder or a database holds something, or the backup is of a newer Muster.
        psycopg.OperationalError: a database does not answer.
    """
    for service, copy in archive.manifest.databases.items():
        if copy.migration not in known(f"muster_{service}"):
            raise NotRestored(
                f"the backup is of Muster {archive.manifest.muster}, whose {service} is at migration {copy.migration}, "
                "which this one does not know: install that version or a newer one"
            )
    _check_folder(settings.data_dir)
    for service in SERVICES:
        if url := _told_url(settings, service):
            _check_database(service, url)


def restore(settings: Settings, archive: Archive, choices: Choices, step: Step) -> None:
    """Restore a backup that was verified and checked.

    Raises:
        AlreadyRunningError: an instance runs in the data folder.
        StartError: the embedded PostgreSQL did not start.
        NotRestored: a step failed; the message names it.
    """
    with instance.locked(settings.data_dir):
        _check_folder(settings.data_dir)
        stage = _begun(settings.data_dir)
        _write_files(stage, archive)
        _write_objects(_object_store(settings, stage), archive, step)
        with _databases(settings, stage) as urls:
            for service, copy in archive.manifest.databases.items():
                _fill_database(urls[service], service, copy, archive, step)
            _after(_staged(settings, stage, urls), archive, choices, step)
        os.sync()
        _move(stage, settings.data_dir)


def _check_folder(data_dir: Path) -> None:
    found = sorted(path.name for path in data_dir.iterdir()) if data_dir.exists() else []
    there = [name for name in found if name not in _NOT_COUNTED]
    if there:
        raise NotRestored(f"{data_dir} holds {', '.join(there[:6])}: restore into an empty folder (MUSTER_DATA_DIR)")


def _check_database(service: str, url: str) -> None:
    with connect(url, autocommit=True) as connection:
        with_rows = filled(connection)
    if with_rows:
        some = ", ".join(with_rows[:6])
        raise NotRestored(f"the database of {service} holds rows in {some}: restore into an empty one")


def _told_url(settings: Settings, service: str) -> str:
    return str(getattr(settings, f"{service}_database_url"))


def _begun(data_dir: Path) -> Path:
    stage = data_dir / STAGE
    if stage.exists():
        shutil.rmtree(stage)
    stage.mkdir(mode=0o700)
    return stage


def _write_files(stage: Path, archive: Archive) -> None:
    for name in (CLOCK, SECRET):
        if name in archive.manifest.files:
            descriptor = os.open(stage / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(archive.pieces(name))


def _object_store(settings: Settings, stage: Path) -> str:
    return settings.object_store_url or (stage / "objects").as_uri()


def _write_objects(url: str, archive: Archive, step: Step) -> None:
    stores = {service: Objects(url, service) for service in ("", *SERVICES)}
    named = archive.manifest.object_files
    for number, name in enumerate(named, start=1):
        step(f"object {number} of {len(named)}")
        service, sha256 = object_of(name)
        with archive.file(name) as file:
            stores[service].put_file(cast(BinaryIO, file), sha256)


@contextmanager
def _databases(settings: Settings, stage: Path) -> Iterator[dict[str, str]]:
    """Addresses of the three databases; those that are not told are embedded, and run while the block does."""
    urls = {service: _told_url(settings, service) for service in SERVICES}
    embedded = [service for service, url in urls.items() if not url]
    if not embedded:
        yield urls
        return
    without_root(signal.SIGINT).reach(own=settings.data_dir)
    with Postgres(stage / "postgres") as server:
        server.create_databases(f"muster_{service}" for service in embedded)
        yield urls | {service: server.url(f"muster_{service}") for service in embedded}


def _fill_database(url: str, service: str, copy: DatabaseCopy, archive: Archive, step: Step) -> None:
    """Tables as the migration of the backup makes them, filled in one transaction."""
    migrate(f"muster_{service}", url, copy.migration)
    with connect(url) as connection:
        if held(connection) != copy.migration:
            raise NotRestored(f"the database of {service} is at a newer migration than the backup: give an empty one")
        there = tables(connection)  # what is referred to comes first
        clear_states(connection, there)
        place = {table.name: number for number, table in enumerate(there)}
        named = [Table(name, tuple(told["columns"])) for name, told in copy.tables.items()]
        for table in sorted(named, key=lambda table: place.get(table.name, 0)):
            step(f"{service}: {table.name}")
            rows = fill(connection, table, archive.unpacked(table_name(service, table.name)))
            if rows != copy.tables[table.name]["rows"]:
                raise NotRestored(f"{service}: {table.name} has {rows} rows, the backup says otherwise")
        count_on(connection, copy.sequences)


def _staged(settings: Settings, stage: Path, urls: Mapping[str, str]) -> Settings:
    told: dict[str, Any] = {f"{service}_database_url": url for service, url in urls.items()}
    return replace(settings, data_dir=stage, redis_url=settings.redis_url or _UNUSED_BROKER, **told)


def _after(staged: Settings, archive: Archive, choices: Choices, step: Step) -> None:
    """What services do about having been restored; each answers for its own tables."""
    made_at = archive.manifest.made_at
    ingest = ["--backup-made-at", made_at, *(["--keep-tokens"] if choices.keep_tokens else [])]
    _run(staged, "ingest", ingest, step)
    if not choices.let_reminders_go:
        _run(staged, "notify", ["--hold-since", archive.manifest.now], step)


def _run(staged: Settings, service: str, arguments: list[str], step: Step) -> None:
    step(f"{service}: after the restore")
    command = (sys.executable, "-m", f"muster_{service}.after_restore", *arguments)
    done = subprocess.run(command, env=environment(staged), capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise NotRestored(f"{service} could not be made ready: {reason}")


def _move(stage: Path, data_dir: Path) -> None:
    """To its place, PostgreSQL's folder last: while that is not there, nothing runs on the rest."""
    for path in sorted(stage.iterdir(), key=lambda path: (path.name == "postgres", path.name)):
        path.rename(data_dir / path.name)
    stage.rmdir()
    os.sync()
