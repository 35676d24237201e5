"""The whole way with a real worker: ingest over a socket, tasks over the broker, mail over SMTP."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW, NOTIFY_SWEEP
from owing import ALTERNATE, OWNER, owed, project_owing, report_on
from real_worker import eventually, serving, worker


@pytest.fixture
def ingest_url(muster: Any) -> Iterator[str]:
    with serving(muster.ingest) as url:
        yield url


def test_ticks_of_the_scheduler_follow_remind_and_deliver(
    offices: Any, post_office: Any, ingest_url: str, tmp_path: Path
) -> None:
    offices.submit(*project_owing(owed(-1)), *project_owing(owed(-1), code="KE-002"))
    offices.submit(report_on("KE-002"))
    settings = replace(offices.context.settings, ingest_url=ingest_url)
    with worker("notify", settings, tmp_path):
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
    with worker("notify", settings, tmp_path) as first:
        offices.context.wake(NOTIFY_FOLLOW)
        offices.context.wake(NOTIFY_SWEEP)
        eventually(lambda: post_office.taken or not tick(offices.context, 0.2))
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    assert 0 < len(post_office.taken) < 30
    with worker("notify", settings, tmp_path):
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
