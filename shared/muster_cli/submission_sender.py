"""Send envelopes to ingest over HTTP, patiently, and say what became of each."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from muster_cli.submission_files import Sending, sendings

COUNTS: Final = ("new", "changed", "unchanged", "withdrawn")
_TIMEOUT: Final = (5, 120)  # seconds to connect, to answer
_ACCEPTED: Final = frozenset({200, 201, 202})
_ABOUT_THE_DATA: Final = frozenset({400, 403, 409, 413, 415, 422})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one envelope.

    ``status`` is ``accepted``, ``rejected`` (the data has to change) or ``failed`` (nobody judged it). Each of
    ``errors`` is ingest's own, with the ``line`` of the CSV file added. ``http_status`` is None without an answer.
    """

    file: Path
    office: str
    status: str
    receipt: str | None = None
    submission_id: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[Mapping[str, Any], ...] = ()
    http_status: int | None = None
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """The outcome as ``--json`` prints it."""
        return {**asdict(self), "file": str(self.file)}


def patient(*, backoff: float = 0.5) -> Retry:
    """Try again when the line or a service is away or busy: seconds double from ``backoff``, ``Retry-After`` counts."""
    return Retry(
        total=7,
        connect=5,
        backoff_factor=backoff,
        backoff_max=8,
        status_forcelist=frozenset({429, 502, 503, 504}),
        allowed_methods=frozenset({"POST"}),
        raise_on_status=False,
    )


def submit_files(
    paths: Sequence[Path],
    *,
    base_url: str,
    token: str,
    office: str | None = None,
    kind: str | None = None,
    note: str | None = None,
    progress: Progress | None = None,
    retry: Retry | None = None,
) -> list[Outcome]:
    """Send every envelope of the files, in order; ``progress`` is told (done, total).

    Rejected data does not stop what follows; a service that cannot be reached does.

    Raises:
        RecordsError: a file cannot be read; then nothing was sent.
    """
    waiting = sendings(paths, office=office, kind=kind, note=note)
    report = progress or (lambda _done, _total: None)
    report(0, len(waiting))
    outcomes: list[Outcome] = []
    with _session(base_url, token, retry or patient()) as http:
        sender = _Sender(http, base_url.rstrip("/"), secrets.token_hex(16))
        for sending in waiting:
            stopped = outcomes and outcomes[-1].status == "failed"
            outcomes.append(_not_sent(sending) if stopped else sender.send(sending))
            report(len(outcomes), len(waiting))
    return outcomes


class _Bearer(AuthBase):
    """Sets the token as requests' own authentication: otherwise a .netrc entry for the host would replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _session(base_url: str, token: str, retry: Retry) -> requests.Session:
    http = requests.Session()
    http.auth = _Bearer(token)
    http.headers["Content-Type"] = "application/json"
    http.trust_env = urlsplit(base_url).hostname not in _LOOPBACK  # no proxy between a machine and itself
    for scheme in ("http://", "https://"):
        http.mount(scheme, HTTPAdapter(max_retries=retry))
    return http


@dataclass(frozen=True, slots=True)
class _Sender:
    http: requests.Session
    base_url: str
    invocation: str

    def send(self, sending: Sending) -> Outcome:
        body = json.dumps(sending.body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            answer = self.http.post(
                f"{self.base_url}/ingest/v1/submissions",
                data=body,
                headers={"Idempotency-Key": self._key(sending.office, body)},
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            detail = f"{self.base_url} is not reachable ({type(error).__name__})"
            return Outcome(sending.file, sending.office, "failed", detail=detail)
        return _outcome(sending, answer)

    def _key(self, office: str, body: bytes) -> str:
        """Same envelope, same run: same key, so a retry is not a second submission.

        Another run has another key: after an undo or somebody else's change the same content is judged anew.
        """
        content = hashlib.sha256(body).hexdigest()
        return hashlib.sha256(f"{self.invocation}/{office}/{content}".encode()).hexdigest()


def _outcome(sending: Sending, answer: requests.Response) -> Outcome:
    status = _status(answer.status_code)
    document = _document(answer)
    if status != "failed" and document is None:
        status = "failed"
    said = document or {}
    return Outcome(
        file=sending.file,
        office=str(said.get("office") or sending.office),
        status=status,
        receipt=said.get("receipt"),
        submission_id=said.get("submission_id"),
        counts={name: int(said.get(name) or 0) for name in COUNTS} if status == "accepted" else {},
        errors=tuple(_with_line(error, sending.lines) for error in said.get("errors") or ()),
        http_status=answer.status_code,
        detail=str(said.get("detail") or "") if status != "failed" else _failure(answer, said),
    )


def _status(http_status: int) -> str:
    if http_status in _ACCEPTED:
        return "accepted"
    return "rejected" if http_status in _ABOUT_THE_DATA else "failed"


def _document(answer: requests.Response) -> dict[str, Any] | None:
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _failure(answer: requests.Response, said: Mapping[str, Any]) -> str:
    if answer.is_redirect:
        return f"the address moved to {answer.headers['Location']}: give that with --url"
    if answer.status_code in _ACCEPTED | _ABOUT_THE_DATA:
        return f"the answer is not ingest's (HTTP {answer.status_code}): is the address right?"
    return str(said.get("detail") or f"HTTP {answer.status_code}")


def _with_line(error: Mapping[str, Any], lines: Sequence[int | None]) -> dict[str, Any]:
    index = error.get("record")
    known = isinstance(index, int) and 0 <= index < len(lines) and lines[index] is not None
    return {**error, "line": lines[index]} if known and isinstance(index, int) else dict(error)


def _not_sent(sending: Sending) -> Outcome:
    return Outcome(sending.file, sending.office, "failed", detail="not sent")
