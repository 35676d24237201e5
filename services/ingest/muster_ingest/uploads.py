"""Taking in workbooks and CSV files: small ones at once, large ones by a task that whoever is free takes up."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from muster_ingest import judging, receipts, submission_rows, usecases
from muster_ingest.envelope import Envelope
from muster_ingest.judging import Judging
from muster_ingest.models import Submission, WorkbookJob
from muster_ingest.receipts import Answer, Arrival
from muster_ingest.submission_rows import Ended
from muster_ingest.workbooks.opening import Opening, told_office
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused
from muster_shared.auth import Caller
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import INGEST_WORKBOOK
from muster_shared.problems import DataError, Problem, busy

_log = logging.getLogger(__name__)
_MOST_ATTEMPTS = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PROGRESS_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in, with what was said about it."""

    content: bytes
    file_name: str
    office: str | None = None
    kind: str | None = None
    note: str | None = None
    dry_run: bool = False
    key: str | None = None


def submit(context: Context, readers: Readers, caller: Caller, upload: Upload) -> Answer:
    """Take in a file: its receipt, every error, or, where it is large, 202 while it is being worked on.

    Raises:
        Problem: 403 for an office that is not the caller's, 409 for a key used with another file, 503 where no
            reader is free (nothing is kept).
    """
    came = arrived(context, caller, upload)
    return usecases.once(context, came, lambda: _take_in(context, readers, came, upload))


def arrived(context: Context, caller: Caller, upload: Upload) -> Arrival:
    """An upload as it came in just now."""
    return usecases.arrival(
        context,
        caller,
        upload.content,
        content_type="text/csv" if upload.file_name.lower().endswith(".csv") else XLSX,
        key=upload.key,
        file_name=upload.file_name[-200:] or None,
        dry_run=upload.dry_run,
    )


def _take_in(context: Context, readers: Readers, came: Arrival, upload: Upload) -> Answer:
    if upload.office:
        usecases.check_office(came.caller, upload.office)
    opening = Opening(Envelope(None, upload.note), upload.kind, upload.file_name)
    with _on_disk(upload.content) as path:
        try:
            with readers.read(path, name=upload.file_name) as reading:
                office = told_office(reading, upload.office, came.caller.offices, central=came.caller.decides_centrally)
                if office:
                    usecases.check_office(came.caller, office)
                context.objects.put(upload.content)
                if office and reading.opened.rows > context.settings.rows_at_once:
                    return _put_off(context, came, upload, office, reading.opened.rows)
                opening.envelope.office = office
                opening.read(reading)
        except Refused as refused:
            if refused.status != 503:
                context.objects.put(upload.content)
            return _refuse(context, came, upload.office or usecases.only_office(came.caller), refused)
    return _judge(context, came, opening)


@contextmanager
def _on_disk(content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="muster-upload-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _judge(
    context: Context, came: Arrival, opening: Opening, tick: Callable[[float], None] = lambda _done: None
) -> Answer:
    """Judge what was read; its reader is free for others by now."""
    envelope = opening.envelope
    if envelope.office is None:
        message = "it is not told for which office this is: give office=..., such as KEN"
        envelope.report(DataError("required", message, "office"))
    try:
        return Judging(context, came, envelope, keeping={"sheets": opening.sheets()}, tick=tick).judge()
    finally:
        envelope.drafts.close()


def _refuse(context: Context, came: Arrival, office: str | None, refused: Refused) -> Answer:
    """A file that is turned away as a whole is kept like any other that is rejected."""
    if refused.status == 503:
        raise busy(refused.message)
    error = DataError(refused.code, refused.message, sheet=refused.sheet, cell=refused.cell)
    problem = Problem(refused.status, refused.code, refused.message, errors=[error])
    return judging.reject(context, came, office, problem)


def _put_off(context: Context, came: Arrival, upload: Upload, office: str, rows: int) -> Answer:
    answer = Answer(receipts.processing(came, office, rows), 202)
    job = {
        "submission_id": came.submission_id,
        "caller": asdict(came.caller),
        "office": office,
        "kind": upload.kind,
        "note": upload.note,
    }
    with context.sessions.begin() as session:
        judging.claim_key(session, came)
        submission_rows.keep(session, came, office, answer)
        session.execute(insert(WorkbookJob).values(job))
    context.wake(INGEST_WORKBOOK)
    return answer


def work(context: Context, readers: Readers) -> int:
    """Do the large files that wait, until there is none left; returns how many were done."""
    done = 0
    while job := _claim(context):
        _work_on(context, readers, job)
        done += 1
    return done


def _claim(context: Context) -> WorkbookJob | None:
    """Take up the oldest file that nobody holds; whoever held it may have died."""
    free = _free().order_by(Submission.number).limit(1).with_for_update(of=WorkbookJob, skip_locked=True)
    lease = real_now() + timedelta(seconds=context.settings.lease_seconds)
    claim = (
        update(WorkbookJob)
        .where(WorkbookJob.submission_id == free.scalar_subquery())
        .values(leased_until=lease, attempt=WorkbookJob.attempt + 1, progress=0)
        .returning(WorkbookJob)
    )
    with context.sessions.begin() as session:
        job = session.scalars(claim).first()
        if job is not None:
            session.expunge(job)
    return job


def _free() -> Select[UUID]:
    return (
        select(WorkbookJob.submission_id)
        .join(Submission, Submission.submission_id == WorkbookJob.submission_id)
        .where(Submission.status == "processing")
        .where(or_(WorkbookJob.leased_until.is_(None), WorkbookJob.leased_until < real_now()))
    )


def waiting(context: Context) -> bool:
    """Whether a large file waits that nobody holds."""
    with context.sessions() as session:
        return session.scalar(select(_free().exists())) or False


def _work_on(context: Context, readers: Readers, job: WorkbookJob) -> None:
    with context.sessions() as session:
        row = session.get_one(Submission, job.submission_id)
        session.expunge(row)
    came = _arrival_of(row, job)
    try:
        answer = _work_out(context, readers, came, job)
        if came.dry_run and answer.status == 200:
            _keep_foretold(context, came, job, answer)
    except Ended:
        _log.info("another worker was faster", extra={"submission": str(job.submission_id)})
    except Exception:  # noqa: BLE001 - whatever it was: tried again when the lease has run out, given up in the end
        _log.exception("a workbook could not be worked on", extra={"submission": str(job.submission_id)})
    else:
        if answer.status == 201:
            usecases.announce(context)


def _keep_foretold(context: Context, came: Arrival, job: WorkbookJob, answer: Answer) -> None:
    """What a dry run foretells is kept where its sender waits for it."""
    document = answer.document | {"submission_id": str(came.submission_id)}
    with context.sessions.begin() as session:
        submission_rows.keep(session, came, job.office, Answer(document, 200))


def _work_out(context: Context, readers: Readers, came: Arrival, job: WorkbookJob) -> Answer:
    if job.attempt > _MOST_ATTEMPTS:
        detail = f"the file could not be worked on in {_MOST_ATTEMPTS} attempts; it is kept, and the logs say why"
        return judging.reject(context, came, job.office, Problem(500, "not_worked_on", detail))
    tick = _Ticker(context, job)
    opening = Opening(Envelope(job.office, job.note), job.kind, came.file_name or "", lambda done: tick(done / 2))
    with _on_disk(context.objects.get(came.sha256)) as path:
        try:
            with readers.read(path, name=came.file_name or "") as reading:
                opening.read(reading)
        except Refused as refused:
            return _refuse(context, came, job.office, refused)
    return _judge(context, came, opening, lambda done: tick(0.5 + done / 2))


class _Ticker:
    """Tells how far the work is and keeps its lease, at most once a second.

    Raises:
        Ended: the lease was lost to another worker.
    """

    def __init__(self, context: Context, job: WorkbookJob) -> None:
        self._context, self._job = context, job
        self._next = real_now()

    def __call__(self, done: float) -> None:
        now = real_now()
        if now < self._next:
            return
        self._next = now + timedelta(seconds=_PROGRESS_SECONDS)
        lease = now + timedelta(seconds=self._context.settings.lease_seconds)
        keep = (
            update(WorkbookJob)
            .where(WorkbookJob.submission_id == self._job.submission_id, WorkbookJob.attempt == self._job.attempt)
            .values(progress=round(done, 3), leased_until=lease)
            .returning(WorkbookJob.attempt)
        )
        with self._context.sessions.begin() as session:
            if session.execute(keep).first() is None:
                raise Ended


def _arrival_of(row: Submission, job: WorkbookJob) -> Arrival:
    caller: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in job.caller.items()
    }
    return Arrival(
        Caller(**caller),
        row.sha256,
        row.size,
        row.content_type,
        None,
        row.received_at,
        row.submission_id,
        row.file_name,
        row.dry_run,
    )
