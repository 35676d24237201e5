"""Facts of one kind in any number: read once from the database, kept in a file, and read from there again and again.

Only their keys' places and the submissions they came in are held; a report that tells of every one of them reads
them one after the other as often as it needs to.
"""

from __future__ import annotations

import marshal
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any, BinaryIO, Final, cast

from muster_report.facts import Fact, Submission

_AT_ONCE: Final = 500
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_Kept = tuple[str, int, str, int, int, Mapping[str, Any], int]


@dataclass(frozen=True, slots=True)
class UsedFacts(Collection[Fact]):
    """The facts behind a book, read again each time they are asked for; ``submissions`` are theirs, each once."""

    streamed: StreamedKind
    others: tuple[Fact, ...]

    def __len__(self) -> int:
        return len(self.streamed) + len(self.others)

    def __iter__(self) -> Iterator[Fact]:
        return chain(self.streamed.values(), self.others)

    def __contains__(self, fact: object) -> bool:
        return any(fact == one for one in self)

    def submissions(self) -> frozenset[Submission]:
        """The submissions that the facts came in."""
        return frozenset((*self.streamed.submissions(), *(fact.submission for fact in self.others)))


class StreamedKind(Mapping[str, Fact]):
    """The facts of one kind by key, in the order of keys; ``facts`` come in that order and are read to their end.

    Raises:
        ValueError: a key comes before the one it should follow, or twice.
    """

    def __init__(self, kind: str, facts: Iterable[Fact]) -> None:
        self._kind = kind
        self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when nothing reads it any more
        weakref.finalize(self, self._file.close)
        self._submissions: dict[Submission, int] = {}
        self._batches: list[_Batch] = []
        self._keep(facts)
        self._known = tuple(self._submissions)
        self._length = self._batches[-1].end if self._batches else 0

    def _keep(self, facts: Iterable[Fact]) -> None:
        waiting, last, count = iter(facts), "", 0
        while batch := list(islice(waiting, _AT_ONCE)):
            for fact in batch:
                if count and fact.key <= last:
                    raise ValueError(f"{self._kind} '{fact.key}' comes after '{last}'")
                last, count = fact.key, count + 1
            place = self._file.tell()
            size = self._file.write(marshal.dumps([self._kept(fact) for fact in batch]))
            self._batches.append(_Batch(batch[0].key, count, place, size))

    def _kept(self, fact: Fact) -> _Kept:
        number = self._submissions.setdefault(fact.submission, len(self._submissions))
        at = (fact.occurred_at - _BEGINNING) // _MICROSECOND
        return (fact.key, fact.revision, fact.office, fact.position, at, fact.fields, number)

    def submissions(self) -> Iterable[Submission]:
        """The submissions that the facts came in, each once."""
        return self._known

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return (fact.key for fact in self.stream())

    def __getitem__(self, key: str) -> Fact:
        number = bisect_right(self._batches, key, key=lambda batch: batch.first) - 1
        for fact in self._read(self._batches[number]) if number >= 0 else ():
            if fact.key == key:
                return fact
        raise KeyError(key)

    def values(self) -> ValuesView[Fact]:
        """The facts, read anew each time that the view is iterated."""
        return _Values(self)

    def stream(self, first: int = 0) -> Iterator[Fact]:
        """The facts from that number on, counted from 0, without reading those before it."""
        number = bisect_right(self._batches, first, key=lambda batch: batch.end)
        for at in range(number, len(self._batches)):
            begins = self._batches[at - 1].end if at else 0
            yield from islice(self._read(self._batches[at]), max(first - begins, 0), None)

    def _read(self, batch: _Batch) -> Iterator[Fact]:
        self._file.seek(batch.place)
        kept: list[_Kept] = marshal.loads(self._file.read(batch.size))  # noqa: S302 - what this process wrote itself
        for key, revision, office, position, at, fields, number in kept:
            moment = _BEGINNING + at * _MICROSECOND
            yield Fact(self._kind, key, revision, office, position, moment, fields, self._known[number])


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some facts in the file: the key of the first, how many there are up to their last, and where they stand."""

    first: str
    end: int
    place: int
    size: int = field(compare=False)


class _Values(ValuesView[Fact]):
    def __init__(self, kind: StreamedKind) -> None:
        super().__init__(kind)
        self._kind = kind

    def __iter__(self) -> Iterator[Fact]:
        return self._kind.stream()
