"""A submission's row, its receipt number and its line of the audit trail, written by one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from muster_ingest.receipts import Answer, Arrival
from muster_shared import audit
from muster_shared.fixed_statements import run

_STATUSES: Final = {200: "accepted", 201: "accepted", 202: "processing"}
_SETTLED: Final = ("submission_id", "received_at", "caller")  # what the end of the work does not change
_DOCUMENTS: Final = ("sheets",)  # columns of JSON
_NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})
_NO_NUMBER: Final = "SELECT NULL::text AS receipt"
_NEXT_NUMBER: Final = """
    INSERT INTO office_counter (office, last) VALUES (%(office)s, 1)
    ON CONFLICT (office) DO UPDATE SET last = office_counter.last + 1
    RETURNING office || '-' || lpad(last::text, greatest(6, length(last::text)), '0') AS receipt
"""
_NOTED: Final = f"""
    , noted AS (
        INSERT INTO audit_entry ({", ".join(audit.WRITTEN)})
        SELECT {", ".join(f"%(audit_{name})s" for name in audit.WRITTEN if name != "subject")},
            %(audit_subject)s::jsonb || jsonb_strip_nulls(jsonb_build_object('receipt', kept.receipt))
        FROM kept
    )
"""  # noqa: S608 - put together from constants


class Ended(Exception):
    """Another worker has ended the submission in the meantime."""


def keep(
    session: Session,
    arrival: Arrival,
    office: str | None,
    answer: Answer,
    keeping: Mapping[str, Any] = _NOTHING_MORE,
    *,
    numbered: bool = False,
) -> None:
    """Write the submission's row; of one that was being worked on, how it ended.

    ``keeping`` are further columns of it. Where it is ``numbered``, its answer is given the office's next receipt
    number, and the office's next submission waits here until this one has ended.

    Raises:
        Ended: it had ended already.
    """
    row = {**_row(arrival, office, answer), **keeping}
    given = {
        **row,
        **{name: json.dumps(row[name]) for name in _DOCUMENTS if row.get(name) is not None},
        "document": json.dumps(answer.document),
        **_noted(arrival, row),
    }
    kept = run(session, _statement(tuple(row), numbered=numbered, noted=row["status"] != "processing"), given)
    if not kept:
        raise Ended
    answer.document["receipt"] = kept[0][0]


def _row(arrival: Arrival, office: str | None, answer: Answer) -> dict[str, Any]:
    return {
        "submission_id": arrival.submission_id,
        "office": office,
        "status": _STATUSES.get(answer.status, "rejected"),
        "received_at": arrival.received_at,
        "caller": arrival.caller.name,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "content_type": arrival.content_type,
        "file_name": arrival.file_name,
        "dry_run": arrival.dry_run,
        "http_status": answer.status,
    }


def _noted(arrival: Arrival, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("office", "status", "file_name", "dry_run") if row[name]}
    outcome = "done" if row["status"] == "accepted" else "refused"
    subject = {"submission_id": str(arrival.submission_id), **told}
    entry = audit.entry(arrival.caller, "submission", subject, at=arrival.received_at, outcome=outcome)
    return {**{f"audit_{name}": value for name, value in entry.items()}, "audit_subject": json.dumps(subject)}


@cache
def _statement(columns: tuple[str, ...], *, numbered: bool, noted: bool) -> str:
    values = ", ".join(f"%({name})s::jsonb" if name in _DOCUMENTS else f"%({name})s" for name in columns)
    ending = ", ".join(
        f"{name} = excluded.{name}" for name in (*columns, "receipt", "document") if name not in _SETTLED
    )
    return f"""
        WITH numbered AS ({_NEXT_NUMBER if numbered else _NO_NUMBER}), kept AS (
            INSERT INTO submission ({", ".join(columns)}, receipt, document)
            SELECT {values}, receipt, %(document)s::jsonb || jsonb_build_object('receipt', receipt) FROM numbered
            ON CONFLICT (submission_id) DO UPDATE SET {ending} WHERE submission.status = 'processing'
            RETURNING receipt
        ) {_NOTED if noted else ""} SELECT receipt FROM kept
    """  # noqa: S608 - put together from constants and names of columns
