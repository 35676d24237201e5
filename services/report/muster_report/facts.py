"""What a report is built from: the revisions that hold at one position of the change log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Submission:
    """Where a revision came from; ``received_at`` is aware, UTC."""

    receipt: str
    office: str
    received_at: datetime
    sha256: str
    submission_id: str


@dataclass(slots=True)  # a million are made for a report: frozen ones take three times as long, and none is changed
class Fact:
    """One record as of one position: its fields are plain JSON (money and other decimals as strings)."""

    kind: str
    key: str
    revision: int
    office: str
    position: int
    occurred_at: datetime
    fields: Mapping[str, Any]
    submission: Submission


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts by kind, each kind in the order of its keys: the same set always reads the same."""

    by_kind: Mapping[str, Mapping[str, Fact]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Facts:
        """Sort facts into kinds and keys."""
        by_kind: dict[str, dict[str, Fact]] = {}
        for fact in sorted(facts, key=lambda fact: (fact.kind, fact.key)):
            by_kind.setdefault(fact.kind, {})[fact.key] = fact
        return cls(by_kind)

    def kind(self, kind: str) -> Mapping[str, Fact]:
        """All facts of a kind by key, in the order of keys."""
        return self.by_kind.get(kind, {})

    def newest(self) -> Fact | None:
        """The fact with the highest position, or None where there is none."""
        everything = (fact for kind in self.by_kind.values() for fact in kind.values())
        return max(everything, key=lambda fact: fact.position, default=None)
