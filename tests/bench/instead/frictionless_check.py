# runs with packages that are not installed here
# mypy: ignore-errors
"""``frictionless_check.py DATABASE FILE``: a workbook of projects validated by frictionless; nothing is stored."""

import sys
from pathlib import Path

from frictionless import Field, Resource, Schema, formats, validate
from measured import tell

_NUMBERS = (
    "start",
    "end",
    "budget.amount",
    "areas.percent",
    "activities.percent",
    "targets.count",
    "gender_marker",
    "targets.age_min",
    "targets.age_max",
)
_NEEDED = ("project_code", "title", "office", "start", "end", "manager.name", "manager.email", "areas.code")


def schema(names: list[str]) -> Schema:
    """Types, required columns and a pattern for addresses."""
    fields = []
    for name in names:
        kind = "any" if name in ("start", "end", "milestones.due", "milestones.completed") else "string"
        limits: dict[str, object] = {"required": True} if name in _NEEDED else {}
        if name in _NUMBERS and kind == "string":
            kind = "number"
        if name.endswith(".email"):
            limits["pattern"] = r"[^@\s]+@[^@\s]+"
        fields.append(Field.from_descriptor({"name": name, "type": kind, "constraints": limits}))
    return Schema(fields=fields, primary_key=["project_code"])


def main(path: Path) -> None:
    """Every row against the schema."""
    place = {"path": path.name, "basepath": str(path.parent)}
    with Resource(**place, control=formats.ExcelControl()) as resource:
        names = list(resource.header)
    report = validate(Resource(**place, schema=schema(names), control=formats.ExcelControl()))
    if not report.valid:
        raise SystemExit(str(report.flatten(["rowNumber", "fieldName", "type", "note"])[:3]))


tell(lambda: main(Path(sys.argv[2])))
