"""A real OpenID provider (oidc-provider-mock) in a process of its own, on a free loopback port."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from muster_shared.embedded.ports import free_port

_START_SECONDS = 60


@contextmanager
def provider(people: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The issuer's address; ``people`` are the claims of each, with a ``sub``, by which they authorize."""
    port = free_port()
    told = [word for claims in people for word in ("--user-claims", json.dumps(claims))]
    command = (
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        *told,
    )
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            issuer = f"http://127.0.0.1:{port}"
            _wait(f"{issuer}/.well-known/openid-configuration", process)
            yield issuer
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the OpenID provider did not start")
