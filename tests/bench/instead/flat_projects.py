"""Projects from the database as flat rows: what a script would read before it writes a workbook."""

from __future__ import annotations

from typing import Any

import psycopg

QUERY = "SELECT fields FROM fact WHERE kind = 'project' AND until IS NULL ORDER BY key"
LISTS = ("areas", "activities", "targets", "milestones")


def sheets(url: str) -> dict[str, list[dict[str, Any]]]:
    """``Projects``, and a sheet for each of their lists."""
    made: dict[str, list[dict[str, Any]]] = {"Projects": [], **{name.capitalize(): [] for name in LISTS}}
    with psycopg.connect(url) as connection:
        for (fields,) in connection.execute(QUERY):
            _add(made, fields)
    return made


def _add(made: dict[str, list[dict[str, Any]]], fields: dict[str, Any]) -> None:
    for name in LISTS:
        entries = fields.pop(name, None) or []
        made[name.capitalize()] += [{"project_code": fields["project_code"], **entry} for entry in entries]
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = "; ".join(value) if isinstance(value, list) else value
    made["Projects"].append(flat)
