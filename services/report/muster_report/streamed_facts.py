"""Facts of one kind in any number: read once from the database, kept in a file, and read from there from then on.

Only their keys' places and the submissions they came in are held; a report that tells of every one of them reads
them one after the other as often as it needs to.
"""

from __future__ import annotations

import marshal
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import SEEK_END
from itertools import chain, islice, pairwise
from operator import ge
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
    """The facts of one kind by key, in the order of keys; ``facts`` come in that order.

    They are read as far as somebody asks for them, and kept on the way: the first reading is not one more.

    Raises:
        ValueError: while it is read, where a key comes before the one it should follow, or twice.
    """

    def __init__(self, kind: str, facts: Iterable[Fact]) -> None:
        self._kind = kind
        self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when nothing reads it any more
        weakref.finalize(self, self._file.close)
        self._waiting = iter(facts)
        self._numbers: dict[str, int] = {}  # of submissions, by their ids
        self._known: list[Submission] = []
        self._batches: list[_Batch] = []

    def _next(self) -> list[Fact]:
        """Some facts more, which are kept from now on; none where all are."""
        batch = list(islice(self._waiting, _AT_ONCE))
        if batch:
            self._check(batch)
            place = self._file.seek(0, SEEK_END)
            size = self._file.write(marshal.dumps([self._kept(fact) for fact in batch]))
            self._batches.append(_Batch(batch[0].key, batch[-1].key, self._end() + len(batch), place, size))
        return batch

    def _check(self, batch: list[Fact]) -> None:
        keys = [*([self._batches[-1].last] if self._batches else []), *(fact.key for fact in batch)]
        if any(map(ge, keys, keys[1:])):
            last, key = next((last, key) for last, key in pairwise(keys) if last >= key)
            raise ValueError(f"{self._kind} '{key}' comes after '{last}'")

    def _end(self) -> int:
        return self._batches[-1].end if self._batches else 0

    def _keep_all(self) -> None:
        while self._next():
            pass

    def _kept(self, fact: Fact) -> _Kept:
        number = self._numbers.setdefault(fact.submission.submission_id, len(self._known))
        if number == len(self._known):
            self._known.append(fact.submission)
        at = (fact.occurred_at - _BEGINNING) // _MICROSECOND
        return (fact.key, fact.revision, fact.office, fact.position, at, fact.fields, number)

    def submissions(self) -> Iterable[Submission]:
        """The submissions that the facts came in, each once."""
        self._keep_all()
        return tuple(self._known)

    def __len__(self) -> int:
        self._keep_all()
        return self._end()

    def __iter__(self) -> Iterator[str]:
        return (fact.key for fact in self.stream())

    def __getitem__(self, key: str) -> Fact:
        self._keep_all()
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
        begins = self._batches[number - 1].end if number else 0
        return islice(chain.from_iterable(self._from_batch(number)), max(first - begins, 0), None)

    def _from_batch(self, number: int) -> Iterator[Sequence[Fact]]:
        """The facts of that batch, and of each after it, from the file where they are kept."""
        while facts := self._read(self._batches[number]) if number < len(self._batches) else self._next():
            yield facts
            number += 1

    def _read(self, batch: _Batch) -> Sequence[Fact]:
        self._file.seek(batch.place)
        kept: list[_Kept] = marshal.loads(self._file.read(batch.size))  # noqa: S302 - what this process wrote itself
        kind, known = self._kind, self._known
        return [
            Fact(kind, key, revision, office, position, _BEGINNING + at * _MICROSECOND, fields, known[number])
            for key, revision, office, position, at, fields, number in kept
        ]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some facts in the file: the keys of the first and the last, how many there are up to it, and where they stand."""

    first: str
    last: str
    end: int
    place: int
    size: int = field(compare=False)


class _Values(ValuesView[Fact]):
    def __init__(self, kind: StreamedKind) -> None:
        super().__init__(kind)
        self._kind = kind

    def __iter__(self) -> Iterator[Fact]:
        return self._kind.stream()
