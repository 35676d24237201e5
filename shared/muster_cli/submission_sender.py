"""Send envelopes and workbooks to ingest over HTTP, patiently, and say what became of each."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import requests
from urllib3.util import Retry

from muster_cli.signed_session import signed_session
from muster_cli.submission_files import Sending, Workbook, queue
from muster_cli.workbook_delivery import ANSWER_IN, Delivery, Unanswered, Watch

COUNTS: Final = ("new", "changed", "unchanged", "withdrawn")
_ACCEPTED: Final = frozenset({200, 201, 202})
_ABOUT_THE_DATA: Final = frozenset({400, 403, 409, 413, 415, 422})

Progress = Callable[[int, int], None]
Annotate = Callable[[Path, bytes], Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one envelope or workbook.

    ``status`` is ``accepted``, ``rejected`` (the data has to change), ``processing`` (it is still being worked on) or
    ``failed`` (nobody judged it). Each of ``errors`` is ingest's own, with the ``line`` of the CSV file added;
    ``errors_found`` may be more than are listed, and ``changes`` fewer than the counts say. Of a ``dry_run`` nothing
    was kept. ``http_status`` is None without an answer. ``annotated`` is the file with the errors pinned in it.
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
    dry_run: bool = False
    errors_found: int = 0
    remarks: tuple[str, ...] = ()
    changes: tuple[Mapping[str, Any], ...] = ()
    unchanged_records: tuple[Mapping[str, Any], ...] = ()
    annotated: Path | None = None

    def document(self) -> dict[str, Any]:
        """The outcome as ``--json`` prints it."""
        annotated = _in_unicode(self.annotated) if self.annotated else None
        return {**asdict(self), "file": _in_unicode(self.file), "annotated": annotated}


def _in_unicode(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


class Interrupted(KeyboardInterrupt):
    """The user stopped the sending; ``outcomes`` is what was known of each file by then."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        super().__init__()
        self.outcomes = tuple(outcomes)


def patient(*, backoff: float = 0.5) -> Retry:
    """Try again when the line or a service is away or busy: seconds double from ``backoff``, ``Retry-After`` counts."""
    return Retry(
        total=7,
        connect=5,
        backoff_factor=backoff,
        backoff_max=8,
        status_forcelist=frozenset({429, 502, 503, 504}),
        allowed_methods=frozenset({"GET", "POST"}),
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
    dry_run: bool = False,
    all_changes: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
    annotate: Annotate | None = None,
    retry: Retry | None = None,
) -> list[Outcome]:
    """Send every envelope and workbook of the files, in order.

    ``progress`` is told (done, total) submissions, ``watch`` (what goes on, done, total) of a workbook on its way;
    ``annotate`` takes each rejected workbook with its errors and says where it put it. With ``all_changes`` those that
    a receipt leaves out are asked for too. Rejected data does not stop what follows; a service that cannot be reached
    does.

    Raises:
        RecordsError: a file cannot be read; then nothing was sent.
        Interrupted: the user stopped it.
    """
    waiting = queue(paths, office=office, kind=kind, note=note)
    report = progress or (lambda _done, _total: None)
    report(0, len(waiting))
    outcomes: list[Outcome] = []
    with signed_session(base_url, token, retry or patient()) as http:
        delivery = Delivery(http, base_url.rstrip("/"), secrets.token_hex(16), watch or (lambda *_told: None))
        sender = _Sender(delivery, dry_run, all_changes, annotate)
        for sending in waiting:
            stopped = outcomes and outcomes[-1].status == "failed"
            try:
                outcomes.append(_not_sent(sending) if stopped else sender.send(sending))
            except KeyboardInterrupt as stop:
                rest = [_not_sent(other) for other in waiting[len(outcomes) + 1 :]]
                raise Interrupted([*outcomes, _cut_short(sending, stop), *rest]) from stop
            report(len(outcomes), len(waiting))
    return outcomes


@dataclass(frozen=True, slots=True)
class _Sender:
    delivery: Delivery
    dry_run: bool
    all_changes: bool
    annotate: Annotate | None

    def send(self, sending: Sending | Workbook) -> Outcome:
        try:
            if isinstance(sending, Sending):
                return self._complete(_outcome(sending, self._post(sending)))
            outcome = self._send_workbook(sending)
        except requests.RequestException as error:
            detail = f"{self.delivery.base_url} is not reachable ({type(error).__name__})"
            return Outcome(sending.file, sending.office, "failed", detail=detail)
        return self._annotated(self._complete(outcome))

    def _post(self, sending: Sending) -> requests.Response:
        body = json.dumps(sending.body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.delivery.http.post(
            f"{self.delivery.base_url}/ingest/v1/submissions",
            params={"dry_run": "true"} if self.dry_run else {},
            data=body,
            headers={"Content-Type": "application/json", "Idempotency-Key": self._key(sending.office, body)},
            timeout=ANSWER_IN,
            allow_redirects=False,
        )

    def _key(self, office: str, body: bytes) -> str:
        """Same envelope, same run: same key, so a retry is not a second submission.

        Another run has another key: after an undo or somebody else's change the same content is judged anew.
        """
        content = hashlib.sha256(body).hexdigest()
        return hashlib.sha256(f"{self.delivery.invocation}/{office}/{content}".encode()).hexdigest()

    def _send_workbook(self, workbook: Workbook) -> Outcome:
        try:
            answer = self.delivery.send(workbook, dry_run=self.dry_run)
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            detail = f"the file cannot be read any more ({error.strerror})"
            return Outcome(workbook.file, workbook.office, "rejected", detail=detail)
        begun = _outcome(workbook, answer)
        return self._followed(workbook, answer, begun) if begun.status == "processing" else begun

    def _followed(self, workbook: Workbook, answer: requests.Response, begun: Outcome) -> Outcome:
        """What becomes of a workbook that is taken in and worked on; it goes on there whatever happens here."""
        look = f"it goes on there: look at {self.delivery.base_url}/ingest/submissions/{begun.submission_id}"
        try:
            said = self.delivery.settled(workbook, answer)
        except (requests.RequestException, Unanswered) as error:
            why = str(error) if isinstance(error, Unanswered) else f"no more answer ({type(error).__name__})"
            return replace(begun, status="failed", http_status=None, detail=f"{why}; {look}")
        except KeyboardInterrupt as stop:
            raise Interrupted([replace(begun, detail=f"you stopped waiting; {look}")]) from stop
        return _told(workbook, str(said.get("status") or "failed"), said, answer.status_code)

    def _complete(self, outcome: Outcome) -> Outcome:
        """With the changes that its receipt leaves out; of a dry run nothing is kept that could be asked for."""
        counted = sum(outcome.counts.get(name, 0) for name in ("new", "changed", "withdrawn"))
        if not self.all_changes or outcome.dry_run or not outcome.submission_id or counted <= len(outcome.changes):
            return outcome
        try:
            return replace(outcome, changes=tuple(self.delivery.changes(outcome.submission_id)))
        except (requests.RequestException, Unanswered) as error:
            return replace(outcome, remarks=(*outcome.remarks, f"not every change could be listed ({error})"))

    def _annotated(self, outcome: Outcome) -> Outcome:
        if self.annotate is None or outcome.status != "rejected":
            return outcome
        try:
            return replace(
                outcome, annotated=self.annotate(outcome.file, self.delivery.annotated(outcome.submission_id or ""))
            )
        except (OSError, Unanswered) as error:
            return replace(outcome, remarks=(*outcome.remarks, f"no annotated workbook: {error}"))


def _outcome(sending: Sending | Workbook, answer: requests.Response) -> Outcome:
    document = _document(answer)
    status = _status(answer.status_code) if document is not None else "failed"
    said = document or {}
    told = _told(sending, status, said, answer.status_code)
    return replace(told, detail=_failure(answer, said)) if status == "failed" else told


def _told(sending: Sending | Workbook, status: str, said: Mapping[str, Any], http_status: int) -> Outcome:
    lines = sending.lines if isinstance(sending, Sending) else ()
    errors = tuple(_with_line(error, lines) for error in said.get("errors") or ())
    return Outcome(
        file=sending.file,
        office=str(said.get("office") or sending.office),
        status=status,
        receipt=said.get("receipt"),
        submission_id=said.get("submission_id"),
        counts={name: int(said.get(name) or 0) for name in COUNTS} if status == "accepted" else {},
        errors=errors,
        http_status=http_status,
        detail=str(said.get("detail") or ""),
        dry_run=said.get("dry_run") is True,
        errors_found=int(said.get("errors_found") or len(errors)),
        remarks=tuple(str(remark) for remark in said.get("remarks") or ()),
        changes=tuple(said.get("changes") or ()),
        unchanged_records=tuple(said.get("unchanged_records") or ()),
    )


def _status(http_status: int) -> str:
    if http_status in _ACCEPTED:
        return "processing" if http_status == requests.codes.accepted else "accepted"
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


def _not_sent(sending: Sending | Workbook) -> Outcome:
    return Outcome(sending.file, sending.office, "failed", detail="not sent")


def _cut_short(sending: Sending | Workbook, stop: KeyboardInterrupt) -> Outcome:
    if isinstance(stop, Interrupted):
        return stop.outcomes[0]
    detail = "stopped while it was being sent: it may have arrived; to send it again does no harm"
    return Outcome(sending.file, sending.office, "failed", detail=detail)
