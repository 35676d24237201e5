"""From a grant to the reports it owes: pure, on the plain ``fields`` of records.

What was past due when an extension was decided, or when a rule set changed, never moves; everything later
is worked out anew, and nothing new is owed for a day that had passed by then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from muster_shared.months import ONE_DAY, full_months, period_end, quarter_of
from muster_shared.rulebook import ReportRule, Rulebook, RuleVersion, shipped_rulebook
from muster_shared.working_days import EVERY_DAY, WorkingDays

Fields = Mapping[str, Any]

OBLIGATION_NAMESPACE = UUID("6f0e6a52-6d3b-5a3e-9a55-2f1f3c9d7b10")


@dataclass(frozen=True, slots=True, order=True)
class Obligation:
    """A report owed: ``type`` is interim, financial or final; the period includes both its days.

    ``mark`` is what stays of it when dates move: the number among the grant's reports of that type where rules
    make it, the period where the grant writes it out. An extension moves the first final report; a second one
    exists only where the first was past due already.
    """

    project_code: str
    grant_id: str
    type: str
    period_start: date
    period_end: date
    due: date
    mark: str

    @property
    def obligation_id(self) -> str:
        """The same for the same project, grant, type and mark, in any process."""
        key = json.dumps([self.project_code, self.grant_id, self.type, self.mark])
        return str(uuid5(OBLIGATION_NAMESPACE, key))


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a project's due dates go by: the donors' rules, and the days its office works."""

    book: Rulebook
    working_days: WorkingDays


@dataclass(frozen=True, slots=True)
class _Terms:
    """What holds for a grant from ``since`` on."""

    since: date
    version: RuleVersion
    end: date
    working_days: WorkingDays


def obligations(
    project: Fields,
    grants: Iterable[Fields],
    extensions: Iterable[Fields] = (),
    rulebook: Rulebook | None = None,
    working_days: WorkingDays = EVERY_DAY,
) -> tuple[Obligation, ...]:
    """Every report that a project owes to its donors, in the order of grants, types and periods.

    ``project``, ``grants`` and ``extensions`` are the current fields of records of those kinds, dates as ISO
    text; grants and extensions of other projects are left aside, so are extensions not approved. ``working_days``
    are those of the project's office; they count only where a rule says so.

    Raises:
        UnknownRules: a grant's ``reporting_rules`` name rules or a frequency the rulebook does not hold.
    """
    code = project["project_code"]
    approved = sorted((e for e in extensions if _approves(e, code)), key=_decided_on)
    rules = _Rules(rulebook or shipped_rulebook(), working_days)
    owed = (o for grant in grants if grant["project_code"] == code for o in _of_grant(project, grant, approved, rules))
    return tuple(sorted(owed))


def _approves(extension: Fields, code: str) -> bool:
    return extension["project_code"] == code and extension.get("decision") == "approved"


def _decided_on(extension: Fields) -> tuple[date, date]:
    requested = date.fromisoformat(extension["requested_on"])
    decided = extension.get("decided_on")
    return (date.fromisoformat(decided) if decided else requested), requested


def _of_grant(project: Fields, grant: Fields, approved: Sequence[Fields], rules: _Rules) -> Iterable[Obligation]:
    named = grant["reporting_rules"]
    if isinstance(named, Mapping):
        return _by_rules(grant, named, _ends(project, grant, approved), rules)
    return {_written(grant, entry) for entry in named}


def _written(grant: Fields, entry: Fields) -> Obligation:
    first, last, due = (date.fromisoformat(entry[name]) for name in ("period_start", "period_end", "due"))
    mark = f"{first}/{last}"
    return Obligation(grant["project_code"], grant["grant_id"], entry["type"], first, last, due, mark)


def _ends(project: Fields, grant: Fields, approved: Sequence[Fields]) -> list[tuple[date, date]]:
    """Since when the grant ends when, oldest first: it follows its project's end as long as the two are equal."""
    project_end, grant_end = date.fromisoformat(project["end"]), date.fromisoformat(grant["end"])
    ends = [(date.min, grant_end)]
    for extension in approved:
        new_end = date.fromisoformat(extension["new_end"])
        grant_end = new_end if grant_end == project_end else grant_end
        project_end = new_end
        ends.append((_decided_on(extension)[0], grant_end))
    return ends


def _by_rules(grant: Fields, named: Fields, ends: Sequence[tuple[date, date]], rules: _Rules) -> tuple[Obligation, ...]:
    owed: tuple[Obligation, ...] = ()
    for terms in _terms(rules.book.versions(named["rules"]), ends, rules.working_days):
        past_due = [o for o in owed if o.due < terms.since]
        later = [o for o in _planned(grant, named.get("frequency"), terms) if o.due >= terms.since]
        owed = _numbered(past_due, later)
    return owed


def _terms(
    versions: Sequence[RuleVersion], ends: Sequence[tuple[date, date]], working_days: WorkingDays
) -> Iterator[_Terms]:
    for since in sorted({since for since, _ in ends} | {version.holds_from for version in versions[1:]}):
        version = next((v for v in reversed(versions) if v.holds_from <= since), versions[0])
        yield _Terms(since, version, next(end for begun, end in reversed(ends) if begun <= since), working_days)


def _planned(grant: Fields, named_frequency: str | None, terms: _Terms) -> Iterator[Obligation]:
    start = date.fromisoformat(grant["start"])
    months = full_months(start, terms.end)
    frequency = terms.version.frequency(named_frequency)
    for rule in terms.version.reports:
        if rule.applies(months, frequency):
            for first, last in _periods(rule, start, terms.end):
                due = rule.due(last, terms.working_days)
                yield Obligation(grant["project_code"], grant["grant_id"], rule.type, first, last, due, "")


def _periods(rule: ReportRule, start: date, end: date) -> list[tuple[date, date]]:
    if rule.at_end:
        return [(start, end)]
    if rule.calendar_quarters:
        return list(_quarters(start, end))
    ends = _month_ends(rule, start, end)
    starts = [start, *(last + ONE_DAY for last in ends)]
    return list(zip(starts, ends, strict=False))


def _month_ends(rule: ReportRule, start: date, end: date) -> list[date]:
    every = rule.every_months
    numbers = range(every, full_months(start, end) + 1, every) if every else rule.at_months
    last_days = [period_end(start, number) for number in numbers]
    return [last for last in last_days if last <= end and not (rule.only_before_end and rule.due(last) >= end)]


def _quarters(start: date, end: date) -> Iterator[tuple[date, date]]:
    first, last = quarter_of(start)
    while first <= end:
        yield first, last
        first, last = quarter_of(last + ONE_DAY)


def _numbered(past_due: Sequence[Obligation], later: Sequence[Obligation]) -> tuple[Obligation, ...]:
    """Put later obligations behind those that stay, each for what is not reported yet, numbered by type."""
    result: list[Obligation] = []
    for report_type in sorted({o.type for o in (*past_due, *later)}):
        stays = [o for o in past_due if o.type == report_type]
        reported_to = max((o.period_end for o in stays), default=date.min)
        fresh = sorted(o for o in later if o.type == report_type and o.period_end > reported_to)
        numbers = count(len(stays) + 1)
        result += stays
        result += [replace(_begun_after(o, reported_to), mark=str(next(numbers))) for o in fresh]
    return tuple(result)


def _begun_after(obligation: Obligation, reported_to: date) -> Obligation:
    if obligation.period_start > reported_to:
        return obligation
    return replace(obligation, period_start=reported_to + ONE_DAY)
