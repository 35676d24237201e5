"""Who may do what in report; see ``muster_shared.permissions``."""

from __future__ import annotations

from typing import Final

from muster_shared.permissions import ADMINISTRATORS, CENTRAL, HOUSE, PUBLISHERS, RELEASED, Entry, Table

_HOUSE_AND_DONOR: Final[Entry] = {**HOUSE, "donor": RELEASED}
_V1: Final = "/report/v1"

PERMISSIONS: Final[Table] = {
    f"GET {_V1}/reports": _HOUSE_AND_DONOR,
    f"GET {_V1}/reports/<key>/latest.xlsx": _HOUSE_AND_DONOR,
    f"GET {_V1}/reports/<key>/latest.<any(html, csv, json):form>": _HOUSE_AND_DONOR,
    f"GET {_V1}/reports/<key>/issues": _HOUSE_AND_DONOR,
    f"GET {_V1}/reports/<key>/explain": HOUSE,
    f"POST {_V1}/reports/<key>/runs": HOUSE,
    f"GET {_V1}/runs/<uuid:run_id>": HOUSE,
    f"GET {_V1}/issues/<uuid:issue_id>": _HOUSE_AND_DONOR,
    f"GET {_V1}/issues/<uuid:issue_id>.xlsx": _HOUSE_AND_DONOR,
    f"GET {_V1}/issues/<uuid:issue_id>.<any(html, csv, json):form>": _HOUSE_AND_DONOR,
    f"GET {_V1}/issues/<uuid:issue_id>/compare/<uuid:other_id>": HOUSE,
    f"GET {_V1}/issues/<uuid:issue_id>/checklist": HOUSE,
    f"POST {_V1}/issues/<uuid:issue_id>/release": PUBLISHERS,
    f"GET {_V1}/exports/iati.xml": HOUSE,
    f"GET {_V1}/exports/<kind>.csv": CENTRAL,
    f"GET {_V1}/looks": HOUSE,
    f"GET {_V1}/looks/<scope>": HOUSE,
    f"PUT {_V1}/looks/<scope>": PUBLISHERS,
    f"DELETE {_V1}/looks/<scope>": PUBLISHERS,
    f"GET {_V1}/looks/<scope>/logo.png": HOUSE,
    f"GET {_V1}/schedules": HOUSE,
    f"GET {_V1}/schedules/<key>": HOUSE,
    f"PUT {_V1}/schedules/<key>": PUBLISHERS,
    f"DELETE {_V1}/schedules/<key>": PUBLISHERS,
    f"GET {_V1}/calendar": HOUSE,
    f"GET {_V1}/set-aside": ADMINISTRATORS,
    f"POST {_V1}/set-aside/<int:position>/retry": ADMINISTRATORS,
    "GET /report/": _HOUSE_AND_DONOR,
    "GET /report/reports/<key>": _HOUSE_AND_DONOR,
    "POST /report/reports/<key>/runs": HOUSE,
    "GET /report/reports/<key>/runs/<uuid:run_id>": HOUSE,
    "GET /report/issues/<uuid:issue_id>": HOUSE,
    "GET /report/figures": HOUSE,
    "GET /report/figures/map": HOUSE,
    "GET /report/figures/<name>": HOUSE,
    "GET /report/parts/map": HOUSE,
    "POST /report/issues/<uuid:issue_id>/release": PUBLISHERS,
    "GET /report/issues/<uuid:issue_id>/read": _HOUSE_AND_DONOR,
    "GET /report/issues/<uuid:issue_id>/explain": HOUSE,
    "GET /report/issues/<uuid:issue_id>/parts/downloads": _HOUSE_AND_DONOR,
    "GET /report/compare": HOUSE,
    "GET /report/calendar": HOUSE,
    "GET /report/calendar/schedules": PUBLISHERS,
    "GET /report/calendar/schedules/<key>": PUBLISHERS,
    "POST /report/calendar/schedules/<key>": PUBLISHERS,
    "POST /report/calendar/schedules/<key>/remove": PUBLISHERS,
    "GET /report/admin": ADMINISTRATORS,
    "GET /report/parts/admin": ADMINISTRATORS,
    "POST /report/admin/retry/<key>": ADMINISTRATORS,
    "POST /report/admin/set-aside/<int:position>": ADMINISTRATORS,
}
