"""The first sheet of a donor's report: what must not be missed, key figures, and the money by currency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from muster_report.book import Block, Note, Table, Value
from muster_report.figures import TOTAL, Part
from muster_report.money import USD, usd_total
from muster_report.money_rates import missing_notes
from muster_report.money_rounding import rounded_parts
from muster_report.reports.donor_grants import DonorGrants, GrantLine
from muster_report.reports.donor_money import (
    currencies_table,
    dollars,
    in_usd_parts,
    share_parts,
    spent_percent,
)
from muster_report.reports.donor_people import People
from muster_report.reports.donor_people_tables import people_parts
from muster_report.reports.donor_reports import AHEAD, LATE, ON_TIME, OVERDUE, Milestone, Owed
from muster_report.tables import key_figures
from muster_report.words import say, say_number


@dataclass(frozen=True, slots=True)
class Told:
    """What the report tells besides money; ``unreadable`` are grants of which nobody can tell what is owed."""

    people: People
    milestones: tuple[Milestone, ...]
    owed: tuple[Owed, ...]
    unreadable: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    key: str
    value: Value
    parts: Callable[[], Sequence[Part]]


def overview_blocks(grants: DonorGrants, told: Told) -> tuple[Block, ...]:
    """Alerts, key figures, the table by currency, and how figures in USD are made."""
    lang = grants.lang
    tables = [_table(grants, key, figures) for key, figures in _groups(grants, told)]
    rule = Note("usd", say("donor.usd_rule", lang))
    return (*_alerts(grants, told), *tables, currencies_table(grants), rule)


def _groups(grants: DonorGrants, told: Told) -> tuple[tuple[str, tuple[_Figure, ...]], ...]:
    return ("in_money", _money(grants)), ("in_results", (*_people(told.people), *_done(told)))


def _table(grants: DonorGrants, key: str, figures: Sequence[_Figure]) -> Table:
    by_key = {figure.key: figure for figure in figures}
    table = key_figures(
        key,
        [(figure.key, say(f"donor.{figure.key}", grants.lang), figure.value) for figure in figures],
        caption=say(f"donor.{key}", grants.lang),
        heading=say("donor.figure", grants.lang),
    )
    return replace(table, parts=partial(_parts, by_key))


def _parts(by_key: dict[str, _Figure], row: str, column: str) -> Sequence[Part]:
    return by_key[row].parts() if column == "figure" and row in by_key else []


def _money(grants: DonorGrants) -> tuple[_Figure, ...]:
    in_usd, lines = dollars(grants), grants.lines
    counted = [Part(line.fact, "", 1) for line in lines]
    projects = [Part(project, "", 1) for project in grants.projects().values()]
    in_dollars = [
        _Figure(f"Total_{column}", in_usd.figure(TOTAL, column), partial(_usd_parts, grants, column))
        for column in ("usd_granted", "usd_spent", "usd_left")
    ]
    return (
        _Figure("Grants", len(lines), lambda: counted),
        _Figure("Projects", len(projects), lambda: projects),
        *in_dollars,
        _Figure("Spent_percent", spent_percent(grants), partial(_spent_percent_parts, grants)),
    )


def _usd_parts(grants: DonorGrants, column: str) -> Sequence[Part]:
    figure = dollars(grants).figure(TOTAL, column)
    return [] if figure is None else rounded_parts(in_usd_parts(grants.lines, grants.rates, column), figure)


def _spent_percent_parts(grants: DonorGrants) -> Sequence[Part]:
    percent = spent_percent(grants)
    if percent is None:
        return []
    whole = usd_total((line.granted for line in grants.lines), grants.rates)
    divisor = Part(grants.lines[0].fact, "amount", 0, f"all grants: {whole:f} USD")
    return share_parts(in_usd_parts(grants.lines, grants.rates, "usd_spent"), whole, percent, divisor)


_EVERYONE: Final = ("all",)


def _people(people: People) -> tuple[_Figure, ...]:
    return (
        _Figure("People_target", people.count("target", _EVERYONE), lambda: people_parts(people, _EVERYONE, "target")),
        _Figure(
            "People_reached", people.count("reached", _EVERYONE), lambda: people_parts(people, _EVERYONE, "reached")
        ),
        _Figure("Reached_percent", people.percent(_EVERYONE), lambda: people_parts(people, _EVERYONE, "percent")),
    )


def _done(told: Told) -> tuple[_Figure, ...]:
    return (
        _in_states("Milestones_due", told.milestones, (ON_TIME, LATE, OVERDUE)),
        _in_states("Milestones_completed", told.milestones, (ON_TIME, LATE)),
        _in_states("Milestones_late", told.milestones, (OVERDUE,)),
        _in_states("Reports_received", told.owed, (ON_TIME, LATE)),
        _in_states("Reports_overdue", told.owed, (OVERDUE,)),
        _in_states("Reports_ahead", told.owed, (AHEAD,)),
    )


def _in_states(key: str, found: Sequence[Milestone | Owed], states: Sequence[str]) -> _Figure:
    parts = [one.part() for one in found if one.state in states]
    return _Figure(key, len(parts), lambda: parts)


def _alerts(grants: DonorGrants, told: Told) -> list[Note]:
    lang = grants.lang
    notes = [*missing_notes(grants.amounts(), grants.rates, lang), *_unconverted(grants)]
    if overdue := sum(1 for one in told.owed if one.state == OVERDUE):
        notes.append(Note("overdue", say_number("donor.alert_overdue", overdue, lang), "alert"))
    if told.unreadable:
        names = ", ".join(line.fact.key for line in told.unreadable)
        notes.append(Note("unreadable", say("donor.alert_unreadable", lang, grants=names), "alert"))
    without = sorted({line.code for line in grants.lines if line.project is None})
    if without:
        notes.append(Note("unknown", say("donor.alert_no_project", lang, projects=", ".join(without)), "alert"))
    return notes


def _unconverted(grants: DonorGrants) -> list[Note]:
    """Spent in another currency than that of the grant, in a month without a rate for the grant's own."""
    notes = []
    for line in grants.lines:
        others = (a for a in line.spent if line.currency not in {a.currency, USD})
        months = sorted({a.month for a in others if grants.rates.units(line.currency, a.month) is None})
        for month in months:
            told = say("donor.alert_unconverted", grants.lang, grant=line.fact.key, currency=line.currency, month=month)
            notes.append(Note(f"unconverted-{line.fact.key}-{month}", told, "alert"))
    return notes
