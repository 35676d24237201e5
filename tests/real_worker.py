"""A real Celery worker of a service in a process of its own, and ingest over a real socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from werkzeug.serving import make_server

from muster_ingest.app import create_app
from muster_shared.context import Context
from muster_shared.names import QUEUES
from muster_shared.settings import Settings


@contextmanager
def serving(ingest: Context) -> Iterator[str]:
    """Serve ingest on loopback; gives its address."""
    server = make_server("127.0.0.1", 0, create_app(ingest), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def environment(service: str, settings: Settings) -> dict[str, str]:
    servers = (f"{service}_database_url", "redis_url", "smtp_url", "ingest_url")
    told = ("data_dir", *servers, "secret_key", "quiet_seconds", "lease_seconds")
    own = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    return own | {f"MUSTER_{name.upper()}": str(getattr(settings, name)) for name in told}


@contextmanager
def worker(service: str, settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker until the block is over; its log is ``SERVICE.log`` of the folder."""
    arguments = ("-m", "celery", "-A", f"muster_{service}.worker:celery", "worker", "-Q", service)
    pool = ("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    with (folder / f"{service}.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, *arguments, *pool], env=environment(service, settings), stdout=log, stderr=log, cwd=folder
        )
        try:
            yield running
        finally:
            running.terminate()
            running.wait(30)


def eventually(condition: Callable[[], object], seconds: float = 45.0) -> None:
    """Wait for what another process does; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)


def lines(log: Path, message: str) -> list[dict[str, Any]]:
    """The lines of a worker's log with this message."""
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if line["message"] == message]


def forget_wake_ups(muster: Any) -> None:
    """Of what fixtures submitted; the workers would do with those what the test asks for."""
    redis = Redis.from_url(muster.context.settings.broker_url())
    redis.delete(*QUEUES, *redis.scan_iter("muster:waits:*"))
    redis.close()
