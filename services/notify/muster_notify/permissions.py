"""Who may do what in notify; see ``muster_shared.permissions``."""

from __future__ import annotations

from typing import Final

from muster_shared.permissions import (
    ADMINISTRATORS,
    ALL,
    CENTRAL,
    EACH_THEIR_OWN,
    IN_SCOPE,
    OWN,
    OWN_OFFICES,
    OWN_REGIONS,
    Entry,
    Table,
)

_ACTING: Final[Entry] = {role: IN_SCOPE[role] for role in IN_SCOPE if role not in {"analyst", "service"}}
_DECIDING: Final[Entry] = {
    "head_of_office": "the region of the own regional office",
    "reviewer": OWN_REGIONS,
    "admin": ALL,
}
_HEADS: Final[Entry] = {"head_of_office": OWN_OFFICES, "admin": ALL}
_OWN_FEEDS: Final[Entry] = dict.fromkeys(IN_SCOPE, OWN)
_FOLLOWING: Final[Entry] = {role: OWN for role in IN_SCOPE if role != "service"}
_ALARMED: Final[Entry] = {**IN_SCOPE, "project_manager": OWN_OFFICES}
_V1: Final = "/notify/v1"
_ONE: Final = f"{_V1}/obligations/<uuid:obligation_id>"
_PAGE: Final = "/notify/obligations/<uuid:obligation_id>"

PERMISSIONS: Final[Table] = {
    f"GET {_V1}/obligations": IN_SCOPE,
    f"GET {_ONE}": IN_SCOPE,
    f"POST {_ONE}/snooze": _ACTING,
    f"POST {_ONE}/acknowledge": _ACTING,
    f"POST {_ONE}/extension": _ACTING,
    f"GET {_V1}/reminders": IN_SCOPE,
    f"GET {_V1}/extensions": IN_SCOPE,
    f"POST {_V1}/extensions/<project_code>/<requested_on>/decision": _DECIDING,
    f"GET {_V1}/preferences": EACH_THEIR_OWN,
    f"PUT {_V1}/preferences": EACH_THEIR_OWN,
    f"GET {_V1}/office-channels/<office>": _HEADS,
    f"PUT {_V1}/office-channels/<office>": _HEADS,
    f"DELETE {_V1}/office-channels/<office>": _HEADS,
    f"GET {_V1}/calendar.ics": IN_SCOPE,
    f"GET {_V1}/calendars": _OWN_FEEDS,
    f"POST {_V1}/calendars": _OWN_FEEDS,
    f"DELETE {_V1}/calendars/<uuid:feed_id>": {**_OWN_FEEDS, "admin": ALL},
    f"GET {_V1}/follows": _FOLLOWING,
    f"PUT {_V1}/follows": _FOLLOWING,
    f"DELETE {_V1}/follows": _FOLLOWING,
    f"GET {_V1}/alarms": _ALARMED,
    f"POST {_V1}/alarms/<uuid:alarm_id>/clear": _ALARMED,
    f"GET {_V1}/storm": CENTRAL,
    f"POST {_V1}/storm/release": ADMINISTRATORS,
    f"GET {_V1}/reminders/dry-run": CENTRAL,
    f"POST {_V1}/bounces": dict.fromkeys(("admin", "service"), ALL),
    f"GET {_V1}/failing-addresses": ADMINISTRATORS,
    f"DELETE {_V1}/failing-addresses/<email>": ADMINISTRATORS,
    f"GET {_V1}/set-aside": ADMINISTRATORS,
    f"POST {_V1}/set-aside/<int:position>/retry": ADMINISTRATORS,
    "GET /notify/": IN_SCOPE,
    f"GET {_PAGE}": IN_SCOPE,
    f"POST {_PAGE}": _ACTING,
    "GET /notify/extensions": IN_SCOPE,
    "POST /notify/extensions/<project_code>/<requested_on>": _DECIDING,
    "GET /notify/reminders": IN_SCOPE,
    "GET /notify/preferences": EACH_THEIR_OWN,
    "POST /notify/preferences": EACH_THEIR_OWN,
    "POST /notify/preferences/calendars": _OWN_FEEDS,
    "POST /notify/preferences/calendars/<uuid:feed_id>": {**_OWN_FEEDS, "admin": ALL},
    "POST /notify/preferences/follows": _FOLLOWING,
    "GET /notify/follow": _FOLLOWING,
    "POST /notify/follow": _FOLLOWING,
    "GET /notify/parts/follow": _FOLLOWING,
    "POST /notify/office-channels": _HEADS,
    "POST /notify/alarms/<uuid:alarm_id>": _ALARMED,
    "GET /notify/admin": ADMINISTRATORS,
    "POST /notify/admin/storm": ADMINISTRATORS,
    "POST /notify/admin/addresses": ADMINISTRATORS,
    "POST /notify/admin/set-aside/<int:position>": ADMINISTRATORS,
    "GET /notify/parts/admin": ADMINISTRATORS,
    "GET /notify/parts/deadlines": IN_SCOPE,
    "GET /notify/parts/project": IN_SCOPE,
}
