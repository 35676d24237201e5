"""A report delivered for a project, a type and a period: spent, reached, done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.grant import REPORT_TYPES
from muster_ingest.kinds.kind import Fields, Issue, Kind, Reference, World, in_order, join_key, office_of_project, refer
from muster_ingest.kinds.parts import Money
from muster_ingest.kinds.people import PeopleCount, check_bounds
from muster_ingest.kinds.values import Choice, Key, Many, Part, Strict, Text


class ProgressReportSchema(Strict):
    """Fields of a progress report; a ``donor_status`` of returned reopens what was owed."""

    project_code = Key(required=True)
    grant_id = Key()
    type = Choice(REPORT_TYPES, required=True)
    period_start = Day(required=True)
    period_end = Day(required=True)
    submitted_on = Day(required=True)
    expenditure = Part(Money(), required=True)
    reached = Many(Part(PeopleCount()))
    milestones_completed = Many(Text(longest=300))
    summary = Text(longest=20000)
    challenges = Text(longest=20000)
    lessons = Text(longest=20000)
    donor_status = Choice(["sent", "accepted", "returned"])


def _references(fields: Fields) -> Iterable[Reference]:
    return chain(refer("project", fields, "project_code"), refer("grant", fields, "grant_id"))


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "period_start", "period_end")
    yield from check_bounds(fields, "reached")


def fill_grant(fields: Fields, world: World) -> Fields:
    """Name the project's grant where it has just one and none is named."""
    grants = () if fields["grant_id"] else world.grants_of(fields["project_code"])
    return {**fields, "grant_id": grants[0]} if len(grants) == 1 else fields


def grant_is_the_projects(fields: Fields, world: World) -> Iterable[Issue]:
    """The grant is one of the project's; it may be left out where the project has just one."""
    if not fields["grant_id"]:
        grants = world.grants_of(fields["project_code"])
        message = f"the project has {len(grants)} grants: name the one this is about, {' or '.join(grants[:5])}"
        if not grants:
            message = "the project has no grant: send its grant before this, or with it"
        yield Issue(("grant_id",), "required", message)
        return
    grant = world.fields("grant", join_key([fields["grant_id"]]))
    if grant and grant["project_code"] and grant["project_code"] != fields["project_code"]:
        owner, wanted = grant["project_code"], fields["project_code"]
        message = f"'{fields['grant_id']}' belongs to project {owner}, not to {wanted}: name one of its own"
        yield Issue(("grant_id",), "not_of_project", message)


KIND = Kind(
    name="progress_report",
    key=("project_code", "grant_id", "type", "period_start", "period_end"),
    schema=ProgressReportSchema(),
    references=_references,
    check=_check,
    fill=fill_grant,
    check_against=grant_is_the_projects,
    owners=office_of_project,
    owner_path=("project_code",),
)
