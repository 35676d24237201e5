from __future__ import annotations

import socket
from pathlib import Path

import pytest

from muster_cli.up import background
from muster_shared.embedded.server import StartError
from muster_shared.settings import Settings


def test_a_failed_start_raises_with_the_reason(tmp_path: Path, clean_environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(data_dir=tmp_path, port=taken.getsockname()[1])
        refused = pytest.raises(StartError, match=f"port {settings.port} of 127.0.0.1 is taken")
        with refused, background(settings, environ=clean_environ):
            pytest.fail("it must not run")
