"""Objects that stand within records of several kinds."""

from __future__ import annotations

from muster_ingest.kinds.numbers import Amount
from muster_ingest.kinds.values import Currency, Email, Strict, Text


class Person(Strict):
    """A person by name and e-mail."""

    name = Text(required=True, longest=200)
    email = Email(required=True)


class Money(Strict):
    """An amount in its currency."""

    amount = Amount(required=True)
    currency = Currency(required=True)
