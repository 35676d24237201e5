"""A total as an earlier publication printed it; a printed 0 is a dash and equals nothing planned."""

from __future__ import annotations

from muster_ingest.kinds.kind import Kind
from muster_ingest.kinds.numbers import Number, year
from muster_ingest.kinds.values import Choice, Currency, Key, Strict
from muster_shared.codelists import areas, regions

ALL = {"all": "All"}


class PublishedTotalSchema(Strict):
    """Fields of a published total."""

    report = Key(required=True)
    year = year(required=True)
    table = Key(required=True)
    region = Choice({code: row["name"] for code, row in regions().items()} | ALL, required=True)
    area = Choice({code: row["name"] for code, row in areas().items()} | ALL, required=True)
    printed = Number(required=True, places=2)
    currency = Currency(required=True)


KIND = Kind(
    name="published_total",
    key=("report", "year", "table", "region", "area"),
    schema=PublishedTotalSchema(),
    central=True,
)
