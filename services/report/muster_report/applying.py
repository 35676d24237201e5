"""Changes of the log as facts, each valid until the next change of the same record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from muster_report.models import FactRow
from muster_shared.changelog import Change, Source


def apply(session: Session, items: Sequence[Change]) -> None:
    """Add a run of changes as facts and end the facts they follow; those that follow them end them."""
    session.execute(insert(FactRow), [row_of(change) for change in items])
    session.execute(_END_FOLLOWED, {"first": items[0].position, "last": items[-1].position})


_END_FOLLOWED = text(
    """
    WITH touched AS (SELECT DISTINCT kind, key FROM fact WHERE position BETWEEN :first AND :last),
    chain AS (
        SELECT position, lead(position) OVER (PARTITION BY kind, key ORDER BY revision) AS next
        FROM fact JOIN touched USING (kind, key)
    )
    UPDATE fact SET until = chain.next FROM chain
    WHERE fact.position = chain.position AND fact.until IS DISTINCT FROM chain.next
    """
)


def row_of(change: Change) -> dict[str, Any]:
    """A change as a row of facts, whose end is not known yet."""
    return {
        "position": change.position,
        "until": None,
        "kind": change.kind,
        "key": change.key,
        "revision": change.revision,
        "action": change.action,
        "office": change.office,
        "occurred_at": change.occurred_at,
        "fields": dict(change.fields),
        "receipt": change.receipt,
        "submission_id": change.source.submission_id,
        "sha256": change.source.sha256,
        "received_at": change.source.received_at,
        "pointer": change.source.pointer,
        "source": _place(change.source),
    }


def change_of(row: FactRow) -> Change:
    """A fact as the change that it came from; who made it is not kept."""
    return Change(
        position=row.position,
        kind=row.kind,
        key=row.key,
        revision=row.revision,
        action=row.action,
        office=row.office,
        receipt=row.receipt,
        occurred_at=row.occurred_at,
        fields=row.fields,
        source=Source(row.submission_id, row.sha256, row.received_at, row.pointer, **row.source),
    )


def _place(source: Source) -> dict[str, Any]:
    if source.row is None:
        return {}
    return {"sheet": source.sheet, "row": source.row, "cells": dict(source.cells)}
