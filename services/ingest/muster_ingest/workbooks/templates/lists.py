"""The lists behind the drop-downs of a template: code lists, and keys of records that the office may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.values import Choice
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import ACTION, Column, columns_of

WITHDRAW = "withdraw"
_SORTED = ("country", "currency")  # the others keep the order in which reports print them
_SHOWN_BY = {
    "activity_level": ("field_activity", "level"),
    "activity_type": ("project", "activities.code"),
    "collaboration_area": ("partnership", "area"),
    "copy": ("donor", "copy"),
    "country": ("donor", "country"),
    "currency": ("project", "budget.currency"),
    "decision": ("extension", "decision"),
    "donor_status": ("progress_report", "donor_status"),
    "follow_up_action": ("follow_up", "action"),
    "frequency": ("grant", "reporting_rules.frequency"),
    "funding_area": ("project", "areas.code"),
    "grant_status": ("grant", "status"),
    "language": ("donor", "language"),
    "office_type": ("office", "type"),
    "partner_type": ("partner", "type"),
    "project_status": ("project", "status"),
    "published_area": ("published_total", "area"),
    "published_region": ("published_total", "region"),
    "region": ("office", "region"),
    "report_type": ("grant", "reporting_rules.type"),
    "role": ("partnership", "role"),
    "rule_set": ("grant", "reporting_rules.rules"),
    "sex": ("project", "targets.sex"),
    "type_basis": ("partner", "type_basis"),
    "weekday": ("office", "weekend"),
}
_REFERENCES = {
    "office": "office",
    "offices": "office",
    "project_code": "project",
    "partner_id": "partner",
    "merged_into": "partner",
    "donor_id": "donor",
    "grant_id": "grant",
    "parent_activity_id": "field_activity",
}


@dataclass(frozen=True)
class Choices:
    """Records that an office may name: reference kind to ``{key: name}``, as in ``{"office": {"KEN": "Kenya"}}``."""

    names: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class CodeList:
    """A list as the sheet of codes shows it; ``entries`` are (code, name)."""

    name: str
    title: str
    entries: Sequence[tuple[str, str]]

    @property
    def defined_name(self) -> str:
        """The name by which drop-downs find the list."""
        return f"Codes_{self.name}"


def list_name(column: Column) -> str | None:
    """The code list of a column, None where it has none."""
    if isinstance(column.field, Choice):
        return _by_codes()[tuple(column.field.choices)]
    return None


def referred(kind: str, column: Column) -> str | None:
    """The kind of record a column names, None where it names none or is the record's own key."""
    return None if KINDS[kind].key == (column.name,) else _REFERENCES.get(column.name)


def lists_of(kinds: Sequence[str], choices: Choices, language: str) -> tuple[CodeList, ...]:
    """The lists that the columns of these kinds need: short code lists, keys of records, long standards.

    A reference kind without a single record to name has no list.
    """
    columns = [(kind, column) for kind in kinds for column in columns_of(kind)]
    coded = {name for kind, column in columns if (name := list_name(column))} | {ACTION}
    named = {name for kind, column in columns if (name := referred(kind, column)) and choices.names.get(name)}
    short = [_coded(name, language) for name in sorted(coded - set(_SORTED))]
    long = [_coded(name, language) for name in _SORTED if name in coded]
    return (*short, *(_named(name, choices.names[name], language) for name in sorted(named)), *long)


@cache
def _by_codes() -> Mapping[tuple[str, ...], str]:
    return {tuple(_choices(name)): name for name in _SHOWN_BY}


def _choices(name: str) -> Mapping[str, str]:
    kind, shown_by = _SHOWN_BY[name]
    field = next(column.field for column in columns_of(kind) if column.name == shown_by)
    if not isinstance(field, Choice):
        raise TypeError(f"{kind}.{shown_by} has no code list")
    return field.choices


def _coded(name: str, language: str) -> CodeList:
    codes = {} if name == ACTION else _choices(name)
    codes = {**codes, WITHDRAW: ""} if name in {ACTION, "follow_up_action"} else codes
    entries = [(code, words.code_name(name, code, english, language)) for code, english in codes.items()]
    return CodeList(name, words.list_title(name, language), sorted(entries) if name in _SORTED else entries)


def _named(name: str, keys: Mapping[str, str], language: str) -> CodeList:
    return CodeList(name, words.list_title(name, language), sorted(keys.items()))
