"""The archive of a backup: one tar file that ends with ``manifest.json``, which has the SHA-256 of every other file.

An archive without its manifest is not complete; whatever was cut off or changed shows before anything is restored.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

FORMAT: Final = 2  # since 2 objects stand by service
MANIFEST: Final = "manifest.json"
_IN_MEMORY: Final = 16 * 1024 * 1024
_PIECE: Final = 1024 * 1024
_FAST: Final = 3  # of gzip's levels


class NotABackup(Exception):
    """A file is no backup, or not all of one; the message is one line that says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """What is kept of one database: where it stood, its tables in the order to fill them, and its sequences.

    ``tables`` maps each table to ``{columns, rows}``.
    """

    migration: str
    position: int
    tables: Mapping[str, Mapping[str, Any]]
    sequences: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``made_at`` is the machine's time, ``now`` that of the business, both ISO texts.

    ``epoch`` is that of the change log; ``missing`` names objects that the databases refer to and the store did not
    hold; ``files`` maps each file to ``{bytes, sha256}``.
    """

    muster: str
    made_at: str
    now: str
    epoch: str
    databases: Mapping[str, DatabaseCopy]
    missing: tuple[str, ...] = ()
    secrets: bool = False
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def objects(self) -> list[str]:
        """The SHA-256 of every object in it."""
        return [name.rpartition("/")[2] for name in self.object_files]

    @property
    def object_files(self) -> list[str]:
        """The file of every object in it."""
        return [name for name in self.files if name.startswith("objects/")]

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def of(cls, text: bytes) -> Manifest:
        """From its JSON.

        Raises:
            NotABackup: it is not one, or of a newer format.
        """
        try:
            told = json.loads(text)
            if told["format"] > FORMAT:
                raise NotABackup(f"it is of format {told['format']}, known is {FORMAT}: use the Muster that made it")
            databases = {name: DatabaseCopy(**copy) for name, copy in told.pop("databases").items()}
            missing = tuple(told.pop("missing"))
            return cls(**told, databases=databases, missing=missing)
        except (ValueError, KeyError, TypeError) as error:
            raise NotABackup(f"its {MANIFEST} cannot be read: {type(error).__name__}") from error


class Writer:
    """Adds files to an archive, one after the other, and remembers the SHA-256 of each."""

    def __init__(self, archive: tarfile.TarFile, folder: Path) -> None:
        self._archive = archive
        self._folder = folder
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file; nothing holds it whole in memory."""
        with self._on_disk() as whole:
            whole.writelines(pieces)
            self._add(name, whole)

    def add_packed(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file, packed by gzip."""
        with self._on_disk() as whole:
            with gzip.GzipFile(filename="", fileobj=whole, mode="wb", compresslevel=_FAST, mtime=0) as packed:
                for piece in pieces:
                    packed.write(piece)
            self._add(name, whole)

    def add_if_sound(self, service: str, sha256: str, pieces: Iterable[bytes]) -> bool:
        """Add an object of a service where its bytes are what its name says; False where they are not."""
        with self._on_disk() as whole:
            whole.writelines(pieces)
            sound = _digest(whole) == sha256
            if sound:
                self._add(object_name(service, sha256), whole)
        return sound

    def _on_disk(self) -> IO[bytes]:
        """A small file stays in memory; a tar file states a size before the bytes."""
        return tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._folder))

    def _add(self, name: str, whole: IO[bytes]) -> None:
        sha256 = _digest(whole)
        self.files[name] = {"bytes": whole.tell(), "sha256": sha256}
        _put(self._archive, name, whole, whole.tell())


@contextmanager
def written(path: Path) -> Iterator[tuple[Writer, Callable[[Manifest], None]]]:
    """Write an archive that is either there as a whole or not at all, readable by its owner only.

    Yields what adds files, and what ends it with its manifest; without that nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    ended = False
    try:
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:

            def end(manifest: Manifest) -> None:
                nonlocal ended
                text = manifest.text().encode()
                _put(archive, MANIFEST, io.BytesIO(text), len(text))
                ended = True

            yield Writer(archive, path.parent), end
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        if ended:
            partial.replace(path)
            _sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


class Archive:
    """A backup to read from."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members = {member.name: member for member in archive.getmembers()}
        if MANIFEST not in self._members:
            raise NotABackup(f"it has no {MANIFEST} at its end: it is no backup, or not all of one")
        self.manifest = Manifest.of(b"".join(self.pieces(MANIFEST)))

    def verify(self) -> Iterator[str]:
        """Hold every file against the manifest; yields the name of each.

        Raises:
            NotABackup: one is missing or its bytes are others.
        """
        for name, told in self.manifest.files.items():
            if name not in self._members:
                raise NotABackup(f"{name} is missing in it")
            digest = hashlib.sha256()
            for piece in self.pieces(name):
                digest.update(piece)
            if digest.hexdigest() != told["sha256"]:
                raise NotABackup(f"{name} is not what was backed up: its SHA-256 is another")
            yield name

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        with self.file(name) as file:
            while piece := file.read(_PIECE):
                yield piece

    def unpacked(self, name: str) -> Iterator[bytes]:
        """The bytes of a file that was packed, piece by piece."""
        with self.file(name) as file, gzip.GzipFile(fileobj=file) as whole:
            while piece := whole.read(_PIECE):
                yield piece

    def file(self, name: str) -> IO[bytes]:
        """A file of the archive, to be read."""
        found = self._archive.extractfile(self._members[name])
        if found is None:
            raise NotABackup(f"{name} in it is no file")
        return found


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup to read from.

    Raises:
        NotABackup: it is none, or not all of one.
        OSError: it cannot be read.
    """
    try:
        with tarfile.open(path, "r:") as archive:
            yield Archive(archive)
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(f"it cannot be read as a tar file: {error}") from error


def object_name(service: str, sha256: str) -> str:
    """Where an object of a service stands in an archive."""
    return f"objects/{service}/{sha256[:2]}/{sha256}"


def object_of(name: str) -> tuple[str, str]:
    """Service and SHA-256 of the object that stands there; no service in archives of format 1."""
    *_, service, _, sha256 = name.removeprefix("objects").split("/")
    return service, sha256


def table_name(service: str, table: str) -> str:
    """Where the rows of a table stand in an archive."""
    return f"databases/{service}/{table}.copy.gz"


def _put(archive: tarfile.TarFile, name: str, whole: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    whole.seek(0)
    archive.addfile(member, whole)


def _digest(whole: IO[bytes]) -> str:
    """The SHA-256 of a file, which is at its end then."""
    digest = hashlib.sha256()
    whole.seek(0)
    while piece := whole.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
