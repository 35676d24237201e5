"""What looks odd and is right: written as offices write it, and not to be named among the mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import mistakes_in_funding as funding
import mistakes_in_projects as projects
from mistakes_written import Shown

# by sheet: what the record has otherwise than others, and cells of its first row as they are typed
Odd = tuple[Mapping[str, Any], Mapping[str, Any]]
_THIRDS = [{"code": code, "percent": 33.33} for code in ("training", "research", "education")]
_ONE_AGE = [{"group": "infants", "sex": "female", "age_min": 0, "age_max": 0, "count": 0}]

ODDITIES: Mapping[str, Sequence[Odd]] = {
    "project": (
        ({"start": "2015-01-01", "end": "2015-01-01"}, {}),
        ({"activities": _THIRDS}, {}),
        ({"targets": _ONE_AGE}, {}),
        ({}, {"budget.amount": "5\u00a0000,50"}),
        ({}, {"budget.amount": "1.234.567,89"}),
        ({}, {"budget.amount": "1,234,567.89"}),
        ({}, {"budget.amount": 0}),
        ({}, {"budget.amount": 999999999999999}),
        ({}, {"budget.amount": "1250"}),
        ({}, {"budget.currency": "us dollar"}),
        ({}, {"start": "2015-01-01"}),
        ({}, {"start": Shown(date(2015, 1, 1), "d mmmm yyyy")}),
        ({}, {"title": "x" * 500}),
        ({}, {"title": 2015}),
        ({}, {"title": "  \u041f\u0440\u043e\u0435\u043a\u0442 \u2013 \u0645\u0634\u0631\u0648\u0639  "}),
        ({}, {"gender_marker": "3"}),
        ({}, {"status": "Draft"}),
        ({"areas": [{"code": "migration_health", "percent": 100}]}, {"areas.percent": Shown(1, "0%")}),
        ({"areas": [{"code": "migration_health", "percent": 100}]}, {"areas.percent": "100 %"}),
        ({}, {"areas.code": "MIGRATION HEALTH"}),
        ({}, {"targets.sex": "Female"}),
        ({}, {"action": "Upsert"}),
        ({}, {"revision": "0"}),
        (projects.ONE_ROW, {"manager.email": "o'brien+kenya@field.example.org"}),
    ),
    "partner": (({}, {"country": "Kenya"}), ({}, {"country": "Kenya (KEN)"}), ({}, {"name": "=HYPERLINK is a text"})),
    "partnership": (
        ({"start": "2015", "end": "2015"}, {}),
        ({}, {"start": 2015}),
        ({}, {"end": Shown(date(2016, 5, 1), "mmm yyyy")}),
        ({}, {"countries": "Kenya; som;"}),
        ({}, {"people_reached": "12 000"}),
        ({}, {"amount": None, "currency": None}),
    ),
    "grant": ((funding.DUE_DATES, {}), (funding.FEDERAL, {}), ({}, {"signed": date(2016, 1, 5)})),
    "funding_requirement": (({}, {"year": "2014", "note": "-5 and =1+1 are texts"}), ({}, {"amount": None})),
    "follow_up": (({}, {"at": "2016-02-01T11:00:00+03:00"}), ({}, {"action": "Snooze"})),
    "field_activity": (({}, {"level": "Component", "parent_activity_id": "fa-1002"}), ({}, {"offices": "KEN;UGA"})),
    "Indicator values": (({}, {"value": -12.5}), ({}, {"period": 2016})),
}
