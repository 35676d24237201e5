"""Milestones, and the reports that a donor is owed: what came in, what is due and what is overdue on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from muster_report.book import Column, Row, Table
from muster_report.facts import Fact
from muster_report.figures import Observation, Part
from muster_report.reports.donor_grants import DonorGrants, GrantLine
from muster_report.words import say
from muster_shared.coverage import Standing, delivery, standing
from muster_shared.schedules import Obligation, obligations
from muster_shared.working_days import working_days_of

ON_TIME, LATE, OVERDUE, AHEAD = "on_time", "late", "overdue", "ahead"
STATES: Final = (ON_TIME, LATE, OVERDUE, AHEAD)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone on a day: ``completed`` is the day, ``reported`` the report that tells where only it does."""

    project: Fact
    number: int
    name: str
    due: date
    completed: date | None
    reported: Fact | None
    state: str
    days_late: int

    def part(self, value: int = 1) -> Part:
        """What it contributes to a count, or to a number of days."""
        return Part(self.project, f"milestones/{self.number}", value, f"{self.name}: {self.due}")


@dataclass(frozen=True, slots=True)
class Owed:
    """A report owed for a grant, and how it stands."""

    line: GrantLine
    obligation: Obligation
    standing: Standing
    handed_in: date | None

    @property
    def state(self) -> str:
        """Handed in on time or late, overdue, or ahead (not due yet)."""
        if not self.standing.is_open:
            return LATE if self.standing.days_late else ON_TIME
        return OVERDUE if self.standing.is_overdue else AHEAD

    def part(self, value: int = 1) -> Part:
        """What it contributes to a count, or to a number of days."""
        told = f"{self.obligation.type} {self.obligation.period_start} to {self.obligation.period_end}"
        return Part(self.line.fact, "reporting_rules", value, f"{told}, due {self.obligation.due}")


def milestones(grants: DonorGrants) -> list[Milestone]:
    """The milestones of the donor's projects, by project and due date."""
    found = [m for project in grants.projects().values() for m in _of_project(project, grants)]
    return sorted(found, key=lambda m: (m.project.key, m.due, m.number))


def _of_project(project: Fact, grants: DonorGrants) -> Iterator[Milestone]:
    told = [fact for fact in grants.reports if fact.fields["project_code"] == project.fields["project_code"]]
    for number, fields in enumerate(project.fields.get("milestones") or ()):
        due = date.fromisoformat(fields["due"])
        stated = _day(fields.get("completed"))
        reported = None if stated else _telling(told, fields["name"])
        completed = stated or (_day(reported.fields["period_end"]) if reported else None)
        if completed and completed > grants.until:
            completed = reported = None
        late = ((completed or grants.until) - due).days
        state = (LATE if late > 0 else ON_TIME) if completed else (OVERDUE if late > 0 else AHEAD)
        yield Milestone(project, number, fields["name"], due, completed, reported, state, max(late, 0))


def _telling(reports: Iterable[Fact], name: str) -> Fact | None:
    telling = [
        fact
        for fact in reports
        if name in (fact.fields.get("milestones_completed") or ()) and fact.fields.get("donor_status") != "returned"
    ]
    return min(telling, key=lambda fact: (fact.fields["period_end"], fact.key), default=None)


def owed(grants: DonorGrants) -> tuple[list[Owed], list[GrantLine]]:
    """What the donor is owed, overdue first and longest first; and the grants of which it cannot be told."""
    found: list[Owed] = []
    unreadable: list[GrantLine] = []
    for line in grants.lines:
        try:
            found += _of_line(line, grants)
        except (LookupError, TypeError, ValueError):  # rules that no rulebook holds, dates that cannot be
            unreadable.append(line)
    return sorted(found, key=_order), unreadable


def _of_line(line: GrantLine, grants: DonorGrants) -> list[Owed]:
    if line.project is None:
        raise LookupError(line.code)
    extensions = [fact.fields for fact in grants.extensions]
    reports = [fact.fields for fact in grants.reports_of(line.fact)]
    found = []
    days = working_days_of(line.office.fields if line.office else {})
    for obligation in obligations(line.project.fields, [line.fact.fields], extensions, working_days=days):
        stands = standing(obligation, reports, grants.until)
        found.append(Owed(line, obligation, stands, delivery(obligation, reports).submitted_on))
    return found


def _order(one: Owed) -> tuple[int, int, date, Obligation]:
    rank = {OVERDUE: 0, AHEAD: 1}.get(one.state, 2)
    return rank, -one.standing.days_late if rank == 0 else 0, one.obligation.due, one.obligation


def observed(found: Iterable[Milestone | Owed]) -> list[Observation]:
    """One observation for each milestone or report, by project and state."""
    return [Observation(_project(one), one.state, one.part()) for one in found]


def _project(one: Milestone | Owed) -> str:
    return one.project.key if isinstance(one, Milestone) else one.line.code


def milestones_table(found: Sequence[Milestone], lang: str) -> Table:
    """Every milestone with its dates."""
    columns = (
        Column("project", say("donor.project_code", lang), 18, "code", "label", tag="#activity+code"),
        Column("milestone", say("donor.milestone", lang), 56, "text", tag="#output+name"),
        Column("due", say("donor.due", lang), 13, "code", tag="#date+due"),
        Column("completed", say("donor.completed", lang), 13, "code", tag="#date+completed"),
        Column("state", say("donor.state", lang), 24, "text", tag="#status"),
        Column("days_late", say("donor.days_late", lang), 11, tag="#meta+days_late"),
    )
    by_key = {f"{m.project.key}/{m.number}": m for m in found}
    rows = tuple(
        Row(
            key,
            (m.project.key, m.name, m.due, m.completed, say(f"donor.milestone_{m.state}", lang), m.days_late or None),
            label=f"{m.project.key} {m.name}",
        )
        for key, m in by_key.items()
    )

    def parts(row: str, column: str) -> Sequence[Part]:
        return [by_key[row].part(by_key[row].days_late)] if column == "days_late" and row in by_key else []

    return Table("milestones", columns, rows, say("donor.all_milestones", lang), filtered=True, parts=parts)


def owed_table(found: Sequence[Owed], lang: str) -> Table:
    """Every report owed, with how it stands."""
    columns = (
        Column("grant", say("donor.grant", lang), 19, "text", "label", tag="#activity+grant+code"),
        Column("type", say("donor.report_type", lang), 12, "text", tag="#meta+type"),
        Column("period_start", say("donor.period_start", lang), 13, "code", tag="#date+start"),
        Column("period_end", say("donor.period_end", lang), 13, "code", tag="#date+end"),
        Column("due", say("donor.due", lang), 13, "code", tag="#date+due"),
        Column("handed_in", say("donor.handed_in", lang), 13, "code", tag="#date+submitted"),
        Column("state", say("donor.state", lang), 24, "text", tag="#status"),
        Column("days_late", say("donor.days_late", lang), 11, tag="#meta+days_late"),
    )
    by_key = {one.obligation.obligation_id: one for one in found}
    rows = tuple(_owed_row(key, one, lang) for key, one in by_key.items())

    def parts(row: str, column: str) -> Sequence[Part]:
        return [by_key[row].part(by_key[row].standing.days_late)] if column == "days_late" and row in by_key else []

    return Table("owed", columns, rows, say("donor.all_reports", lang), filtered=True, parts=parts)


def _owed_row(key: str, one: Owed, lang: str) -> Row:
    of = one.obligation
    state = "returned" if one.standing.status == "returned" else one.state
    cells = (
        of.grant_id,
        say(f"donor.type_{of.type}", lang),
        of.period_start,
        of.period_end,
        of.due,
        one.handed_in,
        say(f"donor.report_{state}", lang),
        one.standing.days_late or None,
    )
    return Row(key, cells, label=f"{of.grant_id} {of.type} {of.period_end}")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
