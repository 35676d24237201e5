"""Workbooks over HTTP: sent once however often the line is cut, followed to the end, fetched with their errors."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests

from muster_cli.submission_files import Workbook
from muster_cli.workbook_body import WorkbookBody

ANSWER_IN: Final = (5, 120)  # seconds to connect, to answer
_FIRST_PAUSE: Final = 0.1  # seconds until it is asked whether a large file is done
_LONGEST_PAUSE: Final = 2.0
_PAGE: Final = 1000
_SUBMISSIONS: Final = "/ingest/v1/submissions/"

Watch = Callable[[str, float, float], None]


class Unanswered(Exception):
    """A question was answered by something else than what was asked for; its text says what came."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Speaks to ingest about workbooks. ``watch`` is told (what goes on, done, total): bytes, or shares of 1."""

    http: requests.Session
    base_url: str
    invocation: str
    watch: Watch

    def send(self, workbook: Workbook, *, dry_run: bool) -> requests.Response:
        """The answer to the upload. It has the same key as long as the content is the same, so it counts once.

        Raises:
            requests.RequestException: no answer came, patiently.
            OSError: the file cannot be read.
        """
        form = {"office": workbook.office, "note": workbook.note}
        said = {name: value for name, value in form.items() if value}
        with WorkbookBody(workbook.file, said, self._sent(workbook.file)) as body:
            return self.http.post(
                f"{self.base_url}/ingest/v1/workbooks",
                params={"dry_run": "true"} if dry_run else {},
                data=body,
                headers={"Content-Type": body.content_type, "Idempotency-Key": self._key(workbook)},
                timeout=ANSWER_IN,
                allow_redirects=False,
            )

    def _sent(self, file: Path) -> Callable[[int, int], None]:
        return lambda done, total: self.watch(f"sending {file.name}", done, total)

    def _key(self, workbook: Workbook) -> str:
        """One key for one file in one run, as for envelopes: the office and the note belong to what is sent."""
        with workbook.file.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        told = f"{self.invocation}/{workbook.office}/{workbook.note or ''}/{content}"
        return hashlib.sha256(told.encode()).hexdigest()

    def settled(self, workbook: Workbook, answer: requests.Response) -> dict[str, Any]:
        """What became of a file that is worked on, asked until it is accepted or rejected.

        Raises:
            requests.RequestException: no answer came, patiently.
            Unanswered: what came is not about a submission.
        """
        place = self._place(answer)
        for turn in count():
            document = self._document(place)
            if document.get("status") != "processing":
                return document
            self.watch(f"{workbook.file.name}: read and checked by Muster", _share(document.get("progress")), 1.0)
            time.sleep(min(_FIRST_PAUSE * 1.5 ** min(turn, 20), _LONGEST_PAUSE))
        raise AssertionError("unreachable")

    def _place(self, answer: requests.Response) -> str:
        """Where to ask; only ever at the address the token is for."""
        told = answer.headers.get("Location", "")
        if told.startswith(_SUBMISSIONS):
            return self.base_url + told
        return self.address(str(answer.json().get("submission_id") or ""))

    def address(self, submission_id: str) -> str:
        """Where a submission is asked for."""
        return self.base_url + _SUBMISSIONS + quote(submission_id, safe="")

    def annotated(self, submission_id: str) -> bytes:
        """The workbook of a submission with each error pinned in its cell.

        Raises:
            requests.RequestException: no answer came.
            Unanswered: there is none; the text says why.
        """
        if not submission_id:
            raise Unanswered("the file was not kept")
        address = f"{self.address(submission_id)}/annotated.xlsx"
        answer = self.http.get(address, timeout=ANSWER_IN, allow_redirects=False)
        if answer.status_code != requests.codes.ok or not answer.content.startswith(b"PK"):
            raise Unanswered(_detail(answer))
        return answer.content

    def changes(self, submission_id: str) -> list[Mapping[str, Any]]:
        """Every change of a submission, page by page.

        Raises:
            requests.RequestException: no answer came.
            Unanswered: what came is no list of changes.
        """
        found: list[Mapping[str, Any]] = []
        after: str | None = ""
        while after is not None:
            asked = {"limit": str(_PAGE)} | ({"after": after} if after else {})
            page = self._document(f"{self.address(submission_id)}/changes?{urlencode(asked)}")
            items = page.get("items")
            found += items if isinstance(items, list) else []
            after = page.get("next") if items else None
        return found

    def _document(self, address: str) -> dict[str, Any]:
        answer = self.http.get(address, timeout=ANSWER_IN, allow_redirects=False)
        try:
            document = answer.json()
        except requests.JSONDecodeError as error:
            raise Unanswered(_detail(answer)) from error
        if answer.status_code != requests.codes.ok or not isinstance(document, dict):
            raise Unanswered(_detail(answer))
        return document


def _share(progress: object) -> float:
    return min(max(float(progress), 0.0), 1.0) if isinstance(progress, int | float) else 0.0


def _detail(answer: requests.Response) -> str:
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        said = None
    detail = said.get("detail") if isinstance(said, dict) else None
    return str(detail or f"the answer was HTTP {answer.status_code}")
