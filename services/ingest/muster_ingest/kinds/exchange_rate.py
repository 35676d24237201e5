"""The rate of a currency in a month, in units per USD."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from muster_ingest.kinds.dates import Month
from muster_ingest.kinds.kind import Fields, Issue, Kind
from muster_ingest.kinds.numbers import Number
from muster_ingest.kinds.values import Currency, Strict, Text


class ExchangeRateSchema(Strict):
    """Fields of an exchange rate."""

    currency = Currency(required=True)
    month = Month(required=True)
    usd_rate = Number(required=True)
    source = Text(required=True, longest=200)


def _check(fields: Fields) -> Iterable[Issue]:
    if fields["usd_rate"] and Decimal(fields["usd_rate"]) <= 0:
        yield Issue(("usd_rate",), "out_of_range", "a rate is above zero: give units of the currency per USD")


KIND = Kind(name="exchange_rate", key=("currency", "month"), schema=ExchangeRateSchema(), check=_check, central=True)
