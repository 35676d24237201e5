"""What a record kind is: its key, its schema, and the checks that look beyond one field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from marshmallow import Schema

from muster_ingest.kinds.values import Many, Strict

Fields = Mapping[str, Any]
RecordName = tuple[str, str]
_TOLERANCE = Decimal("0.0101")  # IATI 2.03: percentages of one vocabulary sum to 100 within this


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with a record; ``path`` leads to it from the record, as in ``("areas", 0, "code")``."""

    path: tuple[str | int, ...]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A record that must exist, now or in the same submission."""

    path: tuple[str | int, ...]
    kind: str
    key: str


class World(Protocol):
    """The records as they would stand if the submission were accepted."""

    def fields(self, kind: str, key: str) -> Fields | None:
        """Fields of a record that is or would be current, else None."""

    def grants_of(self, project_code: str) -> tuple[str, ...]:
        """Keys of the project's grants that are or would be current."""


def _no_references(_fields: Fields) -> Iterable[Reference]:
    return ()


def _no_issues(_fields: Fields) -> Iterable[Issue]:
    return ()


def _no_conflicts(_fields: Fields, _world: World) -> Iterable[Issue]:
    return ()


def _no_owner(_fields: Fields, _world: World) -> tuple[str, ...]:
    return ()


def _complete_already(fields: Fields, _world: World) -> Fields:
    return fields


@dataclass(frozen=True, slots=True)
class Kind:
    """A record kind.

    Attributes:
        name: the kind.
        key: the fields that make its natural key.
        schema: loads a record's fields into canonical plain JSON.
        fill: completes what may be left out, before the key is taken.
        references: the records a record names.
        check: issues within one record; a field may be blank even where it is required, when it is wrong already.
        check_against: issues against other records; called only when references hold.
        owners: the offices that may write the record; the first one owns it. None named: whoever sends it.
        central: written by analysts and administrators only.
        owner_path: where the owning office is named, for the pointer of a refusal.
    """

    name: str
    key: tuple[str, ...]
    schema: Strict
    fill: Callable[[Fields, World], Fields] = _complete_already
    references: Callable[[Fields], Iterable[Reference]] = _no_references
    check: Callable[[Fields], Iterable[Issue]] = _no_issues
    check_against: Callable[[Fields, World], Iterable[Issue]] = _no_conflicts
    owners: Callable[[Fields, World], tuple[str, ...]] = _no_owner
    central: bool = False
    owner_path: tuple[str | int, ...] = ()

    def key_of(self, fields: Fields) -> str:
        """The natural key as one text: its parts joined with ``/``, a ``/`` within a part written ``%2F``."""
        return join_key(fields.get(name) for name in self.key)


def completes(kind: Kind) -> bool:
    """Whether records of the kind may leave out part of what names them."""
    return kind.fill is not _complete_already


def blank(schema: Schema) -> dict[str, Any]:
    """The fields of a record of which nothing is known."""
    return {name: [] if isinstance(field, Many) else None for name, field in schema.fields.items()}


def join_key(parts: Iterable[Any]) -> str:
    """One text from the parts of a natural key."""
    return "/".join(_escaped("" if part is None else str(part)) for part in parts)


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F") if "%" in part or "/" in part else part


def refer(kind: str, fields: Fields, name: str) -> Iterable[Reference]:
    """The record that one field names, where it is filled."""
    if fields.get(name):
        yield Reference((name,), kind, join_key([fields[name]]))


def refer_each(kind: str, fields: Fields, name: str) -> Iterable[Reference]:
    """The records that a list field names."""
    for index, code in enumerate(fields.get(name) or ()):
        yield Reference((name, index), kind, join_key([code]))


def in_order(fields: Fields, first: str, second: str) -> Iterable[Issue]:
    """The second date must not come before the first; partial dates compare by their common part."""
    start, end = fields.get(first), fields.get(second)
    if start and end and end[: len(start)] < start[: len(end)]:
        yield Issue((second,), "dates_out_of_order", f"{second} {end} is before {first} {start}: give a later {second}")


def sums_to_100(fields: Fields, name: str) -> Iterable[Issue]:
    """The percentages of a list sum to 100 within 0.0101 (IATI 2.03), each code once."""
    shares: Sequence[Fields] = fields.get(name) or []
    if len(shares) == 1 and shares[0]["percent"] == 100:
        return
    total = sum((Decimal(str(share["percent"])) for share in shares), Decimal(0))
    if shares and abs(total - 100) > _TOLERANCE:
        yield Issue((name,), "percent_sum", f"percentages sum to {total}: they must sum to 100")
    codes = [share["code"] for share in shares]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield Issue((name, index, "code"), "duplicate_code", f"'{code}' stands twice: give each code once")


def office_of_project(fields: Fields, world: World) -> tuple[str, ...]:
    """The office that owns the record's project."""
    project = world.fields("project", join_key([fields["project_code"]]))
    return (project["office"],) if project and project["office"] else ()


def own_office(fields: Fields, _world: World) -> tuple[str, ...]:
    """The office the record itself names."""
    return (fields["office"],) if fields["office"] else ()
