"""A project with the records that belong to it, one project after the other: only one is held at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, groupby

from muster_report.facts import Fact, Facts


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project, its grants, progress reports, extensions, and the partnerships that name it."""

    project: Fact
    grants: tuple[Fact, ...] = ()
    progress_reports: tuple[Fact, ...] = ()
    extensions: tuple[Fact, ...] = ()
    partnerships: tuple[Fact, ...] = ()

    def everything(self) -> Iterator[Fact]:
        """The project and all that belongs to it."""
        return chain([self.project], self.grants, self.progress_reports, self.extensions, self.partnerships)

    def approved_end(self, today: date) -> date | None:
        """The new end that the extension approved last, by ``today``, gave the project; None where there is none.

        As the schedules of reports owed read it: the decision made last holds.
        """
        approved = [fact.fields for fact in self.extensions if fact.fields.get("decision") == "approved"]
        dated = sorted((e.get("decided_on") or e["requested_on"], e["requested_on"], e["new_end"]) for e in approved)
        ends = [new_end for decided, _, new_end in dated if date.fromisoformat(decided) <= today]
        return date.fromisoformat(ends[-1]) if ends else None

    def end(self, today: date) -> date:
        """The last day of the project, as it stands by ``today``; never before its first day."""
        end = self.approved_end(today) or date.fromisoformat(self.project.fields["end"])
        return max(end, date.fromisoformat(self.project.fields["start"]))


@dataclass(frozen=True, slots=True)
class Register:
    """What projects refer to, each by its key: few enough to be held whole."""

    offices: Mapping[str, Fact] = field(default_factory=dict)
    donors: Mapping[str, Fact] = field(default_factory=dict)
    partners: Mapping[str, Fact] = field(default_factory=dict)

    def partner(self, partner_id: str) -> tuple[Fact, ...]:
        """A partner and those it was merged into, the one that holds last; empty where it is not known."""
        chained: dict[str, Fact] = {}
        follow: str | None = partner_id
        while follow and follow not in chained and follow in self.partners:
            chained[follow] = self.partners[follow]
            follow = chained[follow].fields.get("merged_into")
        return tuple(chained.values())


def register_of(facts: Facts) -> Register:
    """The register among facts held whole."""
    return Register(facts.kind("office"), facts.kind("donor"), facts.kind("partner"))


def projects_of(facts: Facts) -> Iterator[ProjectFacts]:
    """The projects of facts held whole, in the order of their codes."""
    in_order = {kind: sorted(facts.kind(kind).values(), key=lambda fact: (_code(fact), fact.key)) for kind in _KINDS}
    return joined(
        in_order["project"],
        grants=in_order["grant"],
        progress_reports=in_order["progress_report"],
        extensions=in_order["extension"],
        partnerships=in_order["partnership"],
    )


def joined(
    projects: Iterable[Fact],
    *,
    grants: Iterable[Fact] = (),
    progress_reports: Iterable[Fact] = (),
    extensions: Iterable[Fact] = (),
    partnerships: Iterable[Fact] = (),
) -> Iterator[ProjectFacts]:
    """Each project with what belongs to it, from streams that are read once and never held.

    Each stream comes in the order of its project codes as Python compares text (in PostgreSQL: ``COLLATE "C"``);
    facts without a project code come first, and those of a project that is not there are passed over.

    Raises:
        OutOfOrder: while it is read, where a stream is not in that order.
    """
    streams = [_ByProject(facts) for facts in (grants, progress_reports, extensions, partnerships)]
    for project in _in_order(projects):
        yield ProjectFacts(project, *(stream.of(_code(project)) for stream in streams))


class OutOfOrder(ValueError):
    """A stream of facts is not in the order of its project codes."""


_KINDS = ("project", "grant", "progress_report", "extension", "partnership")


class _ByProject:
    """A stream of facts, read project by project."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._groups = groupby(_in_order(facts), key=_code)
        self._code, self._facts = "", tuple[Fact, ...]()

    def of(self, code: str) -> tuple[Fact, ...]:
        while self._code < code:
            upcoming = next(self._groups, None)
            if upcoming is None:
                return ()
            self._code, self._facts = upcoming[0], tuple(upcoming[1])
        return self._facts if self._code == code else ()


def _in_order(facts: Iterable[Fact]) -> Iterator[Fact]:
    before = ""
    for fact in facts:
        code = _code(fact)
        if code < before:
            raise OutOfOrder(f"{fact.kind} of project '{code}' comes after one of '{before}'")
        before = code
        yield fact


def _code(fact: Fact) -> str:
    return str(fact.fields.get("project_code") or "")
