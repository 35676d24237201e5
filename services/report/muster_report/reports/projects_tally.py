"""What the first sheet of `projects` says of all of them: counted in one reading, no project held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from muster_report.each_once import each_once
from muster_report.fact_batches import FactBatch

LISTS: Final = ("areas", "activities", "targets", "milestones")
_TOLERANCE: Final = Decimal("0.0101")  # IATI 2.03: percentages of one vocabulary sum to 100 within it
_MINUS_ALL: Final = Decimal(-100)
_NAMED: Final = 10  # projects that a warning names


@dataclass(slots=True)
class Problem:
    """Projects that something is wrong with: how many, and the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, code: str) -> None:
        """Note one more."""
        self.count += 1
        if len(self.first) < _NAMED:
            self.first.append(code)


@dataclass(slots=True)
class Tally:
    """All projects counted: by region and status, by currency with the sum of budgets, entries of each list."""

    projects: int = 0
    by_region: Counter[tuple[str, str]] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    budgets: dict[str, Decimal] = field(default_factory=dict)
    entries: Counter[str] = field(default_factory=Counter)
    problems: dict[str, Problem] = field(default_factory=lambda: {name: Problem() for name in PROBLEMS})


def tally(projects: Iterable[FactBatch], region_of: Callable[[str], str]) -> Tally:
    """Count projects; ``region_of`` gives the region of an office."""
    made = Tally()
    for batch in projects:
        made.projects += len(batch.keys)
        regions = each_once(region_of, [fields["office"] for fields in batch.fields])
        made.by_region.update(zip(regions, [fields.get("status") or "" for fields in batch.fields], strict=True))
        _count_budgets(made, [fields.get("budget") or {} for fields in batch.fields])
        for name in LISTS:
            made.entries[name] += sum(len(fields.get(name) or ()) for fields in batch.fields)
        for name, wrong in PROBLEMS.items():
            for key in [key for key, fields in zip(batch.keys, batch.fields, strict=True) if wrong(fields)]:
                made.problems[name].add(key)
    return made


def _count_budgets(made: Tally, budgets: Sequence[Mapping[str, Any]]) -> None:
    currencies = [budget.get("currency") or "" for budget in budgets]
    made.currencies.update(currencies)
    for currency in set(currencies):
        amounts = [budget.get("amount") or 0 for budget in budgets if (budget.get("currency") or "") == currency]
        made.budgets[currency] = sum(map(Decimal, map(str, amounts)), made.budgets.get(currency, Decimal(0)))


def _does_not_sum(name: str) -> Callable[[Mapping[str, Any]], bool]:
    def wrong(fields: Mapping[str, Any]) -> bool:
        shares = fields.get(name)
        return _are_not_all(tuple([share["percent"] for share in shares])) if shares else False

    return wrong


@lru_cache(maxsize=1024)
def _are_not_all(percentages: tuple[Any, ...]) -> bool:
    return abs(sum((Decimal(str(percent)) for percent in percentages), _MINUS_ALL)) > _TOLERANCE


def _ends_before_it_begins(fields: Mapping[str, Any]) -> bool:
    return bool(fields.get("start") and fields.get("end")) and str(fields["end"]) < str(fields["start"])


def _has_no_budget(fields: Mapping[str, Any]) -> bool:
    budget = fields.get("budget") or {}
    return not budget.get("currency") or budget.get("amount") is None


PROBLEMS: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "areas_sum": _does_not_sum("areas"),
    "activities_sum": _does_not_sum("activities"),
    "dates": _ends_before_it_begins,
    "no_budget": _has_no_budget,
}
