"""What was done about an obligation: put off with a reason, or acknowledged."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from muster_ingest.kinds.dates import Day, Moment
from muster_ingest.kinds.grant import REPORT_TYPES
from muster_ingest.kinds.kind import Fields, Issue, Kind, Reference, office_of_project, refer
from muster_ingest.kinds.progress_report import fill_grant, grant_is_the_projects
from muster_ingest.kinds.values import Choice, Email, Key, Strict, Text


class FollowUpSchema(Strict):
    """Fields of a follow-up; ``until`` is the day a snooze ends, ``by`` an e-mail address."""

    project_code = Key(required=True)
    grant_id = Key()
    type = Choice(REPORT_TYPES, required=True)
    period_end = Day(required=True)
    at = Moment(required=True)
    action = Choice(["snooze", "acknowledge"], required=True)
    until = Day()
    reason = Text(required=True, longest=2000)
    by = Email(required=True)


def _references(fields: Fields) -> Iterable[Reference]:
    return chain(refer("project", fields, "project_code"), refer("grant", fields, "grant_id"))


def _check(fields: Fields) -> Iterable[Issue]:
    if fields["action"] == "snooze" and not fields["until"]:
        yield Issue(("until",), "required", "a snooze needs the day it ends")


KIND = Kind(
    name="follow_up",
    key=("project_code", "grant_id", "type", "period_end", "at"),
    schema=FollowUpSchema(),
    references=_references,
    check=_check,
    fill=fill_grant,
    check_against=grant_is_the_projects,
    owners=office_of_project,
    owner_path=("project_code",),
)
