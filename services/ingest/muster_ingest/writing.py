"""Writing records and their revisions, a batch in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from muster_ingest.checks import Prepared
from muster_ingest.kinds.kind import Fields
from muster_ingest.receipts import Arrival, Tally
from muster_shared.fixed_statements import run

# one JSON document for all rows: PostgreSQL takes it apart far faster than a client can quote arrays of JSON
_WRITE: Final = """
    WITH sent AS MATERIALIZED (
        SELECT * FROM ROWS FROM (jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS (
            kind text, key text, revision bigint, action text, office text, fields jsonb,
            pointer text, sheet bigint, row bigint, entry_rows jsonb
        )) WITH ORDINALITY
        AS sent (kind, key, revision, action, office, fields, pointer, sheet, row_number, entry_rows, place)
    ), written AS (
        INSERT INTO record (kind, key, revision, office, withdrawn, fields)
        SELECT kind, key, revision, office, action = 'withdraw', fields FROM sent
        ON CONFLICT (kind, key) DO UPDATE SET
            revision = excluded.revision, office = excluded.office,
            withdrawn = excluded.withdrawn, fields = excluded.fields
        WHERE record.revision = excluded.revision - 1
        RETURNING 1
    ), noted AS (
        INSERT INTO revision (kind, key, revision, action, office, fields, occurred_at, actor, submission_id,
                              pointer, sheet, row_number, entry_rows)
        SELECT kind, key, revision, action, office, fields, %(occurred_at)s, %(actor)s, %(submission_id)s,
               pointer, sheet, row_number, entry_rows
        FROM sent ORDER BY place
    )
    SELECT count(*) FROM written
"""


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
        action = _action(record)
        if action is None:
            stored = record.stored
            tally.leave(record.draft.kind.name, record.key, stored.revision if stored else 0)
        else:
            tally.add(action, lambda record=record, action=action: _change(record, action))  # type: ignore[misc]
            differing.append(record)
    if differing:
        _insert(session, arrival, [_row(record) for record in differing])


def _insert(session: Session, arrival: Arrival, rows: Sequence[dict[str, Any]]) -> None:
    sent = {
        "rows": json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
        "occurred_at": arrival.received_at,
        "actor": arrival.caller.name,
        "submission_id": arrival.submission_id,
    }
    if run(session, _WRITE, sent)[0][0] < len(rows):
        raise TakenMeanwhile


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


def _action(record: Prepared) -> str | None:
    """What becomes of a record; None where it is sent as it is stored."""
    if record.draft.action == "withdraw":
        return "withdrawn"
    current = _current(record)
    if not current:
        return "new"
    moved = record.stored is not None and record.stored.office != record.office
    return "changed" if moved or differences(current, record.fields) else None


def _current(record: Prepared) -> Fields:
    return {} if record.stored is None or record.stored.withdrawn else record.stored.fields


def _change(record: Prepared, action: str) -> dict[str, Any]:
    """How a record differs from what is stored, as receipts tell it."""
    return {
        "kind": record.draft.kind.name,
        "key": record.key,
        "action": action,
        "revision": (record.stored.revision if record.stored else 0) + 1,
        "fields": differences(_current(record), {} if action == "withdrawn" else record.fields),
    }


def differences(current: Fields, new: Fields) -> dict[str, list[Any]]:
    """``{name: [old, new]}`` of the fields that differ, by name; an empty list is as empty as null."""
    names = new if current.keys() <= new.keys() else {*current, *new}
    return {
        name: [old, then]
        for name in sorted(names)
        if (old := current.get(name)) != (then := new.get(name)) and not (old in _EMPTY and then in _EMPTY)
    }
