"""An initiative of headquarters that seeks funding in a year."""

from __future__ import annotations

from muster_ingest.kinds.kind import Kind
from muster_ingest.kinds.numbers import Amount, year
from muster_ingest.kinds.values import Choice, Currency, Key, Strict, Text
from muster_shared.codelists import areas


class InitiativeSchema(Strict):
    """Fields of an initiative; ``required`` of ``overall_budget`` is what is still sought."""

    year = year(required=True)
    slug = Key(required=True)
    title = Text(required=True, longest=300)
    objective = Text(longest=100)
    area = Choice({code: row["name"] for code, row in areas().items()}, required=True)
    required = Amount(required=True)
    overall_budget = Amount()
    currency = Currency()


KIND = Kind(name="initiative", key=("year", "slug"), schema=InitiativeSchema())
