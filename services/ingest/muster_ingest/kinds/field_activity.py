"""An activity in the field, as reports of the organization's council list them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from muster_ingest.kinds.dates import PartialDay
from muster_ingest.kinds.kind import Fields, Issue, Kind, Reference, World, in_order, refer, refer_each
from muster_ingest.kinds.numbers import people
from muster_ingest.kinds.values import Choice, Key, Many, Part, Strict, Text
from muster_shared.codelists import activity_types


class GroupCount(Strict):
    """A group of people, how many were to be reached and how many were; empty where not stated."""

    group = Text(required=True, longest=300)
    target = people()
    reached = people()


class FieldActivitySchema(Strict):
    """Fields of a field activity; ``start`` and ``end`` are a year, a month or a day."""

    activity_id = Key(required=True)
    offices = Many(Key(), required=True)
    title = Text(required=True, longest=500)
    level = Choice(["programme", "activity", "component"], required=True)
    parent_activity_id = Key()
    types = Many(Choice({code: row["name"] for code, row in activity_types().items()}))
    start = PartialDay()
    end = PartialDay()
    partners = Many(Text(longest=300))
    donors = Many(Text(longest=300))
    people = Many(Part(GroupCount()))
    note = Text()
    source = Text(required=True, longest=200)
    paragraph = Text(longest=50)


def _references(fields: Fields) -> Iterable[Reference]:
    return chain(refer_each("office", fields, "offices"), refer("field_activity", fields, "parent_activity_id"))


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "start", "end")
    if fields["level"] == "component" and not fields["parent_activity_id"]:
        yield Issue(("parent_activity_id",), "required", "a component needs the programme or activity it is part of")


def _owners(fields: Fields, _world: World) -> tuple[str, ...]:
    return tuple(fields["offices"])


KIND = Kind(
    name="field_activity",
    key=("activity_id",),
    schema=FieldActivitySchema(),
    references=_references,
    check=_check,
    owners=_owners,
    owner_path=("offices",),
)
