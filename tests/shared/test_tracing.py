"""Traces cost nothing where none are asked for, hold nobody up, and join work to what the rows came from."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster_shared import logs, tracing, tracing_rows
from muster_shared.embedded.valkey import Valkey
from muster_shared.tasks import Wake, make_celery
from otlp_receiver import Receiver, receiving

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
APPS = """
import os, sys
from muster_ingest.wsgi import app as ingest
from muster_report.worker import celery as report
from muster_notify.worker import celery as notify
print([name for name in sys.modules if name.startswith("opentelemetry")][:3])
"""


def told_by(code: str, folder: Path, **environ: str) -> str:
    """The last line that a new process prints, which has settings that lead nowhere."""
    urls = {f"MUSTER_{name}_DATABASE_URL": "postgresql://127.0.0.1:1/none" for name in ("INGEST", "REPORT", "NOTIFY")}
    told = {"MUSTER_DATA_DIR": str(folder), "MUSTER_REDIS_URL": "redis://127.0.0.1:1", **urls, **environ}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MUSTER_", "OTEL_"))}
    ran = subprocess.run([sys.executable, "-c", code], env=kept | told, capture_output=True, text=True, check=True)
    return ran.stdout.strip().splitlines()[-1]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """This process traces, and whatever is sent comes in here."""
    with receiving() as receiving_one:
        monkeypatch.setenv(ENDPOINT, receiving_one.url)
        assert tracing.begin("ingest")
        yield receiving_one
        tracing.end()


@pytest.fixture
def wake(valkey_server: Valkey) -> Iterator[Wake]:
    app = make_celery("report", valkey_server.url())
    waking = Wake(app, valkey_server.url())
    waking.with_redis("test", lambda redis: redis.flushdb())
    yield waking
    app.close()


def request(traceparent: str = "", path: str = "/ingest/v1/submissions", then: Any = None) -> str:
    """A request answered by this process; returns what a row written in it keeps."""
    kept = []

    def application(_environ: Any, _start_response: Any) -> list[bytes]:
        kept.append(tracing.origin())
        if then:
            then()
        tracing.answered("POST", path, 201)
        return []

    tracing.serving(application)({"PATH_INFO": path, "HTTP_TRACEPARENT": traceparent}, None)
    return kept[0]


def trace_of(origin: str) -> str:
    return origin.split("-")[1]


def test_without_an_address_for_them_nothing_that_traces_is_imported(tmp_path: Path) -> None:
    assert told_by(APPS, tmp_path) == "[]"


@pytest.mark.parametrize("switch", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_the_standard_switches_turn_them_off(switch: dict[str, str]) -> None:
    assert not tracing.begin("ingest", {ENDPOINT: "http://127.0.0.1:9", **switch})


def test_where_the_libraries_are_missing_one_line_says_how_to_install_them_and_all_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tracing, "_NEEDED", ("opentelemetry_that_is_not_there.sdk",))
    assert not tracing.begin("ingest", {ENDPOINT: "http://127.0.0.1:9"})
    assert ["muster[traces]" in record.getMessage() for record in caplog.records] == [True]
    assert request() == ""


def test_a_request_goes_on_with_the_trace_it_came_with(receiver: Receiver) -> None:
    given = f"00-{'ab' * 16}-{'cd' * 8}-01"
    assert trace_of(request(given)) == "ab" * 16
    assert trace_of(request("00-not-a-trace")) != "ab" * 16
    tracing.end()
    assert [span.parent for span in receiver.spans()] == ["cd" * 8, ""]


def test_a_request_that_is_not_sampled_leaves_none(receiver: Receiver) -> None:
    request(f"00-{'ab' * 16}-{'cd' * 8}-00")
    request(path="/ingest/healthz")
    tracing.end()
    assert receiver.spans() == []


def test_a_tick_is_no_trace_until_it_does_what_comes_from_a_request(receiver: Receiver, wake: Wake) -> None:
    origin = request(then=lambda: tracing_rows.note_positions(wake, 7))
    for upto in (0, 7):
        tracing.task_begins("report.regenerate", f"tick-{upto}", "")
        with tracing.asking("GET", "/ingest/v1/changes"):
            assert tracing.headers()["traceparent"].endswith("-00")
        if upto:
            tracing.come_from(tracing_rows.of_positions(wake, 0, upto))
        with tracing.asking("POST", "/ingest/v1/submissions"):
            pass
        tracing.task_ends(None)
    tracing.end()
    spans = [span for span in receiver.spans() if span.trace == trace_of(origin)]
    assert len(spans) == len(receiver.spans())
    assert [span.name for span in spans] == [
        "POST /ingest/v1/submissions",
        "POST /ingest/v1/submissions",
        "report.regenerate",
    ]
    assert spans[2].told["messaging.message.id"] == "tick-7"


def test_work_is_in_the_trace_of_its_row_and_linked_to_the_task_that_did_it(receiver: Receiver, wake: Wake) -> None:
    origins = [request(then=lambda at=at: tracing_rows.note_positions(wake, at)) for at in (3, 5, 9)]
    tracing.task_begins("report.regenerate", "woken", origins[0])
    with tracing.work("regenerate", tracing_rows.of_positions(wake, 3, 4), {"muster.position": 4}):
        pass
    tracing.come_from(tracing_rows.of_positions(wake, 0, 6))
    tracing.task_ends(ValueError("amina@example.org"))
    tracing.end()
    [work] = receiver.named("ingest", "regenerate")
    [task] = receiver.named("ingest", "report.regenerate")
    first, second, third = map(trace_of, origins)
    assert (work.trace, work.links) == (second, (first,))
    assert (task.trace, task.links) == (first, (second, third))
    assert task.told["error.type"] == "ValueError"
    assert "example.org" not in receiver.everything()


def test_statements_are_told_without_what_they_were_given_and_only_within_a_trace(receiver: Receiver) -> None:
    tracing.statement("SELECT 1", 0.5)
    request(then=lambda: tracing.statement("UPDATE mail SET status = %(status)s", 0.5))
    tracing.end()
    [statement] = [span for span in receiver.spans() if "db.query.text" in span.told]
    assert (statement.name, statement.told["db.query.text"]) == ("UPDATE", "UPDATE mail SET status = %(status)s")


def test_lines_of_the_log_lead_to_the_trace_they_belong_to(receiver: Receiver) -> None:
    def line() -> dict[str, Any]:
        read: dict[str, Any] = json.loads(logs.JsonFormatter("ingest").format(logging.makeLogRecord({"msg": "x"})))
        return read

    within: list[dict[str, Any]] = []
    origin = request(then=lambda: within.append(line()))
    assert within[0]["trace_id"] == trace_of(origin)
    assert "trace_id" not in line()


@pytest.mark.parametrize("wrong", [{"seconds": 60.0}, {"status": 503}], ids=["silent", "refusing"])
def test_a_collector_that_takes_nothing_holds_up_neither_requests_nor_the_end(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(**wrong) as slow:
        monkeypatch.setenv(ENDPOINT, slow.url)
        for name, value in {"MAX_QUEUE_SIZE": "64", "MAX_EXPORT_BATCH_SIZE": "32", "SCHEDULE_DELAY": "50"}.items():
            monkeypatch.setenv(f"OTEL_BSP_{name}", value)
        assert tracing.begin("ingest")
        began = time.monotonic()
        for _ in range(300):  # more than the queue holds
            request()
        answered = time.monotonic()
        tracing.end()
        assert answered - began < 30  # one wait for the collector is 60
        assert time.monotonic() - answered < 10
        slow.seconds = 0
