"""Files of any size go into the object store and come out of it piece by piece."""

from __future__ import annotations

import hashlib
import io
import os
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


def test_what_report_deletes_is_not_what_ingest_keeps(tmp_path: Path) -> None:
    """Somebody files a workbook of Muster with a project: the same bytes, twice in the store."""
    url = (tmp_path / "objects").as_uri()
    ingest, report = Objects(url, "ingest"), Objects(url, "report")
    name = report.put(b"a workbook")
    assert ingest.put(b"a workbook") == name
    report.delete(name)
    assert ingest.get(name) == b"a workbook"


def test_report_reads_what_it_kept_before_it_had_a_room_of_its_own(tmp_path: Path) -> None:
    url = (tmp_path / "objects").as_uri()
    name = Objects(url).put(b"an old workbook")
    assert Objects(url, "report").get(name) == b"an old workbook"
    Objects(url, "report").delete(name)
    assert Objects(url).get(name) == b"an old workbook"


def test_what_is_not_there_is_not_found(store: Objects) -> None:
    with pytest.raises(FileNotFoundError):
        next(store.pieces("0" * 64))


@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_kept_outlives_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, streamed: bool) -> None:
    """The row that names it is on the disk as soon as it is written: so are the bytes, and each folder above them."""
    synced: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))
    root, name = tmp_path / "objects", Objects.name_of(b"bytes")
    store = Objects(root.as_uri(), "report")
    if streamed:
        store.put_file(io.BytesIO(b"bytes"), name)
    else:
        store.put(b"bytes")
    (kept,) = root.rglob(name)
    above = [folder for folder in kept.parents if folder.is_relative_to(root)]
    assert synced >= {path.stat().st_ino for path in (kept, *above)}
