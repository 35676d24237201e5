"""The people of an organization at work: each day's reading and writing at its moments, and how long each waited."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final

import requests
import xlsxwriter

import factories
from chaos.running import Running
from muster_shared.auth import Caller, issue
from soak.days import Organization, Read, Write

_AT_ONCE: Final = 24
_RECORDS_AT_ONCE: Final = 500
_COLUMNS: Final = (
    *("project_code", "title", "office", "start", "end", "manager.name", "manager.email"),
    *("budget.amount", "budget.currency", "areas.code", "areas.percent"),
    *("targets.group", "targets.sex", "targets.age_min", "targets.age_max", "targets.count"),
)
_TARGETS: Final = ("returnees", "female", 18, 59, 120)
_FINE: Final = {
    "page": (200, 204, 304),
    "submission": (200, 201),
    "workbook": (200, 201, 202),
    "workbook with mistakes": (422,),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A request of a kind, sent ``at`` seconds of the monotonic clock, its answer after ``seconds``; 0: no answer."""

    at: float
    what: str
    seconds: float
    status: int

    @property
    def is_fine(self) -> bool:
        """Whether it was answered as it had to be."""
        return self.status in _FINE[self.what]


@dataclass(slots=True)
class Traffic:
    """What was answered so far, and how late requests were sent, in seconds."""

    running: Running
    organization: Organization
    answered: list[Answered] = field(default_factory=list)
    late: float = 0.0
    _own: threading.local = field(default_factory=threading.local)

    def begin(self) -> None:
        """Send all there is on the first morning.

        Raises:
            AssertionError: something of it is refused.
        """
        self._submit("HQ", [factories.office("HQ")])
        for records in _portions(list(self.organization.beginnings())):
            answer = self._submit("HQ", records)
            assert answer.status_code == 201, answer.text[:2000]

    def live_through(self, number: int, seconds: float) -> None:
        """A day of so many seconds: everything in it is sent at its moment, or as soon as somebody is free."""
        began = time.monotonic()
        with ThreadPoolExecutor(_AT_ONCE) as people:
            for deed in self.organization.day(number):
                time.sleep(max(0.0, began + deed.at * seconds - time.monotonic()))
                people.submit(self._do, number, deed, began + deed.at * seconds)

    def _do(self, number: int, deed: Read | Write, moment: float) -> None:
        sent = time.monotonic()
        self.late = max(self.late, sent - moment)
        what, request = self._request(number, deed)
        try:
            status = request().status_code
        except requests.RequestException:
            status = 0
        self.answered.append(Answered(sent, what, time.monotonic() - sent, status))

    def _request(self, number: int, deed: Read | Write) -> tuple[str, Callable[[], requests.Response]]:
        if isinstance(deed, Read):
            return "page", lambda: self._open(deed)
        if deed.rows:
            content = workbook(deed, number)
            return "workbook with mistakes" if deed.mistakes else "workbook", lambda: self._upload(deed.office, content)
        return "submission", lambda: self._submit(deed.office, list(deed.records))

    def _open(self, deed: Read) -> requests.Response:
        headers = self._as(self.organization.caller(deed.reader)) | {"Accept": "text/html,*/*"}
        return self._session.get(self.running.address + deed.path, headers=headers, timeout=60)

    def _upload(self, office: str, content: bytes) -> requests.Response:
        url = f"{self.running.address}/ingest/v1/workbooks?office={office}"
        files = {"file": ("projects.xlsx", content)}
        return self._session.post(url, files=files, headers=self._as(_OFFICE_WRITES), timeout=60)

    def _submit(self, office: str, records: list[dict[str, Any]]) -> requests.Response:
        url = f"{self.running.address}/ingest/v1/submissions"
        body = factories.envelope(*records, code=office)
        return self._session.post(url, json=body, headers=self._as(_OFFICE_WRITES), timeout=60)

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        session: requests.Session = self._own.session
        return session

    def _as(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {_token(self.running, caller)}"}


_OFFICE_WRITES: Final = Caller("offices@example.org", "service")


@cache
def _token(running: Running, caller: Caller) -> str:
    return issue(running.known, caller, lifetime=timedelta(days=60))


def workbook(deed: Write, number: int) -> bytes:
    """An office's projects as they stand on a day; one with a mistake names an area that is none."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("project")
        sheet.write_row(0, 0, _COLUMNS)
        for row in range(deed.rows):
            area = "migration_helth" if row < deed.mistakes else "migration_health"
            sheet.write_row(row + 1, 0, (*_project(deed.office, row), 1000 + row + number, "USD", area, 100, *_TARGETS))
    return made.getvalue()


def _project(office: str, row: int) -> Iterator[str]:
    yield from (f"{office}-{row:03}", f"Clinics of district {row}", office, "2019-01-01", "2020-12-31")
    yield from (f"Paul Mwangi {row}", f"paul{row}@example.org")


def _portions(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(records), _RECORDS_AT_ONCE):
        yield records[first : first + _RECORDS_AT_ONCE]
