"""Who may do what in report; see ``muster_shared.permissions``."""

from __future__ import annotations

from typing import Final

from muster_shared.permissions import CENTRAL, HOUSE, PUBLISHERS, RELEASED, Entry, Table

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
    "GET /report/": _HOUSE_AND_DONOR,
    "GET /report/issues/<uuid:issue_id>": HOUSE,
}
