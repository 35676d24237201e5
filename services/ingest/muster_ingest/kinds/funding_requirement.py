"""What an office needs in one year for one funding area; an empty amount is none planned, or already funded."""

from __future__ import annotations

from muster_ingest.kinds.kind import Kind, own_office, refer
from muster_ingest.kinds.numbers import Amount, year
from muster_ingest.kinds.values import Choice, Currency, Key, Strict, Text
from muster_shared.codelists import areas


class FundingRequirementSchema(Strict):
    """Fields of a funding requirement."""

    year = year(required=True)
    office = Key(required=True)
    area = Choice({code: row["name"] for code, row in areas().items()}, required=True)
    amount = Amount()
    currency = Currency(required=True)
    note = Text()


KIND = Kind(
    name="funding_requirement",
    key=("year", "office", "area"),
    schema=FundingRequirementSchema(),
    references=lambda fields: refer("office", fields, "office"),
    owners=own_office,
    owner_path=("office",),
)
