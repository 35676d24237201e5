from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback_ingest import Ingest, serving


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    with serving() as server:
        yield server


@pytest.fixture
def partners(tmp_path: Path) -> Path:
    path = tmp_path / "partners.csv"
    path.write_text("partner_id,name\na,A\nb,B\n")
    return path
