"""Extensions asked for up to a day: old end, new end, reason, who decided, and whether they were asked for in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from muster_report.blocks import Column, ColumnRole, Format, Row, Table, Value
from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.small_cells import leaves_the_house
from muster_report.words import say
from muster_shared.months import add_months
from muster_shared.rulebook import UnknownRules, shipped_rulebook

APPROVED, REFUSED, WAITING = "approved", "refused", "waiting"
DECISIONS: Final = (APPROVED, REFUSED, WAITING)


@dataclass(frozen=True, slots=True)
class Asked:
    """An extension that was asked for by a day, as it stood then; ``latest`` is the last day its donors allow."""

    fact: Fact
    project: Fact
    grants: tuple[Fact, ...]
    old_end: date
    new_end: date
    requested: date
    decided: date | None
    decision: str
    latest: date | None

    @property
    def office(self) -> str:
        """Code of the project's office."""
        return str(self.project.fields["office"])

    @property
    def in_time(self) -> bool | None:
        """Whether it was asked for in time; None where no donor's rules set a day."""
        return None if self.latest is None else self.requested <= self.latest


def asked_extensions(facts: Facts, until: date) -> tuple[Asked, ...]:
    """The extensions asked for by a day, the newest first."""
    found: list[Asked] = []
    asked = _by_project(facts, until)
    grants: dict[str, list[Fact]] = {code: [] for code in asked}
    for grant in facts.kind("grant").values():
        if grant.fields["project_code"] in asked:
            grants[grant.fields["project_code"]].append(grant)
    for code, extensions in asked.items():
        project = facts.kind("project")[code]
        found += [_asked(project, tuple(grants[code]), fact, extensions, until) for fact in extensions]
    return tuple(sorted(found, key=lambda asked: (-asked.requested.toordinal(), asked.fact.key)))


def _by_project(facts: Facts, until: date) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts.kind("extension").values():
        code = fact.fields["project_code"]
        if fact.fields["requested_on"] <= until.isoformat() and code in facts.kind("project"):
            found.setdefault(code, []).append(fact)
    return found


def _asked(project: Fact, grants: tuple[Fact, ...], fact: Fact, others: Sequence[Fact], until: date) -> Asked:
    decided_on, decision = _decided(fact.fields), fact.fields.get("decision")
    made = decision is not None and decided_on <= until
    old_end = _end_before(project, others, (decided_on if made else date.max, _day(fact, "requested_on")), until)
    return Asked(
        fact=fact,
        project=project,
        grants=grants,
        old_end=old_end,
        new_end=_day(fact, "new_end"),
        requested=_day(fact, "requested_on"),
        decided=decided_on if made else None,
        decision=str(decision) if made else WAITING,
        latest=min((day for grant in grants if (day := _latest_request(grant.fields, old_end))), default=None),
    )


def _end_before(project: Fact, extensions: Sequence[Fact], moment: tuple[date, date], until: date) -> date:
    """The project's end as it stood just before a decision: an approval made last holds."""
    approved = sorted(
        (_decided(fact.fields), _day(fact, "requested_on"), _day(fact, "new_end"))
        for fact in extensions
        if fact.fields.get("decision") == APPROVED and _decided(fact.fields) <= until
    )
    ends = [new_end for decided, requested, new_end in approved if (decided, requested) < moment]
    return ends[-1] if ends else _day(project, "end")


def _decided(extension: Mapping[str, Any]) -> date:
    return date.fromisoformat(extension.get("decided_on") or extension["requested_on"])


def _day(fact: Fact, name: str) -> date:
    return date.fromisoformat(fact.fields[name])


def _latest_request(grant: Mapping[str, Any], end: date) -> date | None:
    rules = grant["reporting_rules"]
    if not isinstance(rules, Mapping):
        return None
    try:
        versions = shipped_rulebook().versions(rules["rules"])
    except UnknownRules:
        return None
    version = next((v for v in reversed(versions) if v.holds_from <= end), versions[0])
    months = version.extension_request_months_before_end
    return add_months(end, -months) if months else None


def extensions_table(asked: Sequence[Asked], offices: Mapping[str, str], *, lang: str, copy: str) -> Table:
    """The filterable list of extensions; who approved stands in the internal copy only."""
    columns = tuple(_columns(lang, copy))
    rows = tuple(Row(one.fact.key, _cells(one, columns, offices, lang), label=one.project.key) for one in asked)
    by_key = {one.fact.key: one for one in asked}
    return Table("extensions", columns, rows, filtered=True, parts=lambda row, column: _parts(by_key.get(row), column))


_COLUMNS: Final[Mapping[str, tuple[int, Format, str]]] = {
    "project": (17, "code", "#activity+code"),
    "title": (36, "text", "#activity+name"),
    "office": (20, "text", "#org+name+office"),
    "old_end": (13, "text", "#date+end+old"),
    "new_end": (13, "text", "#date+end+new"),
    "days_more": (10, "number", "#meta+count+days"),
    "reason": (44, "text", "#description+reason"),
    "requested": (13, "text", "#date+requested"),
    "in_time": (20, "text", "#status+request"),
    "decision": (15, "text", "#status+decision"),
    "approver": (22, "text", "#contact+name+approver"),
    "decided": (13, "text", "#date+decided"),
}


def _columns(lang: str, copy: str) -> Iterator[Column]:
    for key, (width, asked, tag) in _COLUMNS.items():
        if not (key == "approver" and leaves_the_house(copy)):
            role: ColumnRole = "label" if key == "project" else "body"
            yield Column(key, say(f"reporting_compliance.extension.{key}", lang), width, asked, role, tag)


def _cells(one: Asked, columns: Sequence[Column], offices: Mapping[str, str], lang: str) -> tuple[Value, ...]:
    shown: dict[str, Value] = {
        "project": one.project.key,
        "title": one.project.fields["title"],
        "office": offices[one.office],
        "old_end": one.old_end,
        "new_end": one.new_end,
        "days_more": (one.new_end - one.old_end).days,
        "reason": one.fact.fields["reason"],
        "requested": one.requested,
        "in_time": say(f"reporting_compliance.asked.{_in_time_key(one)}", lang, day=one.latest),
        "decision": say(f"reporting_compliance.decision.{one.decision}", lang),
        "approver": one.fact.fields.get("decided_by") if one.decided else None,
        "decided": one.decided,
    }
    return tuple(shown[column.key] for column in columns)


def _in_time_key(one: Asked) -> str:
    return "no_rule" if one.in_time is None else "in_time" if one.in_time else "late"


def _parts(one: Asked | None, column: str) -> Sequence[Part]:
    if one is None or column != "days_more":
        return []
    days = (one.new_end - one.old_end).days
    return [Part(one.fact, "new_end", days, f"days after {one.old_end}")]
