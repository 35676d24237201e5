"""Offices as forms offer them: those that a caller may submit for, and those whose records a caller sees."""

from __future__ import annotations

from sqlalchemy.orm import Session

from muster_ingest import world
from muster_ingest.visibility import offices_seen
from muster_shared.auth import Caller

_HEADQUARTERS = "HQ"


def written_for(session: Session, caller: Caller) -> dict[str, str]:
    """Code and name of the offices in whose name the caller may submit, headquarters last."""
    names = world.names_of(session, "office", None)
    known = {_HEADQUARTERS: _HEADQUARTERS} | dict.fromkeys(caller.offices, "") | names
    own = {code: name or code for code, name in known.items() if caller.may_write_for(code)}
    return dict(sorted(own.items(), key=lambda each: (each[0] == _HEADQUARTERS, each[1])))


def seen(session: Session, caller: Caller) -> dict[str, str]:
    """Code and name of the offices whose records and submissions the caller sees, by name."""
    names, visible = world.names_of(session, "office", None), offices_seen(session, caller)
    shown = names if visible is None else {code: names.get(code) or code for code in visible}
    return dict(sorted(shown.items(), key=lambda each: each[1]))


def preselected(offered: dict[str, str], wanted: str) -> str:
    """The office that a form begins with: the one asked for, or the only one."""
    if wanted in offered:
        return wanted
    return next(iter(offered)) if len(offered) == 1 else ""
