"""Who may do what in ingest; see ``muster_shared.permissions``."""

from __future__ import annotations

from typing import Final

from muster_shared.permissions import (
    ADMINISTRATORS,
    ALL,
    CENTRAL,
    EACH_THEIR_OWN,
    EVERYBODY,
    HOUSE,
    IN_SCOPE,
    OWN,
    OWN_OFFICES,
    OWN_PROJECTS,
    OWN_REGIONS,
    Entry,
    Table,
)

_SUBMITTERS: Final[Entry] = {
    **dict.fromkeys(("focal_point", "project_manager", "head_of_office"), OWN_OFFICES),
    "analyst": "HQ and own offices",
    **dict.fromkeys(("admin", "service"), ALL),
}
_WRITERS_OF_PROJECTS: Final[Entry] = {**_SUBMITTERS, "project_manager": OWN_PROJECTS}
_TAKING_STEPS: Final[Entry] = {
    "focal_point": OWN_OFFICES,
    "project_manager": "own projects",
    "head_of_office": OWN_OFFICES,
    "reviewer": OWN_REGIONS,
    "admin": ALL,
}
_V1: Final = "/ingest/v1"
_ONE: Final = f"{_V1}/submissions/<uuid:submission_id>"
_PROJECT: Final = f"{_V1}/projects/<project_code>"

PERMISSIONS: Final[Table] = {
    f"POST {_V1}/submissions": _SUBMITTERS,
    f"GET {_V1}/submissions": IN_SCOPE,
    f"POST {_V1}/workbooks": _SUBMITTERS,
    f"GET {_V1}/templates/<kind>.xlsx": {**IN_SCOPE, "project_manager": OWN_OFFICES},
    f"GET {_ONE}": IN_SCOPE,
    f"GET {_ONE}/original": IN_SCOPE,
    f"GET {_ONE}/annotated.xlsx": IN_SCOPE,
    f"GET {_ONE}/changes": IN_SCOPE,
    f"POST {_ONE}/revert": _SUBMITTERS,
    f"POST {_V1}/handovers": ADMINISTRATORS,
    f"GET {_V1}/records/<kind>": IN_SCOPE,
    f"GET {_V1}/records/<kind>/<path:key>": IN_SCOPE,
    f"GET {_V1}/records/<kind>/<path:key>/revisions": IN_SCOPE,
    f"GET {_V1}/changes": CENTRAL,
    f"POST {_PROJECT}/transitions": _TAKING_STEPS,
    f"GET {_PROJECT}/transitions": IN_SCOPE,
    f"GET {_V1}/transitions/waiting": IN_SCOPE,
    f"GET {_V1}/workflow.svg": HOUSE,
    f"GET {_PROJECT}/documents": IN_SCOPE,
    f"PUT {_PROJECT}/documents/<name>": _WRITERS_OF_PROJECTS,
    f"GET {_PROJECT}/documents/<name>": IN_SCOPE,
    f"GET {_PROJECT}/documents/<name>/versions": IN_SCOPE,
    f"GET {_V1}/me": dict.fromkeys(EVERYBODY, OWN),
    f"GET {_V1}/users": ADMINISTRATORS,
    f"POST {_V1}/users": ADMINISTRATORS,
    f"PATCH {_V1}/users/<email>": ADMINISTRATORS,
    f"POST {_V1}/users/<email>/sign-out": EACH_THEIR_OWN,
    f"GET {_V1}/tokens": EACH_THEIR_OWN,
    f"POST {_V1}/tokens": EACH_THEIR_OWN,
    f"DELETE {_V1}/tokens/<token_id>": EACH_THEIR_OWN,
    f"GET {_V1}/revoked": {"service": ALL},
    "GET /ingest/": IN_SCOPE,
    "GET /ingest/submissions/<uuid:submission_id>": IN_SCOPE,
}
