"""Overdue reports behind a report's figures: what offices owed by then and had not handed in. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from muster_report.facts import Fact, Facts
from muster_shared.coverage import standing
from muster_shared.schedules import Obligation, obligations
from muster_shared.working_days import working_days_of

READ: Final = frozenset({"project", "grant", "progress_report"})  # a report that reads these has them behind it


@dataclass(frozen=True, slots=True)
class Overdue:
    """A report that is owed and late; ``office`` owes it."""

    office: str
    obligation: Obligation
    days_late: int


def overdue_behind(facts: Facts, params: Mapping[str, str], day: date) -> list[Overdue]:
    """What is overdue on a day among the grants that the figures count, the latest first.

    With ``donor_id`` the grants of that donor; with ``year`` the reports on a period that touches the year.
    Grants whose rules cannot be read owe nothing that could be told; the reports themselves say which those are.
    """
    reports = _by_project(facts, "progress_report")
    extensions = _by_project(facts, "extension")
    found = [
        Overdue(str(project.fields["office"]), owed, stands.days_late)
        for project, grant in _grants(facts, params)
        for owed in _owed(facts, project, grant, extensions[project.key])
        if _touches(owed, params) and (stands := standing(owed, reports[project.key], day)).is_overdue
    ]
    return sorted(found, key=lambda one: (-one.days_late, one.obligation))


def _grants(facts: Facts, params: Mapping[str, str]) -> Iterator[tuple[Fact, Fact]]:
    for grant in facts.kind("grant").values():
        project = facts.kind("project").get(grant.fields["project_code"])
        if project and params.get("donor_id", grant.fields["donor_id"]) == grant.fields["donor_id"]:
            yield project, grant


def _owed(facts: Facts, project: Fact, grant: Fact, extensions: list[Mapping[str, Any]]) -> tuple[Obligation, ...]:
    office = facts.kind("office").get(project.fields["office"])
    days = working_days_of(office.fields if office else {})
    try:
        return obligations(project.fields, [grant.fields], extensions, working_days=days)
    except (LookupError, TypeError, ValueError):  # rules that no rulebook holds, dates that cannot be
        return ()


def _touches(owed: Obligation, params: Mapping[str, str]) -> bool:
    return "year" not in params or owed.period_start.year <= int(params["year"]) <= owed.period_end.year


def _by_project(facts: Facts, kind: str) -> defaultdict[str, list[Mapping[str, Any]]]:
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for fact in facts.kind(kind).values():
        found[fact.fields["project_code"]].append(fact.fields)
    return found
