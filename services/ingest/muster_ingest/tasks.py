"""Ingest's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

from celery import Celery

from muster_ingest import compaction, keeping_keys, keeping_receipts, uploads, usecases
from muster_ingest.identity import erasing_work
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared import audit, keeping
from muster_shared.context import Context
from muster_shared.names import INGEST_SWEEP, INGEST_WORKBOOK


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""

    readers = Readers()

    @celery.task(name=INGEST_SWEEP, shared=False)
    def sweep() -> None:
        """Publish what was committed by a process that died before it could; find large files nobody works on."""
        usecases.announce(context)
        audit.seal(context.sessions)
        if uploads.waiting(context):
            context.wake(INGEST_WORKBOOK)
        keeping.forget_old_entries(context)
        keeping_keys.forget_old(context)
        keeping_receipts.shorten_old(context)
        compaction.compact(context)
        while erasing_work.work(context):
            pass

    @celery.task(name=INGEST_WORKBOOK, shared=False)
    def workbook() -> None:
        """Work on the large files that wait."""
        uploads.work(context, readers)
