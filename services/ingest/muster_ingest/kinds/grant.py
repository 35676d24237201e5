"""A donor's grant to a project, with the rules by which reports are owed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.kind import Fields, Issue, Kind, Reference, in_order, office_of_project, refer
from muster_ingest.kinds.numbers import Amount
from muster_ingest.kinds.refusals import refused, shown
from muster_ingest.kinds.values import Choice, Currency, Key, Many, Part, Strict, Value

REPORT_TYPES = ("interim", "final", "financial")
RULES = ("development-fund", "echo", "prm", "us-federal", "un-default")
FREQUENCIES = ("quarterly", "semi-annual", "annual")


class RuleSet(Strict):
    """A named rule set; ``frequency`` where the rule set takes one."""

    rules = Choice(RULES, required=True)
    frequency = Choice(FREQUENCIES)


class DueDate(Strict):
    """One report owed, written out."""

    type = Choice(REPORT_TYPES, required=True)
    period_start = Day(required=True)
    period_end = Day(required=True)
    due = Day(required=True)


class ReportingRules(Value):
    """A rule set ``{rules, frequency}`` or a list of explicit due dates."""

    rule_set, due_date = RuleSet(), DueDate()
    _due_dates = Many(Part(due_date))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, list) and value:
            return self._due_dates.deserialize(value)
        if not isinstance(value, dict):
            example = "{'rules': 'prm'} or a list of {type, period_start, period_end, due}"
            raise refused("wrong_type", f"{shown(value)} is not a rule set: give {example}")
        return self.rule_set.load(value)


class GrantSchema(Strict):
    """Fields of a grant."""

    grant_id = Key(required=True)
    donor_id = Key(required=True)
    project_code = Key(required=True)
    amount = Amount(required=True)
    currency = Currency(required=True)
    status = Choice(["pledged", "committed", "received"], required=True)
    signed = Day(required=True)
    start = Day(required=True)
    end = Day(required=True)
    reporting_rules = ReportingRules(required=True)


def _references(fields: Fields) -> Iterable[Reference]:
    return chain(refer("donor", fields, "donor_id"), refer("project", fields, "project_code"))


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "start", "end")
    rules = fields["reporting_rules"]
    if isinstance(rules, list):
        yield from _check_due_dates(rules)
    elif rules:
        yield from _check_frequency(rules)


def _check_due_dates(rows: list[Fields]) -> Iterable[Issue]:
    for index, row in enumerate(rows):
        for first, second in (("period_start", "period_end"), ("period_end", "due")):
            for issue in in_order(row, first, second):
                yield Issue(("reporting_rules", index, *issue.path), issue.code, issue.message)


def _check_frequency(rules: Fields) -> Iterable[Issue]:
    place = ("reporting_rules", "frequency")
    if rules["rules"] == "us-federal" and not rules["frequency"]:
        yield Issue(place, "required", f"us-federal needs a frequency: {', '.join(FREQUENCIES)}")
    if rules["frequency"] and rules["rules"] not in {"us-federal", "un-default"}:
        yield Issue(place, "not_applicable", f"{rules['rules']} has its own periods: leave frequency out")


KIND = Kind(
    name="grant",
    key=("grant_id",),
    schema=GrantSchema(),
    references=_references,
    check=_check,
    owners=office_of_project,
    owner_path=("project_code",),
)
