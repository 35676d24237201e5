"""The object store: bytes by the SHA-256 of their content, in a folder or a bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from muster_shared.settings import Settings

_PIECE: Final = 5 * 1024 * 1024  # the smallest that S3 takes
_PIECES_AT_ONCE: Final = 1


class Objects:
    """Content-addressed bytes; writing the same bytes twice is harmless."""

    def __init__(self, url: str) -> None:
        self._url = url

    @classmethod
    def of(cls, settings: Settings) -> Objects:
        """The store that these settings name."""
        return cls(settings.object_store_url or (settings.data_dir / "objects").absolute().as_uri())

    @cached_property
    def _store(self) -> ObjectStore:
        if self._url.startswith("file:"):
            folder = Path(unquote(urlsplit(self._url).path))
            return LocalStore(folder, automatic_cleanup=False, mkdir=True)
        return from_url(self._url)

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns their SHA-256 in hex, by which ``get`` finds them."""
        sha256 = self.name_of(content)
        obstore.put(self._store, _path(sha256), content)
        return sha256

    def put_file(self, file: BinaryIO, sha256: str) -> None:
        """Keep the content of a file, of any size, under its SHA-256 in hex; all of it, or none."""
        file.seek(0)
        obstore.put(self._store, _path(sha256), file, chunk_size=_PIECE, max_concurrency=_PIECES_AT_ONCE)

    @staticmethod
    def name_of(content: bytes) -> str:
        """The SHA-256 of bytes in hex, which is their name in the store."""
        return hashlib.sha256(content).hexdigest()

    def get(self, sha256: str) -> bytes:
        """The bytes with this SHA-256.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return bytes(obstore.get(self._store, _path(sha256)).bytes())

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The bytes with this SHA-256, piece by piece: nothing holds them whole.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return map(bytes, obstore.get(self._store, _path(sha256)).stream(min_chunk_size=_PIECE))

    def delete(self, sha256: str) -> None:
        """Forget the bytes with this SHA-256; nothing where the store does not hold them."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, _path(sha256))

    def check(self) -> None:
        """Raise when the store cannot be reached."""
        list(obstore.list(self._store, prefix="00"))


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
