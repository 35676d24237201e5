"""The whole way with a real worker: ingest over a socket, tasks over the broker, mail over SMTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from muster_ingest.app import create_app
from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW, NOTIFY_SWEEP
from muster_shared.settings import Settings
from owing import ALTERNATE, OWNER, owed, project_owing, report_on


@pytest.fixture
def ingest_url(muster: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(muster.ingest), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def environment(settings: Settings) -> dict[str, str]:
    servers = ("notify_database_url", "redis_url", "smtp_url", "ingest_url")
    told = ("data_dir", *servers, "secret_key", "quiet_seconds", "lease_seconds")
    own = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    return own | {f"MUSTER_{name.upper()}": str(getattr(settings, name)) for name in told}


@contextmanager
def worker(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ("-m", "celery", "-A", "muster_notify.worker:celery", "worker", "-Q", "notify")
    pool = ("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    with (folder / "worker.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, *arguments, *pool], env=environment(settings), stdout=log, stderr=log, cwd=folder
        )
        try:
            yield running
        finally:
            running.terminate()
            running.wait(30)


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.1)


def test_ticks_of_the_scheduler_follow_remind_and_deliver(
    offices: Any, post_office: Any, ingest_url: str, tmp_path: Path
) -> None:
    offices.submit(*project_owing(owed(-1)), *project_owing(owed(-1), code="KE-002"))
    offices.submit(report_on("KE-002"))
    settings = replace(offices.context.settings, ingest_url=ingest_url)
    with worker(settings, tmp_path):
        eventually(lambda: tick(offices.context, 0.5) and len(offices.items("/reminders?status=sent")) == 2)
    assert {str(mail["To"].addresses[0].addr_spec) for mail in post_office.taken} == {OWNER, ALTERNATE}
    assert all("KE-002" not in mail.as_string() for mail in post_office.taken)
    assert [event["event"] for event in offices.items("/obligations?status=overdue")[0]["history"]] == ["owed"]


@pytest.mark.chaos
def test_a_worker_killed_at_work_leaves_nothing_that_the_next_one_does_not_finish(
    offices: Any, post_office: Any, ingest_url: str, tmp_path: Path
) -> None:
    post_office.seconds = 0.05
    for number in range(30):
        manager = {"name": f"Manager {number}", "email": f"manager{number}@example.org"}
        offices.submit(*project_owing(owed(7), code=f"KE-{number:03}", manager=manager))
    settings = replace(offices.context.settings, ingest_url=ingest_url, lease_seconds=5)
    with worker(settings, tmp_path) as first:
        offices.context.wake(NOTIFY_FOLLOW)
        offices.context.wake(NOTIFY_SWEEP)
        eventually(lambda: post_office.taken or not tick(offices.context, 0.2))
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    assert 0 < len(post_office.taken) < 30
    with worker(settings, tmp_path):
        eventually(lambda: tick(offices.context, 1) and len(offices.items("/reminders?status=sent")) == 30)
    sent: dict[str, set[str]] = {}
    for mail in post_office.taken:
        sent.setdefault(str(mail["To"]), set()).add(mail["Message-ID"])
    assert len(sent) == 30
    assert all(len(message_ids) == 1 for message_ids in sent.values())


def tick(context: Context, seconds: float) -> bool:
    """What the scheduler does every few seconds."""
    time.sleep(seconds)
    return context.wake(NOTIFY_SWEEP)
