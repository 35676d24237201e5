"""Periods in the words of a source: when they begin and end, so that they sort, and which may be compared.

What is understood, in English, French and Spanish: days, months, quarters (Q1 2016, 2016 T1), halves (H1, S1),
years, financial years (2014/15), spans of these (Jan-Mar 2016), and open ends (since 1999, before April 2010).
``2009-10`` is a month, as ISO 8601 has it; ``2009/10`` is a financial year. What names no year is kept as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from muster_shared.months import period_end

FINANCIAL, OPEN, UNTIL, NONE = "financial year", "open", "until", "none"
DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A period: its words, first and last day, and its length.

    ``first`` is None where the words name no year; ``last`` is None then, and where the period runs on. Two periods
    can be compared where their ``length`` is the same: "day", "3 months", "financial year", "open", "until", "none".
    """

    text: str
    first: date | None
    last: date | None
    length: str

    def covers(self, year: int) -> bool:
        """Whether the year lies in the period."""
        return self.begins_by(year) and (self.last is None or year <= self.last.year)

    def begins_by(self, year: int) -> bool:
        """Whether the period begins in the year or before."""
        return self.first is not None and self.first.year <= year

    def order(self) -> tuple[date, date, str]:
        """Sort key: by begin, then by end; what names no year comes last."""
        return self.first or date.max, self.last or date.max, self.text.casefold()


def period_of(text: str) -> Period:
    """What the words of a period say."""
    plain = _plain(text)
    moments = _with_years(list(_moments(plain)))
    if not moments:
        return Period(text, None, None, NONE)
    first, last = min(moment.first() for moment in moments), max(moment.last() for moment in moments)
    if len(moments) == 1 and _SINCE.match(plain):
        return Period(text, first, None, OPEN)
    if len(moments) == 1 and _BEFORE.match(plain):
        return Period(text, first, last, UNTIL)
    financial = len(moments) == 1 and moments[0].financial
    return Period(text, first, last, FINANCIAL if financial else _length(first, last))


@dataclass(frozen=True, slots=True)
class _Moment:
    """What one expression names: ``months`` months from ``month`` on, or a day; ``year`` may stand in the next one."""

    year: int | None
    month: int
    months: int
    day: int | None = None
    financial: bool = False

    def first(self) -> date:
        return date(self.year or date.max.year, self.month, self.day or 1)

    def last(self) -> date:
        return self.first() if self.day else period_end(self.first(), self.months)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _length(first: date, last: date) -> str:
    if first == last:
        return "day"
    return f"{(last.year - first.year) * 12 + last.month - first.month + 1} months"


def _moments(plain: str) -> Iterator[_Moment]:
    for found in _EXPRESSION.finditer(plain):
        named = {name.rstrip("_0123456789"): text for name, text in found.groupdict().items() if text}
        yield _moment(named)


def _moment(named: dict[str, str]) -> _Moment:
    if "iso_day" in named:
        return _day(*(int(number) for number in named["iso_day"].split("-")))
    if "month_name" in named:
        return _named_month(named, _MONTHS[named["month_name"]])
    if "span_next" in named:
        return _financial(int(named["span_year"]), named["span_next"])
    return _part_of_year(named) if "of_year" in named else _Moment(int(named["year"]), 1, 12)


def _part_of_year(named: dict[str, str]) -> _Moment:
    name, months = next((name, months) for name, months in _LENGTHS.items() if name in named)
    return _Moment(int(named["of_year"]), (int(named[name]) - 1) * months + 1, months)


def _named_month(named: dict[str, str], month: int) -> _Moment:
    year, day = named.get("name_year"), named.get("name_day")
    return _day(int(year), month, int(day)) if year and day else _Moment(int(year) if year else None, month, 1)


def _day(year: int, month: int, day: int) -> _Moment:
    try:
        date(year, month, day)
    except ValueError:  # 2016-02-31: its year is all that can be taken
        return _Moment(year, 1, 12)
    return _Moment(year, month, 0, day)


def _financial(year: int, following: str) -> _Moment:
    """2014/15 and 2014/2015 are financial years; 2014/12, which cannot be one, is a month; 2012/2016 are both years."""
    if int(following) in {year + 1, (year + 1) % 100}:
        return _Moment(year, 1, 24, financial=True)
    months = (int(following) + 1 - year) * 12 if len(following) > len("15") else 12
    return _Moment(year, int(following), 1) if 1 <= int(following) <= DECEMBER else _Moment(year, 1, max(months, 12))


def _with_years(moments: list[_Moment]) -> list[_Moment]:
    """Months that borrow their year: from the next that has one (Jan-Mar 2016), else from the one before."""
    years = [moment.year for moment in moments]
    dated: list[_Moment] = []
    for at, moment in enumerate(moments):
        borrowed = next((y for y in (*years[at:], *reversed(years[:at])) if y is not None), None)
        if borrowed is not None:
            dated.append(_Moment(borrowed, moment.month, moment.months, moment.day, moment.financial))
    return dated


_LENGTHS: Final = {"quarter": 3, "half": 6, "month_number": 1}
_NAMES: Final = (
    "january jan janvier janv enero ene",
    "february feb fevrier fevr febrero",
    "march mar mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juin junio",
    "july jul juillet juil julio",
    "august aug aout agosto ago",
    "september sept sep septembre septiembre setiembre set",
    "october oct octobre octubre",
    "november nov novembre noviembre",
    "december dec decembre diciembre dic",
)
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_YEAR = r"(?:1[89]|2[01])\d\d"
_GAP = r"[\s,./-]*(?:of\s+|de\s+|du\s+)?"
_EXPRESSION: Final = re.compile(
    rf"""(?<![\da-z])(?:fy\s?)?(?:
      (?P<iso_day>{_YEAR}-\d\d-\d\d)
    | [qt]\s?(?P<quarter_0>[1-4]){_GAP}(?P<of_year_0>{_YEAR})
    | (?P<of_year_1>{_YEAR})[\s,/-]*[qt]\s?(?P<quarter_1>[1-4])
    | (?P<quarter_2>[1-4])(?:st|nd|rd|th|er|e|o|\.)?\s+(?:quarter|trimestre){_GAP}(?P<of_year_2>{_YEAR})
    | [hs]\s?(?P<half_0>[12]){_GAP}(?P<of_year_3>{_YEAR})
    | (?P<of_year_4>{_YEAR})[\s,/-]*[hs]\s?(?P<half_1>[12])
    | (?P<of_year_5>{_YEAR})-(?P<month_number_0>0[1-9]|1[0-2])
    | (?P<span_year>{_YEAR})(?:[/\u2013-](?P<span_next>\d\d)|/(?P<span_next_1>{_YEAR}))
    | (?P<month_number_1>0?[1-9]|1[0-2])/(?P<of_year_6>{_YEAR})
    | (?:(?P<name_day>\d{{1,2}})\.?\s+(?:de\s+)?)?(?P<month_name>{"|".join(sorted(_MONTHS, key=len, reverse=True))})
      (?![a-z])(?:{_GAP}(?P<name_year>{_YEAR}))?
    | (?P<year>{_YEAR})
    )(?!\d)""",
    re.VERBOSE,
)
_SINCE: Final = re.compile(r"(since|from|depuis|a partir d|des |desde)")
_BEFORE: Final = re.compile(r"(before|until|till|up to|by |avant|jusqu|antes d|hasta)")
