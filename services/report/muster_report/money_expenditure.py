"""What was spent until a day, counted once: a report on the whole period repeats what the reports on its parts told.

Which reports count is decided in ``muster_shared.counted``, the same for all that is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from muster_report.facts import Fact
from muster_report.money import Amount, stated
from muster_shared.counted import Counted, counted

_PATH = "expenditure/amount"


@dataclass(frozen=True, slots=True)
class Spending:
    """The amounts spent by ``grant_id``; ``overlapping`` are reports whose part cannot be told apart from others'."""

    amounts: tuple[Amount, ...]
    overlapping: tuple[Fact, ...]


def handed_in(reports: Iterable[Fact], until: date) -> list[Fact]:
    """The progress reports handed in on or before a day, in the order of their keys."""
    known = (fact for fact in reports if date.fromisoformat(fact.fields["submitted_on"]) <= until)
    return sorted(known, key=lambda fact: fact.key)


def spending(reports: Iterable[Fact], until: date) -> Spending:
    """What the progress reports tell of money spent, handed in until a day and not returned by the donor.

    A report that tells others' periods anew adds what it tells more than they did: their amounts are taken off it
    at its own rate, and stay where they were at theirs.
    """
    amounts: list[Amount] = []
    overlapping: list[Fact] = []
    for _, purse in groupby(sorted(handed_in(reports, until), key=_purse), key=_purse):
        facts = {id(fact.fields): fact for fact in purse}
        counting = counted((fact.fields for fact in facts.values()), until)
        amounts += [amount for report in counting for amount in _told(report, facts)]
        overlapping += _left_out(facts, counting)
    return Spending(tuple(amounts), tuple(overlapping))


def _told(report: Counted, facts: dict[int, Fact]) -> Iterator[Amount]:
    fact = facts[id(report.fields)]
    on = min(report.end.isoformat(), fact.fields["submitted_on"])
    yield stated("spent", fact, _PATH, fact.fields["expenditure"], on=on)
    for other in report.replaces:
        before = facts[id(other.fields)]
        yield stated("spent", before, _PATH, before.fields["expenditure"], on=on, sign=-1)


def _left_out(facts: dict[int, Fact], counting: Iterable[Counted]) -> list[Fact]:
    counts = {id(report.fields) for report in counting}
    held = (fact for fact in facts.values() if fact.fields.get("donor_status") != "returned")
    return [fact for fact in held if id(fact.fields) not in counts]


def _purse(fact: Fact) -> tuple[str, str, str]:
    """Reports of one purse are held against each other: one grant of one project in one currency."""
    fields = fact.fields
    return fields["project_code"], fields.get("grant_id") or "", fields["expenditure"]["currency"]
