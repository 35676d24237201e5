"""Uploads that do not come to their end: the line is cut, the worker is killed, two browsers send at once."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from openpyxl import Workbook

import factories
from chaos.conftest import HOME
from chaos.holding import writing_held, writing_waits
from chaos.running import Running, eventually
from muster_shared.settings import Settings

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]
ROWS = 300


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An instance that works on workbooks of more than a hundred rows in the background."""
    folder = tmp_path_factory.mktemp("uploads")
    running = Running(Settings(data_dir=folder / "data", port=0, clock=HOME, lease_seconds=3, rows_at_once=100))
    running.start()
    headers = {"Authorization": f"Bearer {running.token()}"}
    body = factories.envelope(factories.office("HQ"), factories.office("KEN"), code="HQ")
    sent = requests.post(f"{running.address}/ingest/v1/submissions", json=body, headers=headers, timeout=60)
    assert sent.status_code == 201, sent.text
    yield running
    running.stop()


def partners(prefix: str, rows: int = ROWS) -> bytes:
    book = Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("partner")
    sheet.append(["partner_id", "name"])
    for number in range(rows):
        sheet.append([f"{prefix}-{number}", f"Partner {number}"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(running: Running, content: bytes, **headers: str) -> requests.Response:
    return requests.post(
        f"{running.address}/ingest/v1/workbooks?office=KEN",
        files={"file": ("partners.xlsx", content)},
        headers={"Authorization": f"Bearer {running.token()}", **headers},
        timeout=(5, 60),
    )


def stored(running: Running, prefix: str) -> list[int]:
    """The revision of each partner of an upload."""
    with running.database("ingest") as database:
        query = "SELECT revision FROM record WHERE kind = 'partner' AND key LIKE %s"
        return [revision for (revision,) in database.execute(query, (f"{prefix}-%",))]


def submission(running: Running, answer: requests.Response) -> dict[str, Any]:
    return dict(running.ask(f"/ingest/v1/submissions/{answer.json()['submission_id']}").json())


def accepted(running: Running, answer: requests.Response) -> dict[str, Any]:
    eventually(lambda: submission(running, answer)["status"] != "processing", "the workbook worked on", 60)
    found = submission(running, answer)
    assert found["status"] == "accepted", json.dumps(found)[:1000]
    return found


def test_a_line_cut_in_the_middle_leaves_nothing_and_the_next_try_is_whole(offices: Running) -> None:
    content, before = partners("cut", 90), len(list(offices.items("/ingest/v1/submissions")))
    request = requests.Request(
        "POST",
        f"{offices.address}/ingest/v1/workbooks?office=KEN",
        files={"file": ("partners.xlsx", content)},
        headers={"Authorization": f"Bearer {offices.token()}"},
    ).prepare()
    body = request.body
    assert isinstance(body, bytes)
    address = urlsplit(offices.address)
    head = f"POST {request.path_url} HTTP/1.1\r\nHost: {address.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(head.encode() + b"\r\n" + body[: len(body) // 2])
    answer = upload(offices, content)
    assert (answer.status_code, answer.json()["new"]) == (201, 90), answer.text
    assert len(list(offices.items("/ingest/v1/submissions"))) == before + 1


def test_a_large_workbook_is_worked_on_by_the_next_worker_when_one_is_killed(
    offices: Running, figure: Callable[[str, float], None]
) -> None:
    with writing_held(offices):
        answer = upload(offices, partners("killed"))
        assert answer.status_code == 202, answer.text
        writing_waits(offices)
        old = offices.kill_with_children("ingest-worker")
        offices.wait_for_new("ingest-worker", old)
        assert submission(offices, answer)["status"] == "processing"
        assert stored(offices, "killed") == []
    taken = eventually(lambda: submission(offices, answer)["status"] != "processing", "worked on again", 90)
    figure("worker killed in a large workbook, until its receipt (lease 3 s)", taken)
    assert accepted(offices, answer)["new"] == ROWS
    assert stored(offices, "killed") == [1] * ROWS


@pytest.mark.parametrize("rows", [80, ROWS], ids=["at once", "in the background"])
def test_the_same_file_from_two_browsers_at_once_is_one_result(offices: Running, tmp_path: Path, rows: int) -> None:
    content, prefix = partners(f"twice{rows}", rows), f"twice{rows}"
    with ThreadPoolExecutor(4) as browsers:
        answers = list(browsers.map(lambda _: upload(offices, content), range(4)))
    receipts = [accepted(offices, answer) for answer in answers]
    assert sorted(receipt["new"] for receipt in receipts) == [0, 0, 0, rows]
    assert stored(offices, prefix) == [1] * rows


def test_the_same_key_is_one_submission(offices: Running) -> None:
    content = partners("key")
    with ThreadPoolExecutor(4) as browsers:
        answers = list(browsers.map(lambda _: upload(offices, content, **{"Idempotency-Key": "k"}), range(4)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["submission_id"] for answer in answers}) == 1
    first = accepted(offices, answers[0])
    again = upload(offices, content, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["receipt"]) == (200, first["receipt"])
