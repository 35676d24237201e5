from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hostile_files import HONEST, HOSTILE
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused

MEMORY = 300_000_000  # bytes
SECONDS = 5


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason_soon_and_cheaply(
    what: str, readers: Readers, tmp_path: Path
) -> None:
    make, code = HOSTILE[what]
    path = tmp_path / "upload"
    path.write_bytes(make())

    begun = time.monotonic()
    with pytest.raises(Refused) as refusal, readers.read(path) as reading:
        for _ in reading.frames():
            pass
    took = time.monotonic() - begun

    assert refusal.value.code == code
    assert refusal.value.status in {400, 415, 422}
    assert refusal.value.message
    assert took < SECONDS * _crowd()
    assert readers.peak_bytes < MEMORY
    assert _reads(readers, tmp_path)


def _crowd() -> float:
    """How many others, on average, want each processor: a busy machine is no defect."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _reads(readers: Readers, folder: Path) -> bool:
    path = folder / "honest.xlsx"
    path.write_bytes(HONEST)
    with readers.read(path) as reading:
        return [frame for frame in reading.frames() if isinstance(frame, list)] == [[[1, "n1"]]]
