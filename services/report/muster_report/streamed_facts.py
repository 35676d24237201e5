"""Facts of one kind in any number: read once from the database, kept in a file, and read from there from then on.

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
from io import SEEK_END
from itertools import chain, pairwise
from operator import ge
from typing import Any, BinaryIO, Final, cast

from muster_report.each_once import each_once
from muster_report.fact_batches import FactBatch
from muster_report.facts import Fact, Submission

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


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
    """The facts of one kind by key, in the order of keys; ``batches`` come in that order, none of them empty.

    They are read as far as somebody asks for them, and kept on the way: the first reading is not one more.

    Raises:
        ValueError: while it is read, where a key comes before the one it should follow, or twice.
    """

    def __init__(self, kind: str, batches: Iterable[FactBatch]) -> None:
        self._kind = kind
        self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when nothing reads it any more
        weakref.finalize(self, self._file.close)
        self._waiting = iter(batches)
        self._numbers: dict[str, int] = {}  # of submissions, by their ids
        self._known: list[Submission] = []
        self._places: list[_Place] = []

    def _next(self) -> FactBatch | None:
        """Some facts more, which are kept from now on; None where all are."""
        batch = next(self._waiting, None)
        if batch:
            self._check(batch)
            begins = self._file.seek(0, SEEK_END)
            size = self._file.write(self._kept(batch))
            self._places.append(_Place(batch.keys[0], batch.keys[-1], self._end() + len(batch.keys), begins, size))
        return batch

    def _check(self, batch: FactBatch) -> None:
        keys = [*([self._places[-1].last] if self._places else []), *batch.keys]
        if any(map(ge, keys, keys[1:])):
            last, key = next((last, key) for last, key in pairwise(keys) if last >= key)
            raise ValueError(f"{self._kind} '{key}' comes after '{last}'")

    def _end(self) -> int:
        return self._places[-1].end if self._places else 0

    def _keep_all(self) -> None:
        while self._next():
            pass

    def _kept(self, batch: FactBatch) -> bytes:
        times = each_once(_microseconds, batch.occurred_at)
        numbers = [self._number(submission) for submission in batch.submissions]
        columns: Any = (batch.keys, batch.revisions, batch.offices, batch.positions, times, batch.fields, numbers)
        return marshal.dumps(columns)

    def _number(self, submission: Submission) -> int:
        number = self._numbers.setdefault(submission.submission_id, len(self._known))
        if number == len(self._known):
            self._known.append(submission)
        return number

    def submissions(self) -> Iterable[Submission]:
        """The submissions that the facts came in, each once."""
        self._keep_all()
        return tuple(self._known)

    def __len__(self) -> int:
        self._keep_all()
        return self._end()

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(batch.keys for batch in self.batches())

    def __getitem__(self, key: str) -> Fact:
        self._keep_all()
        number = bisect_right(self._places, key, key=lambda place: place.first) - 1
        for fact in self._read(self._places[number]).facts() if number >= 0 else ():
            if fact.key == key:
                return fact
        raise KeyError(key)

    def values(self) -> ValuesView[Fact]:
        """The facts, read anew each time that the view is iterated."""
        return _Values(self)

    def batches(self) -> Iterator[FactBatch]:
        """All facts, some hundred at a time; those that were read before from the file."""
        number = 0
        while batch := self._read(self._places[number]) if number < len(self._places) else self._next():
            yield batch
            number += 1

    def _read(self, place: _Place) -> FactBatch:
        self._file.seek(place.begins)
        kept = marshal.loads(self._file.read(place.size))  # noqa: S302 - what this process wrote itself
        keys, revisions, offices, positions, times, fields, numbers = kept
        moments, submissions = each_once(_moment, times), [self._known[number] for number in numbers]
        return FactBatch(self._kind, keys, revisions, offices, positions, moments, fields, submissions)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a batch stands in the file, the keys of its first and last fact, and how many there are up to its end."""

    first: str
    last: str
    end: int
    begins: int
    size: int = field(compare=False)


class _Values(ValuesView[Fact]):
    def __init__(self, kind: StreamedKind) -> None:
        super().__init__(kind)
        self._kind = kind

    def __iter__(self) -> Iterator[Fact]:
        return chain.from_iterable(batch.facts() for batch in self._kind.batches())


def _microseconds(moment: datetime) -> int:
    return (moment - _BEGINNING) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _BEGINNING + microseconds * _MICROSECOND
