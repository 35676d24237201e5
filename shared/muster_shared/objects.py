"""The object store: bytes by the SHA-256 of their content, in a folder or a bucket.

Report deletes bytes that none of its issues names any more. The same bytes may be evidence in ingest, where somebody
files a workbook of Muster with a project, and neither knows what the other names: so report has a room of its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from muster_shared.settings import Settings

if TYPE_CHECKING:
    from obstore import GetResult

_PIECE: Final = 5 * 1024 * 1024  # the smallest that S3 takes
_PIECES_AT_ONCE: Final = 1
_ROOMS: Final = {"report": "report/"}


class Objects:
    """Content-addressed bytes; writing the same bytes twice is harmless.

    What stands outside of the room, as it did before there were rooms, is read and never deleted.
    """

    def __init__(self, url: str, service: str = "") -> None:
        self._url = url
        self._room = _ROOMS.get(service, "")
        self._lasting: set[Path] = set()  # folders that are on the disk with all above them: no need to wait again

    @classmethod
    def of(cls, settings: Settings, service: str = "") -> Objects:
        """The store that these settings name, as a service uses it."""
        return cls(settings.object_store_url or (settings.data_dir / "objects").absolute().as_uri(), service)

    @cached_property
    def _folder(self) -> Path | None:
        """Where it is a folder."""
        return Path(unquote(urlsplit(self._url).path)) if self._url.startswith("file:") else None

    @cached_property
    def _store(self) -> ObjectStore:
        if self._folder is not None:
            return LocalStore(self._folder, automatic_cleanup=False, mkdir=True)
        return from_url(self._url)

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns their SHA-256 in hex, by which ``get`` finds them."""
        sha256 = self.name_of(content)
        obstore.put(self._store, self._path(sha256), content)
        self._outlive_the_machine(sha256)
        return sha256

    def put_file(self, file: BinaryIO, sha256: str) -> None:
        """Keep the content of a file, of any size, under its SHA-256 in hex; all of it, or none."""
        file.seek(0)
        obstore.put(self._store, self._path(sha256), file, chunk_size=_PIECE, max_concurrency=_PIECES_AT_ONCE)
        self._outlive_the_machine(sha256)

    @staticmethod
    def name_of(content: bytes) -> str:
        """The SHA-256 of bytes in hex, which is their name in the store."""
        return hashlib.sha256(content).hexdigest()

    def get(self, sha256: str) -> bytes:
        """The bytes with this SHA-256.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return bytes(self._found(sha256).bytes())

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The bytes with this SHA-256, piece by piece: nothing holds them whole.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return map(bytes, self._found(sha256).stream(min_chunk_size=_PIECE))

    def delete(self, sha256: str) -> None:
        """Forget the bytes with this SHA-256; nothing where the store does not hold them."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, self._path(sha256))

    def check(self) -> None:
        """Raise when the store cannot be reached."""
        list(obstore.list(self._store, prefix="00"))

    def _outlive_the_machine(self, sha256: str) -> None:
        """Wait for the disk, as PostgreSQL does for the row that will name it; a bucket does so by itself."""
        if self._folder is None:
            return
        path = self._folder / self._path(sha256)
        _sync(path)
        _sync(path.parent)
        if path.parent not in self._lasting:
            for folder in path.parent.relative_to(self._folder).parents:
                _sync(self._folder / folder)
            self._lasting.add(path.parent)

    def _found(self, sha256: str) -> GetResult:
        try:
            return obstore.get(self._store, self._path(sha256))
        except FileNotFoundError:
            if not self._room:
                raise
            return obstore.get(self._store, _place(sha256))

    def _path(self, sha256: str) -> str:
        return self._room + _place(sha256)


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
