"""Files of any size go into the object store and come out of it piece by piece."""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path

import pytest

from muster_shared.objects import Objects

LARGE = bytes(range(256)) * 50_000  # more than two pieces


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return Objects((tmp_path / "objects").as_uri())


@pytest.mark.parametrize("content", [b"", b"a few bytes", LARGE])
def test_a_file_is_kept_under_the_name_of_its_content(store: Objects, content: bytes) -> None:
    name = hashlib.sha256(content).hexdigest()
    with tempfile.TemporaryFile() as file:
        file.write(content)
        store.put_file(file, name)
    assert store.get(name) == content
    assert b"".join(store.pieces(name)) == content
    assert store.put(content) == name


def test_it_is_read_from_its_beginning_wherever_the_file_stands(store: Objects) -> None:
    file = io.BytesIO(b"whole")
    file.seek(3)
    store.put_file(file, Objects.name_of(b"whole"))
    assert store.get(Objects.name_of(b"whole")) == b"whole"


def test_no_piece_is_the_whole_of_a_large_one(store: Objects) -> None:
    name = store.put(LARGE)
    assert max(map(len, store.pieces(name))) < len(LARGE)


def test_what_is_not_there_is_not_found(store: Objects) -> None:
    with pytest.raises(FileNotFoundError):
        next(store.pieces("0" * 64))
