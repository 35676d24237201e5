"""The endorsement workflow: which steps a project may take, who takes them, what each needs. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from muster_ingest.kinds.kind import Fields
from muster_ingest.kinds.project import STATUSES
from muster_shared.auth import Caller
from muster_shared.names import ROLES
from muster_shared.problems import DataError

ADMIN: Final = "admin"
_ALL: Final = Decimal(100)
_NEAR_ENOUGH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one status to another; ``who`` are the roles that take it, besides administrators."""

    name: str
    from_: str
    to: str
    who: tuple[str, ...]
    comment: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """Every step, in the order a process map shows them."""

    steps: tuple[Step, ...]

    def out_of(self, status: str) -> tuple[Step, ...]:
        """The steps that leave a status."""
        return tuple(step for step in self.steps if step.from_ == status)

    def step(self, status: str, to: str) -> Step | None:
        """The step from one status to another, or None."""
        return next((step for step in self.out_of(status) if step.to == to), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A project as a step is held against it: its fields, its office's region, its grants and progress reports."""

    project: Fields
    region: str | None = None
    grants: Sequence[Fields] = field(default_factory=tuple)
    reports: Sequence[Fields] = field(default_factory=tuple)


@cache
def shipped_workflow() -> Workflow:
    """The workflow that comes with Muster, from ``workflow.toml``."""
    return parse_workflow((files("muster_ingest") / "workflow.toml").read_text(encoding="utf-8"))


def parse_workflow(text: str) -> Workflow:
    """Read a workflow from TOML; the format is explained at the top of ``workflow.toml``.

    Raises:
        ValueError: a status, a role or a need that does not exist, or a step that stands twice.
    """
    steps = tuple(_step(row) for row in tomllib.loads(text)["step"])
    if len({(step.from_, step.to) for step in steps}) < len(steps):
        raise ValueError("a step of the workflow stands twice")
    return Workflow(steps)


def may_take(caller: Caller, step: Step, standing: Standing) -> bool:
    """Whether a caller may take a step of this project."""
    return caller.role == ADMIN or (caller.role in step.who and _in_scope(caller, standing))


def missing(step: Step, standing: Standing) -> Iterator[DataError]:
    """What a step needs and the project does not have, each with the field it belongs to."""
    for need in step.needs:
        yield from _NEEDS[need](standing)


def _in_scope(caller: Caller, standing: Standing) -> bool:
    if caller.role == "reviewer":
        return standing.region in caller.regions
    if caller.role == "project_manager":
        return caller.name.casefold() in managers_of(standing.project)
    return standing.project["office"] in caller.offices


def managers_of(project: Fields) -> set[str]:
    """The addresses, in small letters, of a project's manager and alternate manager."""
    people = (project.get(name) or {} for name in ("manager", "alternate_manager"))
    return {person["email"].casefold() for person in people if person.get("email")}


def _incomplete(standing: Standing) -> Iterator[DataError]:
    """What an endorsed project states; source: the project handbook's list for endorsement."""
    project = standing.project
    if not any(target["count"] for target in project.get("targets") or ()):
        yield _lacks("targets", "state how many people it is to reach, by group, sex and age")
    for shares in ("areas", "activities"):
        if not _adds_up(project.get(shares) or ()):
            yield _lacks(shares, "give shares of the budget that add up to 100 percent")
    if project.get("gender_marker") is None:
        yield _lacks("gender_marker", "give a gender marker from 0 to 4")
    if not (project.get("manager") or {}).get("email"):
        yield _lacks("manager", "name a manager with an e-mail address")


def _adds_up(shares: Iterable[Mapping[str, Any]]) -> bool:
    return abs(sum((Decimal(str(share["percent"])) for share in shares), Decimal(0)) - _ALL) <= _NEAR_ENOUGH


def _unreported(standing: Standing) -> Iterator[DataError]:
    finals = {report["grant_id"] for report in standing.reports if _is_final(report)}
    for grant in standing.grants:
        if grant["grant_id"] not in finals:
            message = f"grant {grant['grant_id']} has no final report that its donor did not return: hand it in first"
            yield DataError("not_reported", message, "grant_id", value=grant["grant_id"])


def _is_final(report: Fields) -> bool:
    return report["type"] == "final" and report.get("donor_status") != "returned"


def _lacks(name: str, what_would_be_right: str) -> DataError:
    return DataError("incomplete", f"{name} is missing or unfinished: {what_would_be_right}", name)


_NEEDS: Final[Mapping[str, Callable[[Standing], Iterator[DataError]]]] = {
    "complete": _incomplete,
    "reported": _unreported,
}


def _step(row: Mapping[str, Any]) -> Step:
    plain = {name: row[name] for name in ("name", "to", "comment") if name in row}
    step = Step(**plain, from_=row["from"], who=tuple(row["who"]), needs=tuple(row.get("needs", ())))
    _known({step.from_, step.to}, STATUSES, "status")
    _known(step.who, ROLES, "role")
    _known(step.needs, _NEEDS, "need")
    return step


def _known(named: Iterable[str], known: Iterable[str], what: str) -> None:
    strangers = sorted(set(named) - set(known))
    if strangers:
        raise ValueError(f"the workflow names a {what} '{strangers[0]}': there are {', '.join(known)}")
