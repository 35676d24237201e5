"""Who may do something about an obligation or a project's extension, and how far they may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.bodies import is_address
from muster_notify.models import Record
from muster_notify.people import Offices, projects
from muster_notify.preferences import stand_ins
from muster_shared.auth import Caller
from muster_shared.problems import Problem, forbidden

_ACTING: Final = frozenset({"focal_point", "head_of_office", "project_manager", "reviewer", "admin"})
_ABOVE: Final = frozenset({"reviewer", "headquarters"})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts. ``decides``: puts reports off past the donor's due date, and decides on extensions."""

    email: str
    decides: bool


def actor_of_caller(session: Session, caller: Caller, *, region: str | None) -> Actor:
    """Who a token's bearer is towards a project of a region that they see.

    Raises:
        Problem: 403, the role only reads, or the token names nobody whom the history could name.
    """
    if caller.role not in _ACTING:
        raise forbidden(f"the role {caller.role} sees what is owed and does nothing about it: ask the office")
    if not is_address(caller.name):
        raise Problem(
            403,
            "no_person",
            f"the token of '{caller.name[:80]}' names no person, so nobody could tell who did it: "
            "make one with 'muster token --name name@example.org'",
        )
    decides = caller.role in {"admin", "reviewer"} or _heads_region(session, caller, region)
    return Actor(caller.name.strip().lower(), decides)


def actor_of_recipient(session: Session, recipient: str, project_code: str, *, today: date) -> Actor | None:
    """Who the recipient of a mail is towards a project on a day; None where it is no longer any of their business."""
    project = projects(session, [project_code]).get(project_code)
    if project is None:
        return None
    offices = Offices.of(session)
    roles = {role: person.email.strip().lower() for role, person in offices.people_of(project).items()}
    region = offices.by_code.get(project["office"], {}).get("region")
    heads = _regional_heads(offices, region)
    replaced = {email for email, stand_in in stand_ins(session, today).items() if _same(stand_in.email, recipient)}
    ours = {recipient.strip().lower(), *replaced}
    filled = {role for role, email in roles.items() if email in ours}
    decides = bool(filled & _ABOVE) or not ours.isdisjoint(heads)
    return Actor(recipient, decides) if filled or decides else None


def _regional_heads(offices: Offices, region: str | None) -> list[str]:
    """Addresses of who heads a region's offices, in small letters."""
    heads = (
        office.get("head") or {}
        for office in offices.by_code.values()
        if office["type"] == "regional" and office["region"] == region
    )
    return [head["email"].strip().lower() for head in heads if head.get("email")]


def _heads_region(session: Session, caller: Caller, region: str | None) -> bool:
    if caller.role != "head_of_office":
        return False
    regional = select(Record.key).where(
        Record.kind == "office",
        Record.key.in_(caller.offices),
        Record.fields["type"].astext == "regional",
        Record.fields["region"].astext == region,
    )
    return session.execute(regional.limit(1)).first() is not None


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
