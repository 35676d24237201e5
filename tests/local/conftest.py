from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster_shared.embedded.postgres import Postgres


def eventually(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for what another process does; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., None]:
    return eventually


@pytest.fixture(scope="module")
def awkward_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path with a space and a quote, longer than any Unix socket's may be, closed to all but its owner."""
    folder = tmp_path_factory.mktemp("field office's folder") / ("long" * 30)
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="module")
def postgres(awkward_folder: Path) -> Iterator[Postgres]:
    with Postgres(awkward_folder / "postgres") as server:
        server.create_databases()
        yield server


@pytest.fixture
def clean_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
