"""A pool of readers for all tests of a session, and a file to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from muster_ingest.workbooks.reading.readers import Readers


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    pool = Readers()
    yield pool
    pool.close()


@pytest.fixture
def rows_of(readers: Readers, tmp_path: Path) -> Callable[..., list[list[Any]]]:
    """All rows of a file, whatever its sheets."""

    def read(content: bytes, name: str = "file.xlsx") -> list[list[Any]]:
        path = tmp_path / name
        path.write_bytes(content)
        with readers.read(path, name=name) as reading:
            return [row for frame in reading.frames() if isinstance(frame, list) for row in frame]

    return read
