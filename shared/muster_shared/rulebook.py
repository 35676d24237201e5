"""The donors' reporting rule sets as data: ``rulebook.toml``, read and typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from muster_shared.months import add_months
from muster_shared.working_days import EVERY_DAY, WorkingDays


class UnknownRules(ValueError):
    """A grant names rules or a frequency that the rulebook does not hold; the message says which there are."""


@dataclass(frozen=True, slots=True)
class ReportRule:
    """One line of a rule set: which periods owe a report of ``type``, and how long after them it is due.

    ``moved_to`` says where a due date goes that is no working day of the office: to the one ``after`` or ``before``
    it; None: nowhere.
    """

    type: str
    due_months: int
    due_days: int
    every_months: int | None = None
    at_months: tuple[int, ...] = ()
    calendar_quarters: bool = False
    at_end: bool = False
    at_least_months: int = 0
    below_months: int | None = None
    frequency: str | None = None
    only_before_end: bool = False
    moved_to: str | None = None

    def due(self, period_end: date, working_days: WorkingDays = EVERY_DAY) -> date:
        """When the report on a period is due, in an office with these working days."""
        day = add_months(period_end, self.due_months) + timedelta(days=self.due_days)
        if self.moved_to is None:
            return day
        return working_days.first_from(day) if self.moved_to == "after" else working_days.last_until(day)

    def applies(self, months: int, frequency: str | None) -> bool:
        """Whether a grant of so many full months and this frequency owes reports by this line."""
        long_enough = self.at_least_months <= months and (self.below_months is None or months < self.below_months)
        return long_enough and self.frequency in (None, frequency)


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule set as it holds from one date on."""

    rules: str
    holds_from: date
    source: str
    reports: tuple[ReportRule, ...]
    default_frequency: str | None = None
    extension_request_months_before_end: int | None = None

    def frequencies(self) -> tuple[str, ...]:
        """Frequencies a grant may name under these rules; none where they know no such parameter."""
        return tuple(rule.frequency for rule in self.reports if rule.frequency)

    def frequency(self, named: str | None) -> str | None:
        """The frequency that counts for a grant that names this one.

        Raises:
            UnknownRules: the rules need one of their own frequencies.
        """
        chosen = named or self.default_frequency
        known = self.frequencies()
        if known and chosen not in known:
            raise UnknownRules(f"rules '{self.rules}' need a frequency: one of {', '.join(known)}, not '{chosen}'")
        return chosen


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every version of every rule set, oldest first."""

    by_rules: Mapping[str, tuple[RuleVersion, ...]]

    def versions(self, rules: str) -> tuple[RuleVersion, ...]:
        """Versions of one rule set, oldest first.

        Raises:
            UnknownRules: there is no such rule set.
        """
        if rules not in self.by_rules:
            raise UnknownRules(f"no reporting rules '{rules}': there are {', '.join(sorted(self.by_rules))}")
        return self.by_rules[rules]


def parse_rulebook(text: str) -> Rulebook:
    """Read a rulebook from TOML; the format is explained at the top of ``rulebook.toml``.

    Raises:
        ValueError: a due date is to be moved to something else than the working day before or after it.
    """
    by_rules: dict[str, list[RuleVersion]] = {}
    for row in tomllib.loads(text)["version"]:
        by_rules.setdefault(row["rules"], []).append(_version(row))
    return Rulebook({name: tuple(sorted(found, key=_holds_from)) for name, found in by_rules.items()})


@cache
def shipped_rulebook() -> Rulebook:
    """The rulebook that comes with Muster."""
    return parse_rulebook((files("muster_shared") / "rulebook.toml").read_text(encoding="utf-8"))


def _holds_from(version: RuleVersion) -> date:
    return version.holds_from


def _version(row: Mapping[str, Any]) -> RuleVersion:
    plain = {name: value for name, value in row.items() if name != "report"}
    return RuleVersion(**plain, reports=tuple(_report(line) for line in row["report"]))


def _report(row: Mapping[str, Any]) -> ReportRule:
    plain = {name: value for name, value in row.items() if name not in ("due", "at_months")}
    due = row["due"]
    if due.get("moved_to") not in {None, "after", "before"}:
        raise ValueError(f"a due date is moved to the working day 'after' or 'before', not '{due['moved_to']}'")
    return ReportRule(
        **plain,
        at_months=tuple(row.get("at_months", ())),
        due_months=due.get("months", 0),
        due_days=due.get("days", 0),
        moved_to=due.get("moved_to"),
    )
