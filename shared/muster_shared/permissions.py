"""Who may do what: one table per service, of every route by every role, in which scope.

The role is held against the table before any view runs; the scope is part of the queries. A route that is in no
table stops the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from muster_shared.auth import Caller
from muster_shared.names import ROLES
from muster_shared.own_routes import OPEN as OPENED
from muster_shared.problems import forbidden

ALL: Final = "all"
OWN: Final = "own"
OWN_OFFICES: Final = "own offices"
OWN_PROJECTS: Final = "own projects and offices"
OWN_REGIONS: Final = "own regions"
RELEASED: Final = "released to the donor"
OPEN: Final = "open"

Entry = Mapping[str, str]
Table = Mapping[str, Entry]

CENTRAL: Final[Entry] = dict.fromkeys(("analyst", "admin", "service"), ALL)
IN_SCOPE: Final[Entry] = {
    "focal_point": OWN_OFFICES,
    "project_manager": OWN_PROJECTS,
    "head_of_office": OWN_OFFICES,
    "reviewer": OWN_REGIONS,
    **CENTRAL,
}
HOUSE: Final[Entry] = dict.fromkeys(IN_SCOPE, ALL)
EVERYBODY: Final[Entry] = dict.fromkeys(ROLES, ALL)
EACH_THEIR_OWN: Final[Entry] = {**dict.fromkeys(ROLES, OWN), "admin": ALL}
ADMINISTRATORS: Final[Entry] = {"admin": ALL}
PUBLISHERS: Final[Entry] = dict.fromkeys(("analyst", "admin"), ALL)
WITHOUT_TOKEN: Final[Entry] = {}

_THEIR_OWN: Final[Entry] = dict.fromkeys(ROLES, OWN)
_EVERY_SERVICE: Final[Table] = {
    "GET /{service}/metrics": CENTRAL,
    "GET /{service}/openapi.json": EVERYBODY,
    "GET /{service}/docs": EVERYBODY,
    "GET /{service}/sign-out": _THEIR_OWN,
    "POST /{service}/sign-out": _THEIR_OWN,
    "GET /{service}/health": ADMINISTRATORS,
    "GET /{service}/parts/health": ADMINISTRATORS,
    "GET /{service}/audit": ADMINISTRATORS,
    "GET /{service}/parts/audit": ADMINISTRATORS,
    "GET /{service}/v1/audit": ADMINISTRATORS,
    "GET /{service}/v1/audit.csv": ADMINISTRATORS,
    "GET /{service}/v1/audit/verification": ADMINISTRATORS,
    "POST /{service}/v1/erasures/count": ADMINISTRATORS,
}
_NO_VIEW: Final = frozenset({"HEAD", "OPTIONS"})


class UnknownRoute(Exception):
    """A route that no table names: who may use it was never decided."""


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Every route of an application with its name in the table: method and rule."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - _NO_VIEW):
            yield f"{method} {rule.rule}", rule


def complete(app: Flask, service: str, own: Table) -> Table:
    """The table of a service with what every service has; routes marked as opened need no token.

    Raises:
        UnknownRoute: a route stands in no table, or an opened one does.
    """
    there = dict(routes(app))
    shared = {name.format(service=service): entry for name, entry in _EVERY_SERVICE.items()}
    told = {**{name: entry for name, entry in shared.items() if name in there}, **own}
    opened = {name for name, rule in there.items() if _is_opened(app, rule)}
    for name in sorted(name for name in there if (name in told) == (name in opened)):
        reason = "is open and stands in the table" if name in opened else "stands in no table of permissions"
        raise UnknownRoute(f"{name} {reason}: say in muster_{service}/permissions.py who may use it")
    return {**told, **dict.fromkeys(sorted(opened), WITHOUT_TOKEN)}


def refuse(table: Table, caller: Caller, method: str, rule: str) -> None:
    """Let a caller pass whose role may use this route at all, or raise.

    Raises:
        Problem: 403, the role may not.
    """
    roles = table[f"{'GET' if method == 'HEAD' else method} {rule}"]
    if caller.role not in roles:
        others = ", ".join(role for role in ROLES if role in roles)
        raise forbidden(f"this is not for the role {caller.role}; it is for {others}")


def _is_opened(app: Flask, rule: Rule) -> bool:
    view: Any = app.view_functions[rule.endpoint]
    return bool(getattr(view, OPENED, False))
