"""What is written to the object store is there as a whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from muster_shared.objects import Objects

LARGE = bytes(range(256)) * 50_000  # more than two pieces
LIMIT = 1_000_000
WRITER = """
import io, resource, sys
from muster_shared.objects import Objects
content = sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
store = Objects(sys.argv[1])
store.put(content) if sys.argv[3] == "put" else store.put_file(io.BytesIO(content), store.name_of(content))
"""


@pytest.mark.parametrize("how", ["put", "put_file"])
def test_what_did_not_fit_on_the_disk_is_not_there_in_part(tmp_path: Path, how: str) -> None:
    url = (tmp_path / "objects").as_uri()
    command = (sys.executable, "-c", WRITER, url, str(LIMIT), how)
    writer = subprocess.run(command, input=LARGE, capture_output=True, check=False, timeout=60)
    assert writer.returncode == 1, "it says that it could not be written"
    store = Objects(url)
    with pytest.raises(FileNotFoundError):
        store.get(store.name_of(LARGE))
    assert store.get(store.put(LARGE)) == LARGE
