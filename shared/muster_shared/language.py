"""The languages of pages and mails; catalogues are the ``.po`` files in a package's ``languages/``.

English is what stands in the code: a catalogue maps it to the other language. ``fr.po`` and every ``*.fr.po`` of a
package are read, those of ``muster_shared`` first. What ``say`` and ``say_number`` are
called with is found by Babel's extractor, so they take literal texts, and ``noted`` marks those kept in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import c2py
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

ENGLISH: Final = "en"
_OWN: Final = "muster_shared"
LANGUAGES: Final = (ENGLISH, "fr", "es")
KEYWORDS: Final[Mapping[str, tuple[int, ...] | None]] = {"say": None, "noted": None, "say_number": (1, 2)}
_LOCALES: Final = {ENGLISH: "en_GB", "fr": "fr", "es": "es"}
_MONEY: Final = {ENGLISH: "¤¤ #,##0", "fr": "#,##0 ¤¤", "es": "#,##0 ¤¤"}
_LEAST_SEPARATED: Final = 1000  # numbers below are written alike in every language, and nearly all are
_FIRST_OF_MONTH: Final = {"fr": "1er"}
_COLONS: Final = {"fr": "\N{NO-BREAK SPACE}:"}


def noted(text: str) -> str:
    """Mark a text to be translated where it is used."""
    return text


@dataclass(frozen=True)
class Language:
    """One language: its words, and how it writes days, numbers and lists."""

    code: str
    locale: Locale
    words: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]

    @property
    def colon(self) -> str:
        """The colon after a label, with the space that French has before it."""
        return _COLONS.get(self.code, ":")

    def say(self, text: str, /, **values: object) -> str:
        """An English text in this language, its ``{places}`` filled in."""
        return self.words.get(text, (text,))[0].format(**values)

    def say_number(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The form of a text that belongs to a number, which fills its ``{number}``."""
        forms = self.words.get(one, (one, many))
        return forms[self.form(number)].format(number=self.number(number), **values)

    def day(self, day: date) -> str:
        """A day as a letter writes it: 30 November 2016."""
        return _written_day(self.code, day)

    def short_day(self, day: date) -> str:
        """A day where there is little room: 30 Nov 2016."""
        return _short_day(self.code, day)

    def moment(self, moment: datetime, time_zone: str) -> str:
        """An aware time as the clock of a time zone shows it: 30 November 2016, 09:00."""
        there = moment.astimezone(ZoneInfo(time_zone))
        return f"{self.day(there.date())}, {format_time(there, 'HH:mm', locale=self.locale)}"

    def number(self, number: int | float | Decimal) -> str:
        """A number with the separators of the language."""
        is_small = isinstance(number, int) and 0 <= number < _LEAST_SEPARATED
        return str(number) if is_small else format_decimal(number, locale=self.locale)

    def money(self, amount: Decimal | int | str, currency: str) -> str:
        """A whole amount with its currency's code: USD 1,250,000."""
        return format_currency(
            Decimal(amount), currency, format=_MONEY[self.code], locale=self.locale, currency_digits=False
        )

    def short_number(self, number: int | Decimal) -> str:
        """A number where there is little room: 1.25M."""
        return format_compact_decimal(number, locale=self.locale, fraction_digits=2)

    def percent(self, share: Decimal | float) -> str:
        """A share of 1 as whole percents: 42%."""
        return format_percent(share, locale=self.locale)

    def listed(self, items: Iterable[str]) -> str:
        """Several things in one sentence: ``a, b and c``."""
        return format_list(list(items), locale=self.locale)


@cache
def language_of(code: str, package: str) -> Language:
    """A language by its code, with a package's catalogues; English for one that Muster does not speak."""
    known = code if code in _LOCALES else ENGLISH
    locale = Locale.parse(_LOCALES[known])
    if known == ENGLISH:
        return Language(known, locale, {}, lambda number: int(number != 1))
    catalogues = [catalogue_of(known, each) for each in dict.fromkeys((_OWN, package))]
    words = {text: said for catalogue in catalogues for text, said in _words(catalogue).items()}
    return Language(known, locale, words, c2py(catalogues[0].plural_expr))


def catalogue_of(code: str, package: str) -> Catalog:
    """All of a package's catalogues of a language other than English as one.

    Raises:
        babel.messages.pofile.PoFileError: a file is not in the format.
    """
    folder, whole = files(package) / "languages", Catalog(locale=code)
    for name in sorted(file.name for file in folder.iterdir()):
        if f".{name}".endswith(f".{code}.po"):
            for message in _read(folder / name, code):
                if message.id:
                    whole[message.id] = message
    return whole


def _read(file: Traversable, code: str) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=code, abort_invalid=True)


def _words(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        text, said = message.id, message.string
        if text and said:
            found[text if isinstance(text, str) else text[0]] = (said,) if isinstance(said, str) else tuple(said)
    return found


@cache
def _short_day(code: str, day: date) -> str:
    return format_skeleton("yMMMd", day, locale=_LOCALES[code])


@cache
def _written_day(code: str, day: date) -> str:
    written = format_date(day, "long", locale=_LOCALES[code])
    first = _FIRST_OF_MONTH.get(code)
    return written.replace("1", first, 1) if first and day.day == 1 else written
