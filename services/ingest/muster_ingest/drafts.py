"""Records as they were sent, before they are held against what is stored.

A submission may hold more of them than memory should: beyond ``HELD`` they wait in a file and come back in batches.
"""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Protocol

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, Kind, RecordName
from muster_ingest.reading import escape
from muster_shared.problems import DataError

HELD = 12_000
BATCH = 1000
Path = tuple[str | int, ...]
Differing = Mapping[str, tuple[Any, Any]]


class Place(Protocol):
    """Where a record stands in what was sent."""

    def error(self, path: Path, code: str, message: str, value: Any = None) -> DataError:
        """An error at a place within the record; ``path`` leads to it, as in ``("areas", 0, "code")``."""

    @property
    def described(self) -> str:
        """For people: ``record 3``, ``row 14 of 'project'``."""

    def conflicts(self, differing: Differing) -> Iterable[tuple[Path, Differing]]:
        """Where fields that differ from a newer revision are to be shown."""

    def source(self) -> Mapping[str, Any]:
        """What a revision remembers of it: ``pointer``, or ``sheet``, ``row`` and ``entry_rows``."""

    def packed(self) -> list[Any]:
        """As plain JSON, from which ``unpack`` makes it again."""


@dataclass(frozen=True, slots=True)
class InDocument:
    """A record of a JSON envelope."""

    index: int

    @property
    def described(self) -> str:
        """Counted as programs do, from 0."""
        return f"record {self.index}"

    def conflicts(self, differing: Differing) -> Iterable[tuple[Path, Differing]]:
        """All at the revision that was named."""
        return [(("base_revision",), differing)]

    def error(self, path: Path, code: str, message: str, value: Any = None) -> DataError:
        """An error with its RFC 6901 pointer."""
        place = "".join(f"/{escape(str(part))}" for part in path)
        return DataError(code, message, name_in(path), self.index, f"/records/{self.index}{place}", value)

    def source(self) -> Mapping[str, Any]:
        """Its pointer."""
        return {"pointer": f"/records/{self.index}"}

    def packed(self) -> list[Any]:
        """Its index."""
        return [self.index]


def name_in(path: Path) -> str | None:
    """The field a path ends in."""
    return next((part for part in reversed(path) if isinstance(part, str)), None)


@dataclass(frozen=True, slots=True)
class Draft:
    """One record as sent, its fields canonical.

    Attributes:
        kept: fields of which nothing was said (a workbook without the column): they stay as they are stored.
        base_revision: the revision it was made from, where it says so.
        wrong: fields that are wrong or missing, about which an error is told already; they are blank here.
    """

    kind: Kind
    action: str
    fields: Fields
    kept: tuple[str, ...]
    base_revision: int | None
    place: Place
    wrong: frozenset[str] = frozenset()


class Unpack(Protocol):
    """Makes a place again from its plain JSON."""

    def __call__(self, packed: list[Any]) -> Place:
        """The place that ``packed`` came from."""


class Drafts:
    """The drafts of one submission in the order sent."""

    def __init__(self, unpack: Unpack | None = None, *, held: int = HELD) -> None:
        self._unpack = unpack
        self._most = held if unpack else None
        self._held: list[Draft] = []
        self._file: IO[bytes] | None = None
        self._starts = array("Q")

    def __len__(self) -> int:
        return len(self._held) + len(self._starts)

    def append(self, draft: Draft) -> None:
        """Add one at the end."""
        if self._most is None or len(self._held) < self._most:
            self._held.append(draft)
        else:
            self._put_away(draft)

    def __getitem__(self, index: int) -> Draft:
        if index < len(self._held):
            return self._held[index]
        file = self._spool()
        file.seek(self._starts[index - len(self._held)])
        return self._read(file.readline())

    def batches(self) -> Iterator[list[Draft]]:
        """All of them in order, a thousand at a time."""
        for start in range(0, len(self._held), BATCH):
            yield self._held[start : start + BATCH]
        for start in range(0, len(self._starts), BATCH):
            file = self._spool()
            file.seek(self._starts[start])
            yield [self._read(file.readline()) for _ in range(min(BATCH, len(self._starts) - start))]

    def __iter__(self) -> Iterator[Draft]:
        for batch in self.batches():
            yield from batch

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _spool(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115 - closed by close()
        return self._file

    def _put_away(self, draft: Draft) -> None:
        about = (draft.kept, draft.base_revision, draft.place.packed(), sorted(draft.wrong))
        packed = (draft.kind.name, draft.action, draft.fields, *about)
        file = self._spool()
        self._starts.append(file.tell())
        file.write(json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass") + b"\n")

    def _read(self, line: bytes) -> Draft:
        if self._unpack is None:
            raise TypeError("drafts that wait in a file need to know how their places are made again")
        kind, action, fields, kept, base_revision, place, wrong = json.loads(line.decode(errors="surrogatepass"))
        return Draft(KINDS[kind], action, fields, tuple(kept), base_revision, self._unpack(place), frozenset(wrong))


@dataclass(slots=True)
class Sent(Mapping[RecordName, Draft]):
    """The drafts of a submission by kind and key."""

    drafts: Drafts
    places: dict[RecordName, int]

    def __getitem__(self, name: RecordName) -> Draft:
        return self.drafts[self.places[name]]

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[RecordName]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)
