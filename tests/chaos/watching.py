"""A reader who looks on while faults happen: it may be turned away, and never sees half of anything."""

from __future__ import annotations

import hashlib
import threading
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import requests

from chaos.differences import same
from chaos.reached import Reached

_WORKBOOK: Final = "/report/v1/reports/funding-requirements/latest.xlsx?year=2016"
_CHANGES: Final = "/ingest/v1/changes"
_AWAY: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_BETWEEN: Final = 0.2
_PAGE: Final = 50


class Watcher:
    """Follows the change log with a cursor and fetches a workbook over and over; errors of its are raised at the end.

    ``after`` is the position from which on it follows; ``seen`` what it saw.
    """

    def __init__(self, running: Reached, *, after: int) -> None:
        self.after = after
        self.seen: list[dict[str, Any]] = []
        self.workbooks = 0
        self._address = running.address
        self._headers = {"Authorization": f"Bearer {running.token()}"}
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._watch)

    def saw(self, log: list[dict[str, Any]]) -> None:
        """Compare what it saw with the log as it stands in the end.

        Raises:
            AssertionError: a change came out of turn, or was missed.
        """
        while self._follow():
            pass
        wanted = [change for change in log if change["position"] > self.after]
        same("changes seen", _named(self.seen), _named(wanted))
        assert self.seen == wanted, "the changes came in another order, or with other fields"

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(_BETWEEN):
                self._follow()
                self._fetch()
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            self._error = error

    def _follow(self) -> int:
        after = self.seen[-1]["position"] if self.seen else self.after
        answer = self._ask(_CHANGES, after=after, limit=_PAGE)
        page = answer.json()["items"] if answer else []
        self.seen += page
        return len(page)

    def _fetch(self) -> None:
        answer = self._ask(_WORKBOOK)
        if answer:
            self.workbooks += 1
            assert answer.headers["ETag"].strip('"') == hashlib.sha256(answer.content).hexdigest(), "half a workbook"

    def _ask(self, path: str, **params: Any) -> requests.Response | None:
        try:
            answer = requests.get(self._address + path, params=params, headers=self._headers, timeout=(2, 15))
        except requests.RequestException:
            return None
        allowed = {HTTPStatus.OK, HTTPStatus.NOT_FOUND, *_AWAY}
        assert answer.status_code in allowed, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer if answer.status_code == HTTPStatus.OK else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error


def _named(changes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(change["position"], change["kind"], change["key"], change["revision"]) for change in changes]
