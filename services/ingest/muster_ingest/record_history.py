"""The history of every field of a record: what it was, who changed it when, with which submission, from which cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from muster_ingest.shown_values import Piece, Shown
from muster_ingest.writing import differences

_MOST_CELLS: Final = 6


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one field; ``source`` is where in the submission the new value stands, as in ``project, D14``."""

    pieces: list[Piece]
    revision: int
    at: str
    by: str
    receipt: str | None
    submission_id: str
    source: str


def steps_by_field(kind: str, revisions: Sequence[Mapping[str, Any]], shown: Shown) -> dict[str, list[Step]]:
    """The steps of each field, newest first; ``revisions`` are newest first too.

    Withdrawing a record changes none of its fields.
    """
    found: dict[str, list[Step]] = {}
    stood: Mapping[str, Any] = {}
    for revision in reversed(revisions):
        if revision["action"] == "withdraw":
            continue
        for name, (old, new) in differences(stood, revision["fields"]).items():
            pieces = shown.change(kind, name, old, new)
            found.setdefault(name, []).insert(0, _step(revision, name, pieces))
        stood = revision["fields"]
    return found


def _step(revision: Mapping[str, Any], name: str, pieces: list[Piece]) -> Step:
    source = revision["source"]
    return Step(
        pieces,
        revision["revision"],
        revision["updated_at"],
        revision["updated_by"],
        revision["receipt"],
        source["submission_id"],
        _place(source, name),
    )


def _place(source: Mapping[str, Any], name: str) -> str:
    """The cells of a field, of a long list the first few; of JSON its pointer."""
    cells = [cell for path, cell in source["cells"].items() if path == name or path.startswith(f"{name}/")]
    if not cells:
        return f"{source['pointer']}/{name}" if source["pointer"] else ""
    named = ", ".join(cells[:_MOST_CELLS]) + (", …" if len(cells) > _MOST_CELLS else "")
    return f"{source['sheet']}, {named}" if source["sheet"] else named
