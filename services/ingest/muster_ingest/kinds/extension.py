"""A change of a project's end date: asked for, then approved or refused; the old date stays in the history."""

from __future__ import annotations

from collections.abc import Iterable

from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.kind import Fields, Issue, Kind, World, in_order, join_key, office_of_project, refer
from muster_ingest.kinds.values import Choice, Email, Key, Strict, Text


class ExtensionSchema(Strict):
    """Fields of an extension; without ``decision`` it is still waiting.

    ``requested_by`` is the address of who asked and hears the answer; ``comment`` is what the decision says to them.
    """

    project_code = Key(required=True)
    requested_on = Day(required=True)
    new_end = Day(required=True)
    reason = Text(required=True)
    requested_by = Email()
    decision = Choice(["approved", "refused"])
    decided_by = Text(longest=200)
    decided_on = Day()
    comment = Text(longest=2000)


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "requested_on", "decided_on")
    if fields["decision"]:
        for name in ("decided_by", "decided_on"):
            if not fields[name]:
                yield Issue((name,), "required", f"a decision needs {name}")


def _check_against(fields: Fields, world: World) -> Iterable[Issue]:
    project = world.fields("project", join_key([fields["project_code"]]))
    if project and project["start"] and fields["new_end"] <= project["start"]:
        message = f"new_end {fields['new_end']} is not after the project's start {project['start']}: give a later one"
        yield Issue(("new_end",), "dates_out_of_order", message)


KIND = Kind(
    name="extension",
    key=("project_code", "requested_on"),
    schema=ExtensionSchema(),
    references=lambda fields: refer("project", fields, "project_code"),
    check=_check,
    check_against=_check_against,
    owners=office_of_project,
    owner_path=("project_code",),
)
