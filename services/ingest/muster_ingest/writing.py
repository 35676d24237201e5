"""Writing records and their revisions, a batch in two statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_ingest.checks import Prepared
from muster_ingest.kinds.kind import Fields
from muster_ingest.receipts import Arrival, Tally

# one JSON document for all rows: PostgreSQL takes it apart far faster than a client can quote arrays of JSON
_SENT = """
    ROWS FROM (jsonb_to_recordset(CAST(:rows AS jsonb)) AS (
        kind text, key text, revision bigint, action text, office text, fields jsonb,
        pointer text, sheet bigint, row bigint, entry_rows jsonb
    )) WITH ORDINALITY
    AS sent (kind, key, revision, action, office, fields, pointer, sheet, row_number, entry_rows, place)
"""
_RECORDS = text(
    f"""
    INSERT INTO record (kind, key, revision, office, withdrawn, fields)
    SELECT kind, key, revision, office, action = 'withdraw', fields FROM {_SENT}
    ON CONFLICT (kind, key) DO UPDATE SET
        revision = excluded.revision, office = excluded.office, withdrawn = excluded.withdrawn, fields = excluded.fields
    WHERE record.revision = excluded.revision - 1
    """  # noqa: S608 - no value of a caller is in it
)
_REVISIONS = text(
    f"""
    INSERT INTO revision (kind, key, revision, action, office, fields, occurred_at, actor, submission_id,
                          pointer, sheet, row_number, entry_rows)
    SELECT kind, key, revision, action, office, fields, :occurred_at, :actor, :submission_id,
           pointer, sheet, row_number, entry_rows
    FROM {_SENT} ORDER BY place
    """  # noqa: S608 - no value of a caller is in it
)


_EMPTY: tuple[Any, ...] = (None, [])


class TakenMeanwhile(Exception):
    """Another transaction was faster on a record that was new to both."""


def write(session: Session, arrival: Arrival, prepared: Sequence[Prepared], tally: Tally) -> None:
    """Write what differs from what is stored, and count it all.

    Raises:
        TakenMeanwhile: the whole transaction has to be done again.
    """
    differing = []
    for record in prepared:
        change = change_of(record)
        if change is None:
            stored = record.stored
            tally.leave(record.draft.kind.name, record.key, stored.revision if stored else 0)
        else:
            tally.add(change)
            differing.append(record)
    if differing:
        _insert(session, arrival, [_row(record) for record in differing])


def _insert(session: Session, arrival: Arrival, rows: Sequence[dict[str, Any]]) -> None:
    sent = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    written = session.execute(_RECORDS, {"rows": sent})
    if written.rowcount < len(rows):  # type: ignore[attr-defined] # a plain INSERT counts
        raise TakenMeanwhile
    about = {
        "occurred_at": arrival.received_at,
        "actor": arrival.caller.name,
        "submission_id": arrival.submission_id,
    }
    session.execute(_REVISIONS, {"rows": sent, **about})


def _row(record: Prepared) -> dict[str, Any]:
    return {
        "kind": record.draft.kind.name,
        "key": record.key,
        "revision": (record.stored.revision if record.stored else 0) + 1,
        "action": record.draft.action,
        "office": record.office,
        "fields": record.fields,
        **record.draft.place.source(),
    }


def change_of(record: Prepared) -> dict[str, Any] | None:
    """How a record differs from what is stored, as receipts tell it; None where it does not."""
    stored = record.stored
    current: Fields = {} if stored is None or stored.withdrawn else stored.fields
    withdrawn = record.draft.action == "withdraw"
    new: Fields = {} if withdrawn else record.fields
    differing = differences(current, new)
    if not withdrawn and current and not differing and stored is not None and stored.office == record.office:
        return None
    return {
        "kind": record.draft.kind.name,
        "key": record.key,
        "action": "withdrawn" if withdrawn else "changed" if current else "new",
        "revision": (stored.revision if stored else 0) + 1,
        "fields": differing,
    }


def differences(current: Fields, new: Fields) -> dict[str, list[Any]]:
    """``{name: [old, new]}`` of the fields that differ, by name; an empty list is as empty as null."""
    names = new if current.keys() <= new.keys() else {*current, *new}
    return {
        name: [old, then]
        for name in sorted(names)
        if (old := current.get(name)) != (then := new.get(name)) and not (old in _EMPTY and then in _EMPTY)
    }
