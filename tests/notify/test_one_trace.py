"""One trace from the request through real processes, by messages and by rows, to the mails; and no secret in it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

import factories
from muster_notify import issues_heard
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.embedded.ports import free_port
from muster_shared.names import NOTIFY_SWEEP
from muster_shared.settings import Settings
from otlp_receiver import Receiver, Span, receiving
from owing import OWNER, REVIEWER, extension, owed, project_owing
from real_worker import environment, eventually, forget_wake_ups, lines, worker

ASKED = "asked-and-traced-1"
READER = "reader.of.reports@example.org"
LINK = "a-link-that-signs-somebody-in"
REQUEST = "POST /ingest/v1/submissions"


@contextmanager
def granian(settings: Settings, folder: Path) -> Iterator[str]:
    """Ingest as it is served in earnest, once it has started; gives its address."""
    port = free_port()
    served = ("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "muster_ingest.wsgi:app")
    with (folder / "ingest.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "granian", "--no-access-log", *served],
            env=environment("ingest", settings),
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
        try:
            yield f"http://127.0.0.1:{port}"
            running.terminate()
            running.wait(30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)  # one that is stopped while it starts never ends
            running.wait(30)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


@dataclass
class Traced:
    """What the collector has once all processes have ended, and what went over the wire meanwhile."""

    receiver: Receiver
    token: str
    mails: list[str]
    folder: Path

    @property
    def request(self) -> Span:
        [span] = self.receiver.named("ingest", REQUEST)
        return span

    def of_request(self) -> list[Span]:
        return [span for span in self.receiver.spans() if span.trace == self.request.trace]


def submit(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": ASKED}
    sent = factories.envelope(extension(), factories.requirement())
    answer = requests.post(f"{url}/ingest/v1/submissions", json=sent, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    requests.get(f"{url}/ingest/sign-in", params={"link": LINK}, timeout=30)
    requests.get(f"{url}/ingest/no-such-page/{LINK}/{READER}", headers=headers, timeout=30)


@pytest.fixture
def traced(
    offices: Any,
    post_office: Any,
    open_context: Callable[[str], Context],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Traced]:
    offices.submit(*project_owing(owed(90)))
    offices.follow()
    offices.advance("2h")  # at home it is too early for news of reports
    issues_heard.follow(offices.context, Caller(READER, "analyst"), "funding-requirements", {"year": "2016"})
    forget_wake_ups(offices)
    report, token = open_context("report"), offices.token("admin")

    def mails() -> bool:
        return bool(post_office.to(REVIEWER) and post_office.to(READER))

    with receiving() as receiver, ExitStack() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        url = running.enter_context(granian(offices.ingest.settings, tmp_path))
        for service, known in (("notify", offices.context), ("report", report)):
            running.enter_context(worker(service, replace(known.settings, ingest_url=url), tmp_path))
        eventually(lambda: answers(f"{url}/ingest/healthz"), 90)
        submit(url, token)
        eventually(lambda: lines(tmp_path / "report.log", "report made"))
        eventually(lambda: report.wake("report.regenerate") and offices.context.wake(NOTIFY_SWEEP) and mails(), 90)
        running.close()

        yield Traced(receiver, token, [str(mail) for mail in post_office.taken], tmp_path)


@pytest.mark.timeout(240)  # three processes start, also on a busy machine
def test_what_a_submission_brings_about_is_one_trace_down_to_the_mails_and_holds_no_secret(traced: Traced) -> None:
    spans = traced.of_request()
    found = {(span.process, span.name) for span in spans}
    for process, follow in (("report-worker", "report.follow"), ("notify-worker", "notify.follow")):
        way = ("ingest", f"send {follow}"), (process, follow), (process, "GET /ingest/v1/changes")
        assert found >= {*way, ("ingest", "GET /ingest/v1/changes")}
    assert found >= {("report-worker", "regenerate"), ("notify-worker", "deliver")}
    assert {one.told["muster.mail_kind"] for one in spans if one.name == "deliver"} == {"answer", "report"}
    assert {span.parent for span in spans} <= {span.span for span in spans} | {""}
    assert [span.name for span in spans if not span.parent] == [REQUEST]
    assert traced.request.told["muster.request_id"] == ASKED
    assert not [span.name for span in traced.receiver.spans() if "healthz" in span.name]
    is_logged(traced)
    holds_no_secret(traced)


def is_logged(traced: Traced) -> None:
    for log, message in (("report", "report made"), ("notify", "sent")):
        assert traced.request.trace in {line.get("trace_id") for line in lines(traced.folder / f"{log}.log", message)}


def holds_no_secret(traced: Traced) -> None:
    """Neither what the test sent nor any part of a link in the mails that went out."""
    everything = traced.receiver.everything()
    assert REQUEST in everything
    links = {part for mail in traced.mails for part in re.findall(r"[\w.~-]{40,}", mail)}
    for secret in (*links, traced.token, LINK, READER, REVIEWER, OWNER, "example.org"):
        assert secret not in everything
