"""Two revisions of a project, field by field; which one a reviewer wants to compare the newest with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any, Final

from muster_ingest import kind_words
from muster_ingest.kinds import KINDS
from muster_ingest.shown_values import Piece, Shown
from muster_ingest.writing import differences

Revision = Mapping[str, Any]
_ENDORSED: Final = frozenset({"endorsed", "active", "completed", "closed"})
_HANDED_IN: Final = "submitted"


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field with what was taken away and brought; its lines where it is the same in both."""

    name: str
    label: str
    pieces: Sequence[Piece]
    lines: Sequence[str]

    @property
    def differs(self) -> bool:
        """Whether it is not the same in both."""
        return bool(self.pieces)


def compared(old: Revision | None, new: Revision, shown: Shown) -> list[ComparedField]:
    """Every field of a project in the order of its schema; without an old revision everything is new."""
    stood, stands = old["fields"] if old else {}, new["fields"]
    changed = differences(stood, stands)
    return [_field(name, changed.get(name), stands.get(name), shown) for name in KINDS["project"].schema.fields]


def last_endorsed(revisions: Sequence[Revision]) -> Revision | None:
    """The newest revision in which the project was endorsed; ``revisions`` are newest first."""
    return next((one for one in _upserts(revisions) if one["fields"]["status"] in _ENDORSED), None)


def base_of(revisions: Sequence[Revision]) -> Revision | None:
    """What to compare the newest revision with: the last endorsed one, else the one that was handed in before.

    ``revisions`` are newest first. Where nothing was handed in before it is the first one; None where that is the
    newest itself.
    """
    newest, *before = _upserts(revisions)
    endorsed = last_endorsed(before)
    if endorsed or not before:
        return endorsed
    status = newest["fields"]["status"]
    earlier = dropwhile(lambda one: one["fields"]["status"] == status, before)
    return next((one for one in earlier if one["fields"]["status"] == _HANDED_IN), before[-1])


def _upserts(revisions: Iterable[Revision]) -> Iterable[Revision]:
    return (one for one in revisions if one["action"] != "withdraw")


def _field(name: str, pair: Sequence[Any] | None, value: Any, shown: Shown) -> ComparedField:
    label = kind_words.field_name("project", name, shown.language)
    if pair is None:
        return ComparedField(name, label, (), shown.lines("project", name, value))
    return ComparedField(name, label, shown.change("project", name, *pair), ())
