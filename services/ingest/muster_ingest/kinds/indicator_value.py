"""A value of an indicator for a place and a period, both in the words of the source."""

from __future__ import annotations

from muster_ingest.kinds.kind import Kind
from muster_ingest.kinds.numbers import Number
from muster_ingest.kinds.values import Key, Strict, Text


class IndicatorValueSchema(Strict):
    """Fields of an indicator value."""

    indicator = Key(required=True)
    place = Text(required=True, longest=200)
    period = Text(required=True, longest=100)
    value = Number(required=True)
    unit = Text(required=True, longest=100)
    note = Text()
    source = Text(required=True, longest=200)


KIND = Kind(name="indicator_value", key=("indicator", "place", "period"), schema=IndicatorValueSchema())
