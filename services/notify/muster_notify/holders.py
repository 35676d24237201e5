"""Who fills which role of which project, as rows the sweep joins: kept in line with the records, as sets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from muster_notify.ladder import Ladders, Person
from muster_notify.models import RoleHolder
from muster_notify.people import Offices, projects
from muster_shared.one_of import one_of

_SERVING: Final = ("head", "reviewer", "headquarters")

_WANTED: Final = """
    SELECT * FROM unnest(CAST(:offices AS text[]), CAST(:roles AS text[]), CAST(:emails AS text[]),
        CAST(:names AS text[]), CAST(:places AS text[])) AS wanted (serves, role, email, name, office)
"""
_STORE: Final = f"""
INSERT INTO role_holder (project_code, role, email, name, office)
SELECT p.project_code, wanted.role, wanted.email, wanted.name, wanted.office
FROM record p JOIN ({_WANTED}) wanted ON wanted.serves = p.office
WHERE p.kind = 'project'
ON CONFLICT (project_code, role) DO UPDATE SET email = excluded.email, name = excluded.name, office = excluded.office
WHERE (role_holder.email, role_holder.name, role_holder.office) IS DISTINCT FROM
    (excluded.email, excluded.name, excluded.office)
RETURNING project_code
"""  # noqa: S608 - put together from constants
_DROP: Final = f"""
DELETE FROM role_holder h USING record p
WHERE p.kind = 'project' AND p.project_code = h.project_code AND p.office = ANY (CAST(:known AS text[]))
    AND h.role = ANY (CAST(:serving AS text[]))
    AND NOT EXISTS (SELECT FROM ({_WANTED}) wanted WHERE wanted.serves = p.office AND wanted.role = h.role)
RETURNING h.project_code
"""  # noqa: S608
_FILLED: Final = "unnest(CAST(:project_code AS text[]), CAST(:role AS text[])) AS filled (project_code, role)"
_EMPTY: Final = f"""
DELETE FROM role_holder h
WHERE h.project_code = ANY (CAST(:codes AS text[]))
    AND NOT EXISTS (SELECT FROM {_FILLED} WHERE (filled.project_code, filled.role) = (h.project_code, h.role))
"""  # noqa: S608
_FILL: Final = """
INSERT INTO role_holder (project_code, role, email, name, office)
SELECT * FROM unnest(CAST(:project_code AS text[]), CAST(:role AS text[]), CAST(:email AS text[]),
    CAST(:name AS text[]), CAST(:office AS text[]))
ON CONFLICT (project_code, role) DO UPDATE SET email = excluded.email, name = excluded.name, office = excluded.office
"""
_LOOK_AGAIN: Final = """
UPDATE obligation o SET next_rung_on = o.due + CAST(:first AS int)
WHERE o.project_code = ANY (CAST(:codes AS text[])) AND o.cancelled_at IS NULL AND o.state IN ('awaited', 'returned')
    AND EXISTS (SELECT FROM reminder r WHERE r.obligation_id = o.obligation_id AND r.status = 'held')
"""


def keep_for_projects(session: Session, codes: Collection[str]) -> None:
    """Bring the role holders of some projects in line with their records; who is gone goes."""
    offices, known = Offices.of(session), projects(session, codes)
    rows = [_row(code, role, one) for code in sorted(known) for role, one in offices.people_of(known[code]).items()]
    filled = {name: [row[name] for row in rows] for name in ("project_code", "role", "email", "name", "office")}
    session.execute(text(_EMPTY), filled | {"codes": sorted(codes)})
    session.execute(text(_FILL), filled)


def keep_for_offices(session: Session, ladders: Ladders) -> None:
    """Bring whoever serves whole offices in line after offices changed: a reviewer, heads, headquarters.

    What still waits to be sent about their projects is looked at again by the next sweep.
    """
    offices = Offices.of(session)
    given = _given(offices)
    known = {"known": list(offices.by_code), "serving": list(_SERVING)}
    changed = {*session.scalars(text(_STORE), given), *session.scalars(text(_DROP), given | known)}
    look_again(session, changed, ladders)


def look_again(session: Session, codes: Collection[str], ladders: Ladders) -> None:
    """Have the next sweep look at what of these projects still waits to be sent."""
    first = min(ladder.rungs[0].days for ladder in ladders.all)
    if codes:
        session.execute(text(_LOOK_AGAIN), {"codes": sorted(codes), "first": first})


def people_by_project(session: Session, codes: Iterable[str]) -> Mapping[str, Mapping[str, Person]]:
    """Project to role to person, as the sweep sees them."""
    found: dict[str, dict[str, Person]] = {}
    for row in session.scalars(select(RoleHolder).where(one_of(RoleHolder.project_code, codes))):
        found.setdefault(row.project_code, {})[row.role] = Person(row.name, row.email, row.office)
    return found


def _given(offices: Offices) -> dict[str, Any]:
    rows = [(code, role, one) for code in offices.by_code for role, one in offices.people_serving(code).items()]
    return {
        "offices": [code for code, _, _ in rows],
        "roles": [role for _, role, _ in rows],
        "emails": [one.email for _, _, one in rows],
        "names": [one.name for _, _, one in rows],
        "places": [one.office for _, _, one in rows],
    }


def _row(code: str, role: str, one: Person) -> dict[str, Any]:
    return {"project_code": code, "role": role, "email": one.email, "name": one.name, "office": one.office}
