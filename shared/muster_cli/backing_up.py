"""Making a backup while the instance runs: three databases at one moment, then every object they refer to.

Report and notify derive from ingest, so their snapshots are taken first: what they hold is never ahead of the change
log that is kept with it, and what they lack they follow after a restore. Objects come last: under the name of their
content they only become more. The exceptions are the erasing of a person, see ``_moment``, and the thinning of issues.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import TupleRow

from muster_cli.backup_archive import DatabaseCopy, Manifest, Writer, table_name, written
from muster_cli.database_copies import connect, rows_of, sequences, snapshot, strings, tables
from muster_shared.clock import CLOCK_FILE, Clock, iso_z
from muster_shared.migrations_known import held
from muster_shared.objects import Objects
from muster_shared.settings import Settings

SECRET: Final = "secret.key"  # noqa: S105 - the name of a file
CLOCK: Final = CLOCK_FILE
_IN_ORDER: Final = ("report", "notify", "ingest")
_POSITIONS: Final = {
    "ingest": b"SELECT last FROM change_log",
    "report": b"SELECT position FROM cursor",
    "notify": b"SELECT position FROM follow_cursor",
}
REFERRED_TO: Final[Mapping[str, tuple[str, ...]]] = {
    "ingest": ("SELECT sha256 FROM submission", "SELECT sha256 FROM project_document"),
    "report": ("SELECT sha256 FROM issue WHERE thinned_at IS NULL", "SELECT logo FROM look"),
    "notify": (),
}
_ERASURES: Final = b"SELECT erasure_id, touched, done_at FROM erasure ORDER BY erasure_id"
_TRIES, _PAUSE = 5, 0.3

Step = Callable[[str], None]
_Connection = psycopg.Connection[TupleRow]


class NotMigrated(Exception):
    """A database has no tables yet; the message names its service."""


@dataclass(slots=True)
class _Copying:
    """One attempt: what was written so far."""

    writer: Writer
    step: Step
    databases: dict[str, DatabaseCopy] = field(default_factory=dict)
    wanted: set[tuple[str, str]] = field(default_factory=set)  # service and SHA-256
    missing: list[str] = field(default_factory=list)
    epoch: str = ""


def back_up(settings: Settings, path: Path, *, real_now: datetime, secrets: bool, step: Step) -> Manifest:
    """Write a backup to ``path``; ``step`` is told what is being copied.

    Where an object went while it was being copied, as those of an erased person and of thinned issues do, everything is
    copied anew. What is missing after that is named in the manifest.

    Raises:
        NotMigrated: a database has no tables.
        psycopg.OperationalError: a database does not answer.
        OSError: the backup cannot be written.
    """
    for last_try in (False, False, True):
        with written(path) as (writer, end):
            copying = _Copying(writer, step)
            _copy(settings, copying, secrets=secrets)
            if not copying.missing or last_try:
                manifest = _manifest(settings, copying, real_now, secrets=secrets)
                end(manifest)
                break
    return manifest


def _manifest(settings: Settings, copying: _Copying, real_now: datetime, *, secrets: bool) -> Manifest:
    return Manifest(
        muster=version("muster"),
        made_at=iso_z(real_now),
        now=iso_z(Clock.of(settings).now()),
        epoch=copying.epoch,
        databases=copying.databases,
        missing=tuple(copying.missing),
        secrets=secrets,
        files=copying.writer.files,
    )


def _copy(settings: Settings, copying: _Copying, *, secrets: bool) -> None:
    with _moment(settings) as connections:
        for service, connection in connections.items():
            copying.databases[service] = _copy_database(service, connection, copying)
            copying.wanted |= {(service, sha256) for sha256 in strings(connection, REFERRED_TO[service])}
        copying.epoch = str(_first(connections["ingest"], b"SELECT epoch FROM change_log"))
    _copy_objects({service: Objects.of(settings, service) for service in _IN_ORDER}, copying)
    clock = settings.data_dir / CLOCK
    if clock.exists():
        copying.writer.add(CLOCK, [clock.read_bytes()])
    if secrets:
        copying.writer.add(SECRET, ["\n".join(settings.signing_keys()).encode()])


@contextmanager
def _moment(settings: Settings) -> Iterator[dict[str, _Connection]]:
    """Snapshots of the three databases, ingest's last; none in which one service has erased a person and another not.

    If report said between its snapshot and ingest's that somebody is erased there, then a restored ingest would never
    ask it again. So what ingest knows of it must be the same before the first snapshot and in the last.
    """
    for last_try in (*[False] * (_TRIES - 1), True):
        with ExitStack() as stack:
            before = _erasures(settings)
            found = {name: stack.enter_context(snapshot(settings.database_url(name))) for name in _IN_ORDER}
            for name in _IN_ORDER:
                if held(found[name]) is None:
                    raise NotMigrated(name)
            if last_try or before == found["ingest"].execute(_ERASURES).fetchall():
                yield found
                return
        time.sleep(_PAUSE)


def _erasures(settings: Settings) -> list[Any]:
    with connect(settings.database_url("ingest"), autocommit=True) as connection:
        if held(connection) is None:
            raise NotMigrated("ingest")
        return connection.execute(_ERASURES).fetchall()


def _copy_database(service: str, connection: _Connection, copying: _Copying) -> DatabaseCopy:
    copied: dict[str, Any] = {}
    for table in tables(connection):
        copying.step(f"{service}: {table.name}")
        copying.writer.add_packed(table_name(service, table.name), rows_of(connection, table))
        rows = _first(connection, f'SELECT count(*) FROM "{table.name}"'.encode())  # noqa: S608 - a table of ours
        copied[table.name] = {"columns": list(table.columns), "rows": rows}
    migration, position = held(connection) or "", int(_first(connection, _POSITIONS[service]))
    return DatabaseCopy(migration, position, copied, sequences(connection))


def _copy_objects(stores: Mapping[str, Objects], copying: _Copying) -> None:
    for number, (service, sha256) in enumerate(sorted(copying.wanted), start=1):
        copying.step(f"object {number} of {len(copying.wanted)}")
        try:
            sound = copying.writer.add_if_sound(service, sha256, stores[service].pieces(sha256))
        except FileNotFoundError:
            sound = False
        if not sound:
            copying.missing.append(sha256)


def _first(connection: _Connection, query: bytes) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
