"""What a donor reads: the issues of their own report, in the donor copy, that an analyst has released.

Nothing else shows: not another donor's report, not an issue that was not released, not how many of those there are.
Issues are therefore numbered for a donor among the released ones, and who released one, and why, stays in the house.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from muster_report.asking import in_its_language, query
from muster_report.models import Issue
from muster_report.params import params_key
from muster_report.queries import issue_document
from muster_report.reports import COPY, Report, catalogue
from muster_shared.auth import Caller
from muster_shared.problems import Problem, not_found

DONOR: Final = "donor"  # the role, the report it reads, and the copy it reads it in


def is_donor(caller: Caller) -> bool:
    """Whether the caller reads only what was released to them."""
    return caller.role == DONOR


def reports(session: Session, caller: Caller) -> dict[str, Any]:
    """The catalogue of a donor: their report, with each set of parameters of which an issue was released."""
    report = catalogue()[DONOR]
    newest: dict[str, dict[str, Any]] = {}
    for document in _documents(session.scalars(_own(caller)).all()):
        newest[params_key(document["params"])] = document
    told = sorted(newest.values(), key=lambda issue: issue["released"]["at"])
    item = {
        "key": report.key,
        "title": report.title,
        "description": report.description,
        "parameters": [{"name": p.name, "description": p.description, "example": p.example} for p in report.parameters],
        "schedule": "when it is released",
        "last_issue": told[-1] if told else None,
        "known": [{"params": issue["params"], "last_issue": issue} for issue in told],
    }
    return {"items": [item], "next": None}


def asked(caller: Caller, key: str, given: Mapping[str, str] | None = None) -> tuple[Report, dict[str, str]]:
    """The report and its parameters; the donor and the copy are the donor's own where they are left out.

    The parameters are those ``given``, else those of the query.

    Raises:
        Problem: 404 for another report, donor or copy, 422 for a parameter that is wrong.
    """
    if key != DONOR:
        raise _nothing()
    wanted = {"donor_id": str(caller.donor), COPY.name: DONOR, **(query() if given is None else given)}
    if (wanted["donor_id"], wanted[COPY.name]) != (caller.donor, DONOR) or "as_of" in wanted:
        raise _nothing()
    report = catalogue()[DONOR]
    return report, in_its_language(report, wanted)


def issues(session: Session, caller: Caller, params: Mapping[str, str]) -> dict[str, Any]:
    """The released issues for these parameters, newest first."""
    rows = session.scalars(_own(caller).where(Issue.params_key == params_key(params))).all()
    return {"items": _documents(rows)[::-1], "next": None}


def latest(session: Session, caller: Caller, params: Mapping[str, str]) -> Issue:
    """The newest released issue for these parameters.

    Raises:
        Problem: 404, none was released to the caller.
    """
    rows = session.scalars(_own(caller).where(Issue.params_key == params_key(params))).all()
    if not rows:
        raise _nothing()
    return rows[-1]


def one(session: Session, caller: Caller, issue_id: UUID) -> Issue:
    """One released issue.

    Raises:
        Problem: 404, it was not released to the caller, or there is none.
    """
    row = session.scalars(_own(caller).where(Issue.issue_id == issue_id)).first()
    if row is None:
        raise _nothing()
    return row


def document(session: Session, caller: Caller, row: Issue) -> dict[str, Any]:
    """A released issue as its donor sees it."""
    rows = session.scalars(_own(caller).where(Issue.params_key == row.params_key)).all()
    return next(told for told in _documents(rows) if told["issue_id"] == str(row.issue_id))


def _own(caller: Caller) -> Select[Issue]:
    """The caller's, oldest first within the same parameters."""
    return (
        select(Issue)
        .where(Issue.report == DONOR, Issue.released_at.is_not(None))
        .where(Issue.params["donor_id"].astext == str(caller.donor), Issue.params[COPY.name].astext == DONOR)
        .order_by(Issue.params_key, Issue.number)
    )


def _documents(rows: Sequence[Issue]) -> list[dict[str, Any]]:
    numbers: dict[UUID, int] = {}
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.params_key] = numbers[row.issue_id] = seen.get(row.params_key, 0) + 1
    return [_document(row, numbers) for row in rows]


def _document(row: Issue, numbers: Mapping[UUID, int]) -> dict[str, Any]:
    whole = issue_document(row)
    return {
        **whole,
        "number": numbers[row.issue_id],
        "released": {"at": whole["released"]["at"]},
        "corrects": _renumbered(whole["corrects"], numbers),
    }


def _renumbered(base: dict[str, Any] | None, numbers: Mapping[UUID, int]) -> dict[str, Any] | None:
    number = numbers.get(UUID(base["issue_id"])) if base else None
    return {**base, "number": number} if base and number else None


def _nothing() -> Problem:
    """The same answer whether there is no such thing, or it is another's, or it was not released."""
    return not_found("nothing was released to you here: GET /report/v1/reports lists what was")
