"""Clients as offices have them: they keep an envelope and its key until they hold a receipt."""

from __future__ import annotations

import itertools
import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import TracebackType
from typing import Self

import requests

from chaos.ledger import AREAS, OFFICES, Acknowledged, Ledger, Submission
from chaos.reached import Reached
from chaos.running import eventually

_AWAY = (502, 503, 504)
_RECEIPT = (200, 201)
_PATIENCE = 90.0
_BETWEEN = 0.08
_FORGETFUL = 7  # of so many submissions one is sent once more, after its receipt
_PAUSE = 0.1  # a real client heeds Retry-After; a short pause makes more of them meet the fault


class Client:
    """Sends one submission after the other; whatever is not a receipt or a plain "try again" is a failure."""

    def __init__(self, running: Reached, ledger: Ledger) -> None:
        self._url = f"{running.address}/ingest/v1/submissions"
        self._token = running.token()
        self._ledger = ledger

    def send(self, submission: Submission, *, key: str | None = None) -> Acknowledged:
        """Send until there is a receipt, always under the same key; then write it down."""
        answer, tries = self._insist(submission, key or secrets.token_hex(8))
        document = answer.json()
        entry = Acknowledged(submission, document["submission_id"], document["receipt"], answer.status_code, tries)
        self._ledger.note(entry)
        return entry

    def repeat(self, entry: Acknowledged, *, key: str) -> None:
        """Send once more what has its receipt, as a client does that forgot: it gets the same one."""
        answer, _ = self._insist(entry.submission, key)
        document = answer.json()
        got = (answer.status_code, document["submission_id"], document["receipt"])
        assert got == (200, entry.submission_id, entry.receipt), f"{got} for {entry}"

    def _insist(self, submission: Submission, key: str) -> tuple[requests.Response, int]:
        body, deadline, tries = json.dumps(submission.envelope).encode(), time.monotonic() + _PATIENCE, 0
        while time.monotonic() < deadline:
            tries += 1
            answer = self._try(body, key)
            if answer is not None:
                return answer, tries
            time.sleep(_PAUSE)
        raise AssertionError(f"no receipt within {_PATIENCE} s")

    def _try(self, body: bytes, key: str) -> requests.Response | None:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            answer = requests.post(self._url, data=body, headers=headers, timeout=(2, 15))
        except requests.RequestException:
            self._ledger.note_turned_away()
            return None
        if answer.status_code in _RECEIPT:
            return answer
        self._ledger.note_turned_away()
        assert answer.status_code in _AWAY, f"{answer.status_code}: {answer.text[:500]}"
        assert answer.headers.get("Retry-After"), f"{answer.status_code} without Retry-After: {answer.text[:500]}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        return None


class Load:
    """Many clients at once, each with an office of its own, while the block runs; errors of theirs are raised."""

    def __init__(
        self,
        running: Reached,
        ledger: Ledger,
        *,
        clients: int = 8,
        projects: bool = True,
        since: date | None = None,
        between: float = _BETWEEN,
    ) -> None:
        """``since``: the day from which on the projects owe, else the clock's; ``between``: seconds of rest."""
        self._running, self._ledger, self._projects = running, ledger, projects
        self._since, self._between = since, between
        self._stopping = threading.Event()
        self._errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(OFFICES[number],)) for number in range(clients)]

    def wait_for(self, more: int, seconds: float = 60) -> float:
        """Until so many more submissions are acknowledged; the seconds it took."""
        wanted = len(self._ledger.acknowledged) + more
        enough = eventually(
            lambda: len(self._ledger.acknowledged) >= wanted or self._errors, f"{more} receipts", seconds
        )
        self._raise()
        return enough

    def _work(self, office: str) -> None:
        try:
            client = Client(self._running, self._ledger)
            for number in itertools.count():
                key = secrets.token_hex(8)
                entry = client.send(self._submission(office, number), key=key)
                if number % _FORGETFUL == 1:
                    client.repeat(entry, key=key)
                if self._stopping.wait(self._between):
                    break
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            self._errors.append(error)

    def _submission(self, office: str, number: int) -> Submission:
        """A requirement; every fifth brings a project whose report is overdue by a day."""
        since = self._since or self._running.now().date()
        brings_one = self._projects and number % 5 == 0
        area = list(AREAS)[number % len(AREAS)]
        return self._ledger.requirement(office, area, project_since=since if brings_one else None)

    def _raise(self) -> None:
        if self._errors:
            raise self._errors[0]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if error is None:
            self._raise()


def send_at_once(running: Reached, ledger: Ledger, *, clients: int, each: int) -> float:
    """So many clients send so many submissions each, as fast as they can; the seconds it took."""

    def send(office: str) -> None:
        client = Client(running, ledger)
        for number in range(each):
            client.send(ledger.requirement(office, list(AREAS)[number % len(AREAS)]))

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as offices:
        list(offices.map(send, OFFICES[:clients]))
    return time.monotonic() - began
