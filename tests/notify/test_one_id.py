"""One id from the request through the tasks, with real workers, to the mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from redis import Redis

import factories
from muster_shared.context import Context
from muster_shared.logs import request_id as request_id_here
from muster_shared.names import NOTIFY_FOLLOW, NOTIFY_SWEEP
from owing import REVIEWER, extension, owed, project_owing
from real_worker import eventually, forget_wake_ups, lines, serving, worker

ASKED = "asked-for-more-time-1"


def submitted(muster: Any, *records: dict[str, Any], request_id: str) -> str:
    """Send records with an id; returns the one that the answer has."""
    headers = {"Authorization": f"Bearer {muster.token('admin')}", "X-Request-ID": request_id}
    sent = factories.envelope(*records)
    answer = muster.ingest_client.post("/ingest/v1/submissions", json=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    request_id_here.set("-")  # the client answered in this process: what the test does next is not of the request
    return str(answer.headers["X-Request-ID"])


def test_a_request_is_found_by_its_id_in_the_logs_of_both_workers_and_in_the_mail(
    offices: Any, post_office: Any, open_context: Callable[[str], Context], tmp_path: Path
) -> None:
    offices.submit(*project_owing(owed(90)))
    offices.follow()
    forget_wake_ups(offices)
    report = open_context("report")
    with serving(offices.ingest) as url:
        told = [replace(one.settings, ingest_url=url) for one in (offices.context, report)]
        with worker("notify", told[0], tmp_path), worker("report", told[1], tmp_path):
            assert submitted(offices, extension(), factories.requirement(), request_id=ASKED) == ASKED
            eventually(lambda: lines(tmp_path / "notify.log", "changes applied"))
            eventually(lambda: offices.context.wake(NOTIFY_SWEEP) and post_office.to(REVIEWER))
            eventually(lambda: lines(tmp_path / "report.log", "report made"))
    [mail] = post_office.to(REVIEWER)
    assert mail["X-Muster-Request-ID"] == ASKED
    assert [line["request_id"] for line in lines(tmp_path / "notify.log", "sent")] == [ASKED]
    for log, message in (("notify", "changes applied"), ("report", "changes applied"), ("report", "report made")):
        assert ASKED in {line["request_id"] for line in lines(tmp_path / f"{log}.log", message)}, (log, message)


def test_one_task_for_two_requests_has_the_id_of_the_first(offices: Any) -> None:
    forget_wake_ups(offices)
    submitted(offices, factories.donor("first-fund"), request_id="first")
    submitted(offices, factories.donor("second-fund"), request_id="second")
    redis: Any = Redis.from_url(offices.context.settings.broker_url())
    [waiting] = redis.execute_command("LRANGE", "notify", 0, -1)
    redis.close()
    headers = json.loads(waiting)["headers"]
    assert (headers["task"], headers["request_id"]) == (NOTIFY_FOLLOW, "first")
