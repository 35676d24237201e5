"""What workbooks say, in English, French and Spanish; one TOML file for each language in ``words/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from gettext import translation
from importlib.resources import files
from typing import Any, Final

import pycountry

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "fr", "es")
_STANDARD: Final = "iso3166-1"


def say(key: str, lang: str, **values: object) -> str:
    """The words under a key (``partnerships.title``), their ``{places}`` filled in.

    Raises:
        KeyError: the language has no such words.
    """
    return str(_entry(key, lang)).format(**values)


def say_number(key: str, number: int, lang: str, **values: object) -> str:
    """The same for words that change with a number: ``{number}`` is written with the language's separators."""
    form = "one" if number == 1 or (lang == "fr" and number == 0) else "other"
    return str(_entry(key, lang)[form]).format(number=whole_number(number, lang), **values)


def pairs(key: str, lang: str) -> tuple[tuple[str, str], ...]:
    """Terms and their meanings, in their order."""
    return tuple((str(term), str(meaning)) for term, meaning in _entry(key, lang))


def known_as(key: str, name: str, otherwise: str, lang: str) -> str:
    """The words for one name of several under a key; ``otherwise`` where the language has none for it."""
    return str(_entry(key, lang).get(name, otherwise))


def whole_number(number: int, lang: str) -> str:
    """A whole number inside a sentence: ``1,234``."""
    return f"{number:,}".replace(",", say("writing.thousands", lang))


def spoken_time(moment: datetime, lang: str) -> str:
    """An aware UTC time as people read it: ``30 November 2016, 08:00 UTC``."""
    month = _entry("writing.months", lang)[moment.month - 1]
    day = say("writing.first", lang) if moment.day == 1 else moment.day
    return say("writing.time", lang, day=day, month=month, year=moment.year, time=f"{moment:%H:%M}")


def code_name(code_list: str, code: str, name: str, lang: str) -> str:
    """What a code means; ``name`` where the language has no words of its own for it."""
    return str(_words(lang)["codes"].get(code_list, {}).get(code, name))


def code_names(code_list: str, lang: str) -> dict[str, str]:
    """Code to name of a list that the words themselves hold, in its order."""
    return dict(_words(lang)["codes"][code_list])


def country_name(code: str, name: str, lang: str) -> str:
    """A country by its ISO 3166-1 alpha-3 code (or XKX); ``name`` is how the records call it, in English.

    Other languages take the words' own name, where the records' historic one has to be kept, else the
    translation of ISO 3166 that comes with pycountry.
    """
    standard = name if lang == ENGLISH else _countries(lang).get(code, name)
    return code_name("country", code, standard, lang)


@cache
def _countries(lang: str) -> Mapping[str, str]:
    spoken = translation(_STANDARD, pycountry.LOCALES_DIR, languages=[lang])
    return {country.alpha_3: spoken.gettext(country.name) for country in pycountry.countries}


def _entry(key: str, lang: str) -> Any:
    entry: Any = _words(lang)
    for name in key.split("."):
        entry = entry[name]
    return entry


@cache
def _words(lang: str) -> Mapping[str, Any]:
    if lang not in LANGUAGES:
        raise KeyError(lang)
    path = files("muster_report") / "words" / f"{lang}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
