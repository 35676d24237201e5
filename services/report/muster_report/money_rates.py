"""What a report says of exchange rates: those it used, each with its source, and in plain sight those it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from muster_report.book import Block, Column, Note, Row, Sheet, Table
from muster_report.figures import Part, Parts
from muster_report.money import USD, Amount, Missing, Rates
from muster_report.words import say, say_number


def missing_notes(amounts: Iterable[Amount], rates: Rates, lang: str) -> list[Note]:
    """An alert for each currency and month without a rate: how many amounts, and how much, is in no total in USD."""
    return [
        Note(f"no-rate-{gap.currency}-{gap.month}", _told(gap, lang), "alert") for gap in rates.missing(list(amounts))
    ]


def rates_sheet(amounts: Sequence[Amount], rates: Rates, title: str, lang: str) -> Sheet:
    """The sheet of the rates that amounts were converted at, and of those that are missing."""
    foreign = [amount for amount in amounts if amount.currency != USD]
    blocks: list[Block] = [*missing_notes(foreign, rates, lang)]
    used = rates.used(foreign)
    if used:
        blocks.append(_table(foreign, rates, lang))
    else:
        blocks.append(Note("none", say("money.no_rate_used", lang)))
    blocks.append(Note("months", say("money.months", lang)))
    subtitle = say("money.subtitle", lang)
    name = say("money.sheet", lang)
    freeze = "rates" if used else ""
    return Sheet(name, f"{title}: {name}", subtitle, tuple(blocks), freeze=freeze, landscape=False)


def _table(amounts: Sequence[Amount], rates: Rates, lang: str) -> Table:
    columns = (
        Column("currency", say("money.currency", lang), 14, "code", "label", tag="#currency"),
        Column("month", say("money.month", lang), 14, "code", "label", tag="#date+month"),
        Column("rate", say("money.units", lang), 18, tag="#value+rate"),
        Column("amounts", say("money.amounts", lang), 14, tag="#meta+count"),
        Column("source", say("money.source", lang), 44, "text", tag="#meta+source"),
    )
    rows = [
        Row(
            f"{currency}/{month}",
            (currency, month, rates.units(currency, month), len(_at(amounts, currency, month)), fact.fields["source"]),
            label=f"{currency} {month}",
        )
        for (currency, month), fact in rates.used(amounts).items()
    ]
    return Table("rates", columns, tuple(rows), parts=_parts(amounts, rates))


def _parts(amounts: Sequence[Amount], rates: Rates) -> Parts:
    def parts(row: str, column: str) -> Sequence[Part]:
        currency, _, month = row.partition("/")
        fact, units = rates.fact(currency, month), rates.units(currency, month)
        if column == "rate" and fact and units is not None:
            return [Part(fact, "usd_rate", units)]
        if column == "amounts":
            return [Part(amount.fact, amount.path, 1) for amount in _at(amounts, currency, month)]
        return []

    return parts


def _at(amounts: Iterable[Amount], currency: str, month: str) -> list[Amount]:
    return [amount for amount in amounts if (amount.currency, amount.month) == (currency, month) and amount.sign > 0]


def _told(gap: Missing, lang: str) -> str:
    return say_number(
        "money.missing", gap.count, lang, currency=gap.currency, month=gap.month, amount=money_text(gap, lang)
    )


def money_text(gap: Missing, lang: str) -> str:
    """An amount inside a sentence, with the separators of the language: ``1,234.50``."""
    sign = "-" if gap.amount < 0 else ""
    whole, _, cents = f"{abs(gap.amount):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", say("writing.thousands", lang))
    return sign + grouped + (f"{say('money.decimal', lang)}{cents}" if cents.strip("0") else "")
