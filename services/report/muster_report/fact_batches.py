"""Facts of one kind some hundred at a time, by columns: whoever reads all of them makes no object of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from muster_report.facts import Fact, Submission

AT_ONCE: Final = 100  # more of them do not stay in a processor's cache from one step to the next


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Facts that follow each other in the order of keys: what ``Fact`` holds of one, of each of them in turn."""

    kind: str
    keys: Sequence[str]
    revisions: Sequence[int]
    offices: Sequence[str]
    positions: Sequence[int]
    occurred_at: Sequence[datetime]
    fields: Sequence[Mapping[str, Any]]
    submissions: Sequence[Submission]

    @classmethod
    def of(cls, kind: str, facts: Sequence[Fact]) -> FactBatch:
        """The same facts by columns."""
        return cls(
            kind,
            [fact.key for fact in facts],
            [fact.revision for fact in facts],
            [fact.office for fact in facts],
            [fact.position for fact in facts],
            [fact.occurred_at for fact in facts],
            [fact.fields for fact in facts],
            [fact.submission for fact in facts],
        )

    def facts(self) -> Iterator[Fact]:
        """The same one by one."""
        kind = self.kind
        return (
            Fact(kind, key, revision, office, position, occurred_at, fields, submission)
            for key, revision, office, position, occurred_at, fields, submission in zip(
                self.keys,
                self.revisions,
                self.offices,
                self.positions,
                self.occurred_at,
                self.fields,
                self.submissions,
                strict=True,
            )
        )


def in_batches(kind: str, facts: Iterable[Fact]) -> Iterator[FactBatch]:
    """Facts of one kind, in the order in which they come."""
    waiting = iter(facts)
    while some := list(islice(waiting, AT_ONCE)):
        yield FactBatch.of(kind, some)
