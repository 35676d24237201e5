"""An office of the organization, with the people who head it and review its region."""

from __future__ import annotations

from collections.abc import Iterable

from muster_ingest.kinds.kind import Fields, Issue, Kind
from muster_ingest.kinds.parts import Person
from muster_ingest.kinds.values import Choice, Country, Key, Many, Part, Strict, Text
from muster_shared.clock import known_time_zones
from muster_shared.codelists import regions

_REGIONS = {code: row["name"] for code, row in regions().items()}


class OfficeSchema(Strict):
    """Fields of an office."""

    office = Key(required=True)
    name = Text(required=True, longest=200)
    type = Choice(["country", "regional", "headquarters"], required=True)
    region = Choice(_REGIONS, required=True)
    iso3 = Country()
    m49 = Text(longest=3)
    time_zone = Text(required=True, longest=64)
    weekend = Many(Choice(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), required=True, most=7)
    head = Part(Person())
    reviewer = Part(Person())


def _check(fields: Fields) -> Iterable[Issue]:
    zone = fields["time_zone"]
    if zone and zone not in known_time_zones():
        yield Issue(("time_zone",), "not_in_list", f"'{zone}' is not a time zone: write it like Africa/Nairobi")
    if len(set(fields["weekend"])) > 6:
        yield Issue(("weekend",), "out_of_range", "every day is a weekend day: leave at least one working day")
    if fields["m49"] and not (fields["m49"].isdecimal() and len(fields["m49"]) == 3):
        yield Issue(("m49",), "not_a_code", f"'{fields['m49']}' is not a UN M49 code: three digits such as 404")


KIND = Kind(name="office", key=("office",), schema=OfficeSchema(), check=_check, central=True)
