"""What pages call record kinds and their fields, and what each kind is for; columns are called as in templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Kind
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import columns_of
from muster_shared.auth import Caller
from muster_shared.language import Language, noted

PURPOSES: Final[Mapping[str, str]] = {
    "office": noted("Country and regional offices: where they are, who heads them, who reviews their region."),
    "donor": noted("Who gives the money, and how their copies of reports are made."),
    "partner": noted("Organizations that an office works with, under all of their names."),
    "project": noted("Projects with their budget, areas, people to be reached and milestones."),
    "partnership": noted("What an office has agreed with a partner: where, in which area, in which role."),
    "grant": noted("Money of a donor for a project, and the rules by which reports on it are owed."),
    "funding_requirement": noted("What an office needs in a year, by funding area."),
    "initiative": noted("Undertakings of the whole organization for which funding is sought in a year."),
    "progress_report": noted("What was spent, done and reached in a period; it covers a report that is owed."),
    "follow_up": noted("What was done about a report that is owed: put off to a later day, or taken note of."),
    "extension": noted("Requests for a later end of a project, and what was decided."),
    "field_activity": noted("Activities in the field, and the people they were for."),
    "indicator_value": noted("Statistics of a place and a period, with their source."),
    "exchange_rate": noted("Units of a currency for one US dollar, month by month."),
    "published_total": noted("Totals as a publication prints them, to hold our own against."),
}
_GROUPS: Final[Mapping[str, str]] = {
    "head": noted("Head of office"),
    "reviewer": noted("Reviewer"),
    "manager": noted("Manager"),
    "alternate_manager": noted("Alternate manager"),
    "budget": noted("Budget"),
    "areas": noted("Funding areas"),
    "activities": noted("Activity types"),
    "targets": noted("People to be reached"),
    "milestones": noted("Milestones"),
    "reporting_rules": noted("Reporting rules"),
    "expenditure": noted("Expenditure"),
    "reached": noted("People reached"),
    "people": noted("People"),
}
_COLON: Final = re.compile(r"\s*:\s*")


def kinds_written_by(caller: Caller) -> tuple[Kind, ...]:
    """The kinds that a caller may send records of."""
    return tuple(kind for kind in KINDS.values() if caller.decides_centrally or not kind.central)


def title(kind: str, language: Language) -> str:
    """A kind in plain words, in the plural."""
    return words.title(kind, language.code)


def purpose(kind: str, language: Language) -> str:
    """What records of a kind are for, in one line."""
    return language.say(PURPOSES[kind])


def field_name(kind: str, name: str, language: Language) -> str:
    """A field in plain words: ``Project title``, ``Budget``."""
    return words.header(kind, name, language.code) if name in _columns(kind) else language.say(_GROUPS[name])


def part_name(kind: str, name: str, part: str, language: Language) -> str:
    """A part of an object or of an entry of a list: ``amount``."""
    header = words.header(kind, f"{name}.{part}", language.code)
    return _COLON.split(header, maxsplit=1)[-1]


@cache
def _columns(kind: str) -> frozenset[str]:
    return frozenset(column.name for column in columns_of(kind))
