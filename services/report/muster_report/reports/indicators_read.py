"""Values of indicators for a place, read in the order of their periods, and what each is compared with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from muster_report.facts import Fact, Facts
from muster_report.reports.indicators_periods import NONE, OPEN, Period, period_of
from muster_report.small_cells import SMALLEST_SHOWN, leaves_the_house

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Stated:
    """One value of an indicator for a period."""

    fact: Fact
    period: Period

    @property
    def fields(self) -> Mapping[str, Any]:
        """The record's fields."""
        return self.fact.fields

    @property
    def value(self) -> Decimal:
        """The value, in the record's unit."""
        return Decimal(str(self.fields["value"]))

    @property
    def series(self) -> tuple[str, str, str]:
        """Indicator, unit and length of the period: values are compared only where all three are the same."""
        return self.fields["indicator"], same_text(self.fields["unit"]), self.period.length

    def is_hidden(self, copy: str) -> bool:
        """Whether a copy hides the value: it may count from 1 to 4 people, and the copy leaves the house."""
        few = 0 < self.value < SMALLEST_SHOWN
        return few and leaves_the_house(copy) and may_count_people(self.fields["unit"])


@dataclass(frozen=True, slots=True)
class Change:
    """A value and the one of the period before, ``before`` None where there is none to compare with."""

    stated: Stated
    before: Stated | None

    @property
    def absolute(self) -> Decimal | None:
        """How much the value rose, in its unit (percentage points where the unit is percent)."""
        return self.stated.value - self.before.value if self.before else None

    @property
    def percent(self) -> Decimal | None:
        """The same in percent of the value before, with one decimal; None from zero, and for shares."""
        if self.before is None or not self.before.value or is_share(self.stated.fields["unit"]):
            return None
        risen = (self.stated.value - self.before.value) * 100 / abs(self.before.value)
        return risen.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Indicators:
    """The values of a place as the workbook shows them.

    ``values`` are those of the year; ``unnamed`` those whose period names no year; ``series`` the values up to the
    end of the year that can be compared, each in the order of time; ``spellings`` of the place in the records.
    """

    place: str
    year: str
    lang: str
    values: tuple[Stated, ...]
    unnamed: tuple[Stated, ...]
    series: tuple[tuple[Change, ...], ...]
    spellings: tuple[str, ...]
    used: tuple[Fact, ...]


def read_indicators(facts: Facts, place: str, year: str, lang: str) -> Indicators:
    """Everything that the facts say of a place's indicators up to a year; ``year`` may be "all"."""
    of_place = [
        Stated(fact, period_of(str(fact.fields["period"])))
        for fact in facts.kind("indicator_value").values()
        if same_text(fact.fields["place"]) == same_text(place)
    ]
    ordered = sorted(of_place, key=lambda stated: (stated.series, stated.period.order(), stated.fact.key))
    known = [stated for stated in ordered if year == ALL or stated.period.begins_by(int(year))]
    unnamed = [stated for stated in ordered if stated.period.length == NONE and year != ALL]
    shown = [*known, *unnamed]
    return Indicators(
        place=str(shown[0].fields["place"]) if shown else place,
        year=year,
        lang=lang,
        values=tuple(stated for stated in known if year == ALL or stated.period.covers(int(year))),
        unnamed=tuple(unnamed),
        series=tuple(_series(stated for stated in known if stated.period.length != NONE)),
        spellings=tuple(sorted({str(stated.fields["place"]) for stated in shown})),
        used=tuple(stated.fact for stated in shown),
    )


def same_text(text: str) -> str:
    """A text by which its spellings are found to be the same: one kind of space, no capitals."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip().casefold()


def stated_twice(values: Sequence[Stated]) -> Iterator[tuple[Stated, Stated]]:
    """Two values of one indicator in one unit whose periods are the same in other words, and that differ."""
    first: dict[tuple[object, ...], Stated] = {}
    for stated in values:
        place = (*stated.series, stated.period.first, stated.period.last)
        other = first.setdefault(place, stated)
        if other.value != stated.value and stated.period.first is not None and stated.period.length != OPEN:
            yield other, stated


def is_compared(series: Sequence[Change]) -> bool:
    """Whether a value of the series has one to be compared with."""
    return any(change.before for change in series)


def is_share(unit: str) -> bool:
    """Whether a unit is percent: a change of it is in points, and has no percent of its own."""
    return same_text(unit) in _SHARES


def is_year(unit: str) -> bool:
    """Whether values of the unit are years, which are written without separators."""
    return same_text(unit) in _YEARS


def may_count_people(unit: str) -> bool:
    """Whether a value in this unit may be a count of people: any unit that is not known to be something else."""
    return not _NO_PEOPLE.intersection(re.split(r"[^\w%]+", same_text(unit)))


def _series(known: Iterable[Stated]) -> Iterator[tuple[Change, ...]]:
    grouped: dict[tuple[str, str, str], list[Stated]] = {}
    for stated in known:
        grouped.setdefault(stated.series, []).append(stated)
    for _, values in sorted(grouped.items()):
        yield tuple(Change(stated, _before(stated, values)) for stated in values)


def _before(stated: Stated, values: Sequence[Stated]) -> Stated | None:
    """The last value whose period begins earlier; a value is never compared with itself in other words."""
    earlier = [value for value in values if value.period.order()[0] < stated.period.order()[0]]
    return earlier[-1] if earlier else None


_SHARES: Final = frozenset({"percent", "per cent", "%", "pourcentage", "pour cent", "porcentaje", "por ciento"})
_YEARS: Final = frozenset({"year", "année", "an", "año"})
# Words of units that are not people: shares, money, time, things; anything else may be people.
_NO_PEOPLE_WORDS: Final = """
    percent cent % pourcentage pour porcentaje ciento usd eur gbp chf kes year years day days week weeks month months
    hour hours minute minutes an ans année années jour jours semaine semaines mois heure heures año años día días
    semana semanas mes meses hora horas minuto minutos country countries pays país países site sites sitio sitios
    farm farms video videos vidéo vidéos vídeo vídeos organisation organisations organization organizations
    organización organizaciones partners partenaires socios offices bureaux oficinas schools écoles escuelas
    spaces km kg tonnes litres ratio index points
"""
_NO_PEOPLE: Final = frozenset(_NO_PEOPLE_WORDS.split())
