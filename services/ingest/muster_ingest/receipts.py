"""What a sender is told: the receipt of what was accepted, or the problem with every error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from muster_ingest.envelope import Envelope
from muster_ingest.workbooks.grid import column_and_row
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.problems import DataError, Problem

LISTED = 1000  # changes a receipt holds; the others are read page by page


@dataclass(frozen=True, slots=True)
class Arrival:
    """A body as it came in: who sent it, when, under which key; ``dry_run`` is to change nothing."""

    caller: Caller
    sha256: str
    size: int
    content_type: str
    key: str | None
    received_at: datetime
    submission_id: UUID
    file_name: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: a receipt or a problem, and whether it was told so before."""

    document: dict[str, Any]
    status: int
    repeated: bool = False


@dataclass(slots=True)
class Tally:
    """What a submission changes, counted; the first changes and unchanged records are listed."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    unchanged_records: list[dict[str, Any]] = field(default_factory=list)

    def add(self, action: str, change: Callable[[], dict[str, Any]]) -> None:
        """Count a record that becomes a new revision; how it changes is only asked where it is listed."""
        setattr(self, action, getattr(self, action) + 1)
        if len(self.changes) < LISTED:
            self.changes.append(change())

    def leave(self, kind: str, key: str, revision: int) -> None:
        """Count a record that is sent as it is stored."""
        self.unchanged += 1
        if len(self.unchanged_records) < LISTED:
            self.unchanged_records.append({"kind": kind, "key": key, "revision": revision})


def receipt(arrival: Arrival, envelope: Envelope, number: str | None, tally: Tally) -> dict[str, Any]:
    """The receipt of an accepted submission; of a dry run it has no number and no id, for nothing is kept."""
    total = tally.new + tally.changed + tally.withdrawn
    is_cut = total > LISTED and not arrival.dry_run  # what a dry run foretells is nowhere to be read on
    more = {"more_changes": f"/ingest/v1/submissions/{arrival.submission_id}/changes"} if is_cut else {}
    return {
        "submission_id": None if arrival.dry_run else str(arrival.submission_id),
        "receipt": number,
        "office": envelope.office,
        "status": "accepted",
        **({"dry_run": True} if arrival.dry_run else {}),
        "received_at": iso_z(arrival.received_at),
        "sha256": arrival.sha256,
        "note": envelope.note,
        "records": envelope.count,
        "new": tally.new,
        "changed": tally.changed,
        "unchanged": tally.unchanged,
        "withdrawn": tally.withdrawn,
        "changes": tally.changes,
        **more,
        "unchanged_records": tally.unchanged_records,
        "remarks": envelope.remarks,
        "errors": [],
    }


def processing(arrival: Arrival, office: str | None, rows: int) -> dict[str, Any]:
    """What is told of a submission that is still being worked on."""
    return {
        "submission_id": str(arrival.submission_id),
        "receipt": None,
        "office": office,
        "status": "processing",
        **({"dry_run": True} if arrival.dry_run else {}),
        "received_at": iso_z(arrival.received_at),
        "sha256": arrival.sha256,
        "rows": rows,
        "progress": 0.0,
        "changes": [],
        "errors": [],
    }


def rejection(envelope: Envelope) -> Problem:
    """422 with every error, in the order of what was sent."""
    found = envelope.found
    sheets = list(dict.fromkeys(error.sheet for error in envelope.errors))
    errors = sorted(envelope.errors, key=lambda error: _order(error, sheets))
    detail = f"nothing of the submission was accepted: {found} error{'' if found == 1 else 's'}"
    more: dict[str, Any] = {"remarks": envelope.remarks} if envelope.remarks else {}
    if found > len(errors):
        more["errors_found"] = found
    return Problem(422, "rejected", detail, errors=errors, **more)


def _order(error: DataError, sheets: Sequence[str | None]) -> tuple[Any, ...]:
    if error.record is not None or (error.cell is None and error.line is None):
        return (error.record is not None, error.record or 0)
    column, row = column_and_row(error.cell) if error.cell else (error.column or 0, error.line or 0)
    return (True, sheets.index(error.sheet), row, column)
