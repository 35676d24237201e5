"""A partnership of an office with a partner in one area of collaboration."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from muster_ingest.kinds.dates import PartialDay
from muster_ingest.kinds.kind import Fields, Issue, Kind, Reference, in_order, own_office, refer
from muster_ingest.kinds.numbers import Amount, people
from muster_ingest.kinds.values import Choice, Country, Currency, Key, Many, Strict, Text
from muster_shared.codelists import areas_of_collaboration

ROLES = (
    "collaborator",
    "service_provider",
    "service_recipient",
    "project_executor",
    "donor",
    "grant_recipient",
    "technical_cooperation_beneficiary",
)


class PartnershipSchema(Strict):
    """Fields of a partnership; ``period_text`` is the period as the source words it."""

    partnership_id = Key(required=True)
    partner_id = Key(required=True)
    partner_printed = Text(longest=300)
    office = Key(required=True)
    office_place = Text(longest=200)
    countries = Many(Country())
    area = Choice({code: row["name"] for code, row in areas_of_collaboration().items()}, required=True)
    role = Choice(ROLES, required=True)
    project_code = Key()
    title = Text(longest=500)
    start = PartialDay()
    end = PartialDay()
    period_text = Text(longest=200)
    people_reached = people()
    people_unit = Text(longest=100)
    amount = Amount()
    currency = Currency()
    note = Text()
    source = Text(required=True, longest=200)
    paragraph = Text(longest=50)


def _references(fields: Fields) -> Iterable[Reference]:
    return chain(
        refer("partner", fields, "partner_id"),
        refer("office", fields, "office"),
        refer("project", fields, "project_code"),
    )


def _check(fields: Fields) -> Iterable[Issue]:
    yield from in_order(fields, "start", "end")
    if fields["amount"] is not None and not fields["currency"]:
        yield Issue(("currency",), "required", "an amount needs its currency, such as USD")


KIND = Kind(
    name="partnership",
    key=("partnership_id",),
    schema=PartnershipSchema(),
    references=_references,
    check=_check,
    owners=own_office,
    owner_path=("office",),
)
