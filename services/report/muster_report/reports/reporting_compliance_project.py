"""What the report tells of one project alone: what leaves that as it was on a day makes no workbook of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from muster_report.facts import Fact
from muster_report.reports.report import Telling
from muster_report.reports.reporting_compliance_extensions import Asked
from muster_report.reports.reporting_compliance_owed import Due, Owed, Owing, owed_by, read_compliance
from muster_report.reports.surroundings import Surroundings
from muster_report.words import ENGLISH
from muster_shared.names import DEFAULT_COPY


def told_of_project(around: Surroundings) -> Telling:
    """Which offices it names, how each report that is due stands, and what is listed of extensions; by ``until``."""
    facts, owing = around.facts(), _once(owed_by)

    @cache
    def on(until: str) -> object:
        compliance = read_compliance(facts, date.fromisoformat(until), ENGLISH, DEFAULT_COPY, owing)
        due, extensions = map(_of_due, compliance.due), map(_of_extension, compliance.extensions)
        return compliance.holding, [fact.key for fact in compliance.unreadable], [*due], [*extensions]

    return lambda params: on(params["until"])


def _once(owing: Owing) -> Owing:
    """The same, worked out once for each grant and each number of extensions asked for."""
    known: dict[tuple[str, int], Owed | None] = {}

    def owed(project: Fact, grant: Fact, extensions: Sequence[Fact], office: Fact | None) -> Owed | None:
        place = (grant.key, len(extensions))
        if place not in known:
            known[place] = owing(project, grant, extensions, office)
        return known[place]

    return owed


def _of_due(one: Due) -> object:
    """Its place in the counts; where it is overdue, what is listed of it too."""
    listed = (
        one.days_late,
        one.project.fields["title"],
        one.project.fields.get("manager"),
        one.grant.fields["donor_id"],
    )
    return one.obligation, one.received, one.on_time, bool(one.reports), listed if one.overdue else ()


def _of_extension(one: Asked) -> object:
    return one.fact.fields, one.project.fields["title"], one.office, one.old_end, one.decision, one.latest
