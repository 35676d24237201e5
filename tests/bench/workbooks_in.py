"""Workbooks in: reading, checking and storing beside what openpyxl takes merely to look at the cells."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

import factories
from bench.measuring import Bounded, Compared, cpu_during, own_cpu, peak_of, tree
from chaos.running import Running
from muster_ingest.workbooks.columns import columns_of

NAMES = [*(column.name for column in columns_of("project")), "revision", "action"]
ROUNDS = 5


def results(running: Running) -> Iterator[Compared | Bounded]:
    """Measured one after the other, each round of ours beside one of the yardstick."""
    sender = Sender(running)
    sender.begin()
    yield from large(sender)  # first: a process keeps the peak of all it did before
    with running.followers_held():  # what they read is their own work, asked of the same process
        yield from _at_once(sender)


def _at_once(sender: Sender) -> Iterator[Compared]:
    for rows, limit in ((200, 2.0), (10_000, 1.0)):
        yield uploaded(sender, rows, limit)
    yield annotated(sender)


class Sender:
    """An office's client, and the process that serves it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.headers = {"Authorization": f"Bearer {running.token()}"}

    def begin(self) -> None:
        """Offices to send for, and every process warm."""
        body = factories.envelope(factories.office("HQ"), factories.office("KEN"), code="HQ")
        self._answered(requests.post(self._url("submissions"), json=body, headers=self.headers, timeout=60), 201)
        for number in range(3):
            self.upload(book(50, f"W{number}"), 201)

    def upload(self, content: bytes, status: int) -> dict[str, Any]:
        files = {"file": ("projects.xlsx", content)}
        url = self._url("workbooks?office=KEN")
        return self._answered(requests.post(url, files=files, headers=self.headers, timeout=600), status).json()  # type: ignore[no-any-return]

    def get(self, path: str) -> requests.Response:
        return self._answered(requests.get(self._url(path), headers=self.headers, timeout=600), 200)

    def _url(self, path: str) -> str:
        return f"{self.running.address}/ingest/v1/{path}"

    @staticmethod
    def _answered(answer: requests.Response, status: int) -> requests.Response:
        if answer.status_code != status:
            raise AssertionError(f"{answer.status_code}: {answer.text[:2000]}")
        return answer


def book(rows: int, prefix: str, *, wrong: int = 0) -> bytes:
    """Projects in all columns of their sheet; ``wrong`` of them name no area."""
    buffer = io.BytesIO()
    written = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = written.add_format({"num_format": "yyyy-mm-dd"})
    sheet = written.add_worksheet("project")
    for column, name in enumerate(NAMES):
        sheet.write_string(0, column, name)
        sheet.set_column(column, column, 14, day if name in DAYS else None)
    for number in range(rows):
        values = row_of(number, prefix, is_wrong=wrong > 0 and number % (rows // wrong) == 0)
        for column, name in enumerate(NAMES):
            value = values.get(name)
            if value is not None:
                sheet.write(number + 1, column, value)
    written.close()
    return buffer.getvalue()


DAYS = ("start", "end", "milestones.due", "milestones.completed")


def row_of(number: int, prefix: str, *, is_wrong: bool) -> dict[str, Any]:
    return {
        "project_code": f"{prefix}-{number:06d}",
        "title": f"Shelter for displaced families, phase {number}",
        "office": "KEN",
        "start": 41_640 + number % 300,
        "end": 42_735 + number % 300,
        "manager.name": f"Amina Otieno {number % 150}",
        "manager.email": f"amina{number % 150}@example.org",
        "alternate_manager.name": f"Paul Mwangi {number % 150}",
        "alternate_manager.email": f"paul{number % 150}@example.org",
        "budget.amount": 500_000 + number * 7.25,
        "budget.currency": "USD",
        "areas.code": "migration_helth" if is_wrong else "migration_health",
        "areas.percent": 100,
        "activities.code": "training",
        "activities.percent": 100,
        "objectives": f"Families of settlement {number} have a roof before the rains",
        "sdg_targets": "10.7; 11.1",
        "gender_marker": number % 5,
        "targets.group": "returnees",
        "targets.sex": "female",
        "targets.age_min": 18,
        "targets.age_max": 59,
        "targets.count": 100 + number % 3000,
        "milestones.name": "Kick-off",
        "milestones.due": 41_700 + number % 300,
        "milestones.completed": 41_702 + number % 300,
    }


def iterate(content: bytes) -> None:
    """What openpyxl's read-only mode takes to hand over every cell."""
    opened = load_workbook(io.BytesIO(content), read_only=True)
    for sheet in opened:
        for _ in sheet.iter_rows(values_only=True):
            pass


def uploaded(sender: Sender, rows: int, limit: float) -> Compared:
    job = f"guard, read, check and store {rows:,} rows of {len(NAMES)} columns"
    compared = Compared(job, "openpyxl read-only iterates the cells", limit)
    web = sender.running.pid("ingest-web")
    for number in range(ROUNDS if rows > 1000 else 9):
        content = book(rows, f"B{rows}-{number}")
        theirs = own_cpu(lambda content=content: iterate(content))  # type: ignore[misc]
        ours = cpu_during(web, lambda content=content: sender.upload(content, 201))  # type: ignore[misc]
        compared.round(ours, theirs)
    return compared


def annotated(sender: Sender) -> Compared:
    compared = Compared("annotate 200 wrong cells of 10,000 rows", "openpyxl loads, comments, fills, saves", 1 / 6)
    content = book(10_000, "A", wrong=200)
    problem = sender.upload(content, 422)
    web, path = sender.running.pid("ingest-web"), f"submissions/{problem['submission_id']}/annotated.xlsx"
    for _ in range(ROUNDS):
        theirs = own_cpu(lambda: comment(content, problem["errors"]))
        compared.round(cpu_during(web, lambda: sender.get(path)), theirs)
    return compared


def comment(content: bytes, errors: list[dict[str, Any]]) -> None:
    opened = load_workbook(io.BytesIO(content))
    for error in errors:
        cell = opened[error["sheet"]][error["cell"]]
        cell.comment = Comment(error["message"], "Muster")
        cell.fill = PatternFill("solid", fgColor="FFFFC7CE")
    opened.save(io.BytesIO())


def large(sender: Sender) -> Iterator[Bounded]:
    """A hundred thousand rows: the peak of every process that has to do with them."""
    content = book(100_000, "L")
    told = sender.upload(content, 202)
    del content
    workers = sender.running.pid("ingest-worker")
    peaks: dict[int, int] = {}
    while sender.get(f"submissions/{told['submission_id']}").json()["status"] == "processing":
        peaks |= {pid: peak_of(pid) for pid in tree(workers) if Path(f"/proc/{pid}").exists()}
        time.sleep(0.5)
    done = sender.get(f"submissions/{told['submission_id']}").json()
    if (done["status"], done["new"]) != ("accepted", 100_000):
        raise AssertionError(str(done)[:2000])
    yield Bounded("peak memory of the worker with 100,000 rows", max(peaks.values()), 250, "MB")
    web = max(peak_of(pid) for pid in tree(sender.running.pid("ingest-web")))
    yield Bounded("peak memory of the web process that took them in", web, 250, "MB")
