"""Ingest's tasks: thin, and each only hurries what stands as a row."""

from __future__ import annotations

from celery import Celery

from muster_ingest import usecases
from muster_shared.context import Context
from muster_shared.names import INGEST_SWEEP


def register(celery: Celery, context: Context) -> None:
    """Bind the tasks to one app."""

    @celery.task(name=INGEST_SWEEP, shared=False)
    def sweep() -> None:
        """Publish what was committed by a process that died before it could."""
        usecases.announce(context)
