"""A donor-funded project: budget, areas, targets by sex and age, milestones, and who manages it."""

from __future__ import annotations

from collections.abc import Iterable

from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.kind import Fields, Issue, Kind, in_order, own_office, refer, sums_to_100
from muster_ingest.kinds.numbers import Percent, Whole
from muster_ingest.kinds.parts import Money, Person
from muster_ingest.kinds.people import PeopleCount, check_bounds
from muster_ingest.kinds.values import Choice, Key, Many, Part, Strict, Text
from muster_shared.codelists import activity_types, areas

STATUSES = ("draft", "submitted", "returned", "endorsed", "active", "completed", "closed", "cancelled")


class AreaShare(Strict):
    """A funding area's share of the project."""

    code = Choice({code: row["name"] for code, row in areas().items()}, required=True)
    percent = Percent(required=True)


class ActivityShare(Strict):
    """An activity type's share of the project."""

    code = Choice({code: row["name"] for code, row in activity_types().items()}, required=True)
    percent = Percent(required=True)


class Milestone(Strict):
    """A milestone, due on a day, completed on another or not yet."""

    name = Text(required=True, longest=300)
    due = Day(required=True)
    completed = Day()


class ProjectSchema(Strict):
    """Fields of a project; ``gender_marker`` is 0 to 4, ``sdg_targets`` are codes such as 10.7."""

    project_code = Key(required=True)
    title = Text(required=True, longest=500)
    office = Key(required=True)
    start = Day(required=True)
    end = Day(required=True)
    manager = Part(Person(), required=True)
    alternate_manager = Part(Person())
    budget = Part(Money(), required=True)
    areas = Many(Part(AreaShare()), required=True)
    activities = Many(Part(ActivityShare()))
    objectives = Text()
    sdg_targets = Many(Text(longest=10))
    gender_marker = Whole(0, 4, what="a gender marker from 0 to 4")
    targets = Many(Part(PeopleCount()), required=True)
    milestones = Many(Part(Milestone()))
    status = Choice(STATUSES)


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "start", "end")
    yield from sums_to_100(fields, "areas")
    yield from sums_to_100(fields, "activities")
    yield from check_bounds(fields, "targets")


KIND = Kind(
    name="project",
    key=("project_code",),
    schema=ProjectSchema(),
    references=lambda fields: refer("office", fields, "office"),
    check=_check,
    owners=own_office,
    owner_path=("office",),
)
