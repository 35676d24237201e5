"""What the forms on people and tokens say, held to the same schemas as requests of programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from muster_ingest import world
from muster_ingest.kinds.refusals import Coded
from muster_shared.clock import known_time_zones
from muster_shared.codelists import regions
from muster_shared.names import ROLES
from muster_shared.pages.navigation import ROLE_NAMES
from muster_shared.problems import DataError

_LISTS: Final = ("offices", "regions")
_TEXTS: Final = ("email", "name", "role", "donor", "language", "time_zone", "title", "days")
_HEADQUARTERS: Final = "HQ"
ROLES_OF_PEOPLE: Final = {role: ROLE_NAMES[role] for role in ROLES if role != "service"}

Wrong = Mapping[str, list[Coded]]


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What somebody typed, to be shown again: texts without blanks around them, lists of codes."""
    texts = {name: form[name].strip() for name in _TEXTS if name in form}
    return {**texts, **{name: form.getlist(name) for name in _LISTS}}


def loaded(schema: type[Schema], given: Mapping[str, Any]) -> tuple[dict[str, Any], Wrong]:
    """What the schema makes of it, and by field what is wrong; its code is the name of the field."""
    try:
        return dict(schema().load(given)), {}
    except ValidationError as error:
        return {}, {name: [Coded(name, text) for text in _flat(told)] for name, told in error.messages_dict.items()}


def by_field(errors: Iterable[DataError]) -> Wrong:
    """Errors of a refusal by the field they belong to."""
    found: dict[str, list[Coded]] = {}
    for error in errors:
        found.setdefault(error.field or "", []).append(Coded(error.code, error.message))
    return found


def choices(session: Session, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of role and scope offer: code and name; what is chosen now is always among it."""
    offices = {_HEADQUARTERS: _HEADQUARTERS, **world.names_of(session, "office", None)}
    donors = world.names_of(session, "donor", None)
    own = [chosen["donor"]] if chosen.get("donor") else []
    return {
        "roles": ROLES_OF_PEOPLE,
        "offices": {**dict.fromkeys(chosen.get("offices", ()), ""), **offices},
        "regions": {
            **dict.fromkeys(chosen.get("regions", ()), ""),
            **{code: row["name"] for code, row in regions().items()},
        },
        "donors": {**dict.fromkeys(own, ""), **donors},
    }


@cache
def time_zones() -> tuple[str, ...]:
    """Names of time zones that places go by, without the technical ones."""
    return tuple(sorted(name for name in known_time_zones() if "/" in name and not name.startswith("Etc/")))


def _flat(told: Any) -> Iterable[str]:
    if isinstance(told, Mapping):
        return [text for inner in told.values() for text in _flat(inner)]
    return [str(text) for text in told] if isinstance(told, list) else [str(told)]
