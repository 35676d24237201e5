"""Amounts in their own currency and in US dollars, each at the rate of its month: exact, and explained part by part.

Rates are records of the kind ``exchange_rate``: units of a currency per USD in a month. An amount without a rate is
told as such and stays out of sums in USD; nothing stands in for a rate. docs/money.md says which day decides the month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final, Literal

from muster_report.facts import Fact, Facts
from muster_report.figures import Part

USD: Final = "USD"
EXACT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)  # of its own: no setting of a process reaches the figures
ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_ALL: Final = Decimal(100)

Purpose = Literal["budget", "granted", "spent"]


@dataclass(frozen=True, slots=True)
class Amount:
    """What one record states, in its own currency; ``month`` (2016-03) is the one whose rate holds for it.

    ``sign`` is -1 for what another amount tells anew, so that it is counted once.
    """

    purpose: Purpose
    fact: Fact
    path: str
    value: Decimal
    currency: str
    month: str
    sign: int = 1

    def own(self) -> Decimal:
        """The contribution in its own currency."""
        return EXACT.multiply(self.value, self.sign)


@dataclass(frozen=True, slots=True)
class Missing:
    """The amounts of one currency and month that have no rate: how many, and how much stays out of the totals."""

    currency: str
    month: str
    count: int
    amount: Decimal


class Rates:
    """The exchange rates that are known, by currency and month."""

    def __init__(self, facts: Facts) -> None:
        stated = facts.kind("exchange_rate").values()
        rates = ((fact, Decimal(str(fact.fields["usd_rate"]))) for fact in stated)
        usable = {(fact.fields["currency"], fact.fields["month"]): (fact, units) for fact, units in rates if units > 0}
        self._facts = {place: fact for place, (fact, _) in usable.items()}
        self._units = {place: units for place, (_, units) in usable.items()}

    def fact(self, currency: str, month: str) -> Fact | None:
        """The record of a rate; None where there is none, and for USD, which needs none."""
        return None if currency == USD else self._facts.get((currency, month))

    def units(self, currency: str, month: str) -> Decimal | None:
        """Units per USD in a month; None where the rate is missing."""
        return _ONE if currency == USD else self._units.get((currency, month))

    def usd(self, amount: Amount) -> Decimal | None:
        """An amount in USD, not rounded; None where its rate is missing."""
        units = self.units(amount.currency, amount.month)
        return None if units is None else EXACT.divide(amount.own(), units)

    def converted(self, amount: Amount, currency: str) -> Decimal | None:
        """An amount in another currency, by way of USD at the rates of its month; None where one is missing."""
        if amount.currency == currency:
            return amount.own()
        usd, units = self.usd(amount), self.units(currency, amount.month)
        return None if usd is None or units is None else EXACT.multiply(usd, units)

    def used(self, amounts: Iterable[Amount]) -> dict[tuple[str, str], Fact]:
        """The records of the rates that amounts are converted at, by currency and month."""
        found = {(a.currency, a.month): self.fact(a.currency, a.month) for a in amounts}
        return {key: fact for key, fact in sorted(found.items()) if fact}

    def missing(self, amounts: Iterable[Amount]) -> list[Missing]:
        """What cannot be shown in USD, by currency and month."""
        without = [amount for amount in amounts if self.usd(amount) is None]
        places = sorted({(amount.currency, amount.month) for amount in without})
        return [_missing(place, without) for place in places]


def stated(purpose: Purpose, fact: Fact, path: str, money: Mapping[str, Any], *, on: str, sign: int = 1) -> Amount:
    """An amount ``{amount, currency}`` of a record's fields, on a day (ISO) that decides its month."""
    return Amount(purpose, fact, path, Decimal(str(money["amount"])), money["currency"], on[:7], sign)


def usd_total(amounts: Iterable[Amount], rates: Rates) -> Decimal:
    """The sum in USD of the amounts that have a rate, not rounded."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, rates.usd(amount) or ZERO)
    return total


def known(amounts: Iterable[Amount], rates: Rates) -> bool:
    """Whether a sum in USD says anything: at least one amount has a rate."""
    return any(rates.usd(amount) is not None for amount in amounts)


def usd_values(
    amounts: Iterable[Amount], rates: Rates, percent: Decimal | None = None
) -> Iterator[tuple[Amount, Decimal]]:
    """The amounts that have a rate, each with what it adds to a sum in USD, not rounded.

    ``percent`` is the share of each amount that counts, all of it where None.
    """
    for amount in amounts:
        usd = rates.usd(amount)
        if usd is not None:
            yield amount, usd if percent is None else EXACT.divide(EXACT.multiply(usd, percent), _ALL)


def usd_parts(amounts: Iterable[Amount], rates: Rates, percent: Decimal | None = None) -> Iterator[Part]:
    """What a sum in USD is made of: each amount, and the record of its rate with a contribution of 0.

    ``percent`` is the share of each amount that counts, all of it where None.
    """
    for amount, value in usd_values(amounts, rates, percent):
        yield Part(amount.fact, amount.path, value, _how(amount, rates, percent))
        rate = rates.fact(amount.currency, amount.month)
        if rate:
            yield Part(rate, "usd_rate", 0, f"{amount.currency} per USD in {amount.month}")


def own_parts(amounts: Iterable[Amount], currency: str, rates: Rates, sign: int = 1) -> Iterator[Part]:
    """What a sum in one currency is made of; ``sign`` -1 where the sum is taken off."""
    for amount in amounts:
        value = rates.converted(amount, currency)
        if value is not None:
            yield Part(amount.fact, amount.path, EXACT.multiply(value, sign), _how(amount, rates, None))
            for code in sorted({amount.currency, currency}) if amount.currency != currency else ():
                rate = rates.fact(code, amount.month)
                if rate:
                    yield Part(rate, "usd_rate", 0, f"{code} per USD in {amount.month}")


def _how(amount: Amount, rates: Rates, percent: Decimal | None) -> str:
    share = "" if percent is None else f"{percent:f} percent of "
    told = ", told before and so taken off" if amount.sign < 0 else ""
    if amount.currency == USD:
        return f"{share}{amount.value:f} USD{told}"
    rate = rates.units(amount.currency, amount.month)
    at = f" at {rate:f} {amount.currency} per USD in {amount.month}" if rate is not None else ""
    return f"{share}{amount.value:f} {amount.currency}{at}{told}"


def _missing(place: tuple[str, str], without: Iterable[Amount]) -> Missing:
    here = [amount for amount in without if (amount.currency, amount.month) == place]
    told = sum((amount.own() for amount in here), ZERO)
    return Missing(*place, sum(1 for amount in here if amount.sign > 0), told)
