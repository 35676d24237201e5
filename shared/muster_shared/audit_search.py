"""Finding entries of the audit trail, by what people and programs ask for alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from muster_shared.audit import ENTRY

FILTERS: Final = ("person", "project_code", "action", "outcome", "since", "until")


def matching(asked: Mapping[str, Any]) -> Select[Any]:
    """Sealed entries in no order yet, as the filters that are given ask for them.

    ``person`` is who did it or whom it is about, in any case of letters; ``since`` and ``until`` are aware, the second
    excluded.
    """
    given = {name: asked[name] for name in FILTERS if asked.get(name)}
    found = select(ENTRY).where(ENTRY.c.number.is_not(None))
    return found.where(*(_condition(name, value) for name, value in given.items()))


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool]
    match name:
        case "person":
            person = ENTRY.c.subject["person"].astext
            condition = or_(*(func.lower(column) == value.lower() for column in (ENTRY.c.actor, person)))
        case "project_code":
            condition = ENTRY.c.subject["project_code"].astext == value
        case "since":
            condition = ENTRY.c.at >= value
        case "until":
            condition = ENTRY.c.at < value
        case _:
            condition = ENTRY.c[name] == value
    return condition
