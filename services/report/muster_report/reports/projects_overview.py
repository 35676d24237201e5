"""The first sheet of `projects`: how many there are, by region and status, their budgets, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from muster_report.blocks import Block, Chart, Charts, Column, Named, Note, Row, Series, Table, Value
from muster_report.facts import Fact
from muster_report.figures import TOTAL, Part
from muster_report.reports.projects_columns import status_name
from muster_report.reports.projects_tally import LISTS, Tally
from muster_report.reports.reporting_compliance_places import NO_REGION
from muster_report.words import say, say_number

STATUSES: Final = ("draft", "submitted", "returned", "endorsed", "active", "completed", "closed", "cancelled", "")


@dataclass(frozen=True, slots=True)
class Overview:
    """What is counted, how to read it again, and in which words."""

    tally: Tally
    projects: Callable[[], Iterator[Fact]]
    region_of: Callable[[str], str]
    regions: Mapping[str, str]
    lang: str

    def say(self, key: str, **values: object) -> str:
        """The report's words under a key."""
        return say(f"projects.{key}", self.lang, **values)


def overview_blocks(overview: Overview) -> Iterator[Block]:
    """Warnings, then the tables and a chart."""
    yield from _alerts(overview)
    yield _contents(overview)
    yield _by_region(overview)
    yield _by_currency(overview)
    yield Note("currencies", overview.say("currencies_rule"))
    yield Charts((_chart(overview),))


def _alerts(overview: Overview) -> Iterator[Note]:
    for name, problem in overview.tally.problems.items():
        if problem.count:
            first = ", ".join(problem.first) + (", …" if problem.count > len(problem.first) else "")
            yield Note(name, say_number(f"projects.problem.{name}", problem.count, overview.lang, first=first), "alert")
    without = sum(n for (region, _), n in overview.tally.by_region.items() if region == NO_REGION)
    if without:
        yield Note("no_region", say_number("projects.problem.no_region", without, overview.lang), "alert")


def _contents(overview: Overview) -> Table:
    counted = {"projects": overview.tally.projects, **{name: overview.tally.entries[name] for name in LISTS}}
    return Table(
        "contents",
        (Column("label", overview.say("in_all"), 50, "text", "label"), Column("figure", overview.say("number"), 16)),
        tuple(Row(name, (overview.say(f"counted.{name}"), count)) for name, count in counted.items()),
        names=tuple(Named(f"{name.capitalize()}_Total", name, "figure") for name in counted),
        parts=lambda row, column: _entries(overview, row) if column == "figure" else [],
    )


def _entries(overview: Overview, name: str) -> Sequence[Part]:
    if name == "projects":
        return [Part(fact, "", 1) for fact in overview.projects()]
    return [
        Part(fact, f"{name}/{at}", 1) for fact in overview.projects() for at in range(len(fact.fields.get(name) or ()))
    ]


def _by_region(overview: Overview) -> Table:
    counted = overview.tally.by_region
    statuses = _statuses(overview)
    regions = {code: name for code, name in overview.regions.items() if code != NO_REGION or _any(overview, NO_REGION)}
    rows = [_counts(overview, code, name, statuses, {code}) for code, name in regions.items()]
    total = _counts(overview, TOTAL, overview.say("all_regions"), statuses, {region for region, _ in counted})
    return Table(
        "regions",
        (
            Column("label", overview.say("region"), 50, "text", "label", "#region+name"),
            *(Column(f"status {code}", status_name(code, overview.lang), 14) for code in statuses),
            Column(TOTAL, overview.say("projects"), 14, role="total", tag="#meta+count+projects"),
        ),
        (*rows, Row(total.key, total.cells, "total")),
        parts=lambda row, column: _counted(overview, row, column),
    )


def _statuses(overview: Overview) -> list[str]:
    stated = {status for _, status in overview.tally.by_region}
    return [*(code for code in STATUSES if code in stated), *sorted(stated - set(STATUSES))]


def _any(overview: Overview, region: str) -> bool:
    return any(count for (code, _), count in overview.tally.by_region.items() if code == region)


def _counts(overview: Overview, key: str, label: str, statuses: Sequence[str], regions: set[str]) -> Row:
    counted = overview.tally.by_region
    figures: list[Value] = [sum(counted[region, status] for region in regions) for status in statuses]
    return Row(key, (label, *figures, sum(counted[region, status] for region in regions for status in statuses)))


def _counted(overview: Overview, row: str, column: str) -> Sequence[Part]:
    def here(fields: Mapping[str, Any]) -> bool:
        status = f"status {fields.get('status') or ''}"
        return row in (TOTAL, overview.region_of(fields["office"])) and column in (TOTAL, status)

    return [Part(fact, "", 1) for fact in overview.projects() if here(fact.fields)] if column != "label" else []


def _by_currency(overview: Overview) -> Table:
    counted = overview.tally
    stated = sorted(code for code in counted.currencies if code)
    rows = [Row(code, (code, counted.currencies[code], counted.budgets[code])) for code in stated]
    return Table(
        "currencies",
        (
            Column("label", overview.say("budget_by_currency"), 50, "code", "label", "#currency+code"),
            Column("projects", overview.say("projects"), 16, tag="#meta+count+projects"),
            Column("budget", overview.say("budget"), 18, "decimal", tag="#value+budget"),
        ),
        tuple(rows),
        parts=lambda row, column: _budgets(overview, row, column),
    )


def _budgets(overview: Overview, currency: str, column: str) -> Sequence[Part]:
    with_it = [fact for fact in overview.projects() if (fact.fields.get("budget") or {}).get("currency") == currency]
    if column == "projects":
        return [Part(fact, "budget/currency", 1) for fact in with_it]
    if column != "budget":
        return []
    return [Part(fact, "budget/amount", Decimal(str(fact.fields["budget"].get("amount") or 0))) for fact in with_it]


def _chart(overview: Overview) -> Chart:
    return Chart(
        key="regions",
        title=overview.say("chart"),
        description=overview.say("chart_described"),
        table="regions",
        series=(Series(overview.say("projects"), "rows", TOTAL),),
        direction="bar",
    )
