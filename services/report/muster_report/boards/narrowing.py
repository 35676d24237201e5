"""The facts that filters leave: the reports' own functions then make the figures of these alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from muster_report.boards.asked import Asked
from muster_report.facts import Fact, Facts
from muster_report.reports.offices import office_fields
from muster_report.reports.project_analysis_portfolio import DRAFT

Of = Callable[[str], bool]
_OF_A_PROJECT: Final = ("grant", "progress_report", "extension")
_OF_AN_OFFICE: Final = ("project", "partnership", "funding_requirement")


def narrowed(facts: Facts, asked: Asked) -> Facts:
    """The facts of the offices and projects that were asked for.

    What was printed of all offices is left out: it is not to be held against the sums of some.
    """
    if not asked.narrows:
        return facts
    kept = _of_offices(facts, lambda code: _is_asked(facts, code, asked))
    if asked.picks_projects:
        kept = _of_projects(kept, asked)
    return Facts({kind: held for kind, held in kept.by_kind.items() if kind != "published_total"})


def of_offices(facts: Facts, sees: Of) -> Facts:
    """The facts of the offices that somebody may see single projects of."""
    return _of_offices(facts, sees)


def _is_asked(facts: Facts, code: str, asked: Asked) -> bool:
    if asked.office and code != asked.office:
        return False
    return not asked.region or (office_fields(facts, code) or {}).get("region") == asked.region


def _of_offices(facts: Facts, belongs: Of) -> Facts:
    codes = {code for kind in _OF_AN_OFFICE for code in _offices(facts.kind(kind)) if belongs(code)}
    kept = dict(facts.by_kind)
    for kind in _OF_AN_OFFICE:
        kept[kind] = {key: fact for key, fact in facts.kind(kind).items() if fact.fields.get("office") in codes}
    return _of_kept_projects(Facts(kept))


def _offices(facts: Mapping[str, Fact]) -> set[str]:
    return {str(fact.fields.get("office")) for fact in facts.values()}


def _of_projects(facts: Facts, asked: Asked) -> Facts:
    """Projects with a share in the area, the donor's grants, and what belongs to them."""
    kept = dict(facts.by_kind)
    if asked.area:
        stated = facts.kind("funding_requirement")
        kept["funding_requirement"] = {k: fact for k, fact in stated.items() if fact.fields["area"] == asked.area}
    if asked.donor:
        grants = facts.kind("grant")
        kept["grant"] = {k: fact for k, fact in grants.items() if fact.fields["donor_id"] == asked.donor}
    funded = {fact.fields["project_code"] for fact in kept.get("grant", {}).values()}
    kept["project"] = {
        code: fact
        for code, fact in facts.kind("project").items()
        if _has(fact.fields, asked) and (not asked.donor or code in funded)
    }
    return _of_kept_projects(Facts(kept), by_grant=bool(asked.donor))


def _has(project: Mapping[str, Any], asked: Asked) -> bool:
    if asked.status and (project.get("status") or DRAFT) != asked.status:
        return False
    return not asked.area or any(share["code"] == asked.area for share in project.get("areas") or ())


def _of_kept_projects(facts: Facts, *, by_grant: bool = False) -> Facts:
    kept = dict(facts.by_kind)
    projects = facts.kind("project")
    for kind in _OF_A_PROJECT:
        kept[kind] = {key: fact for key, fact in facts.kind(kind).items() if fact.fields["project_code"] in projects}
    if by_grant:  # a report that names no grant is on the project's only one
        grants = {fact.fields["grant_id"] for fact in kept["grant"].values()}
        reports = kept["progress_report"]
        kept["progress_report"] = {
            k: f for k, f in reports.items() if (f.fields.get("grant_id") or "") in {*grants, ""}
        }
    return Facts(kept)
