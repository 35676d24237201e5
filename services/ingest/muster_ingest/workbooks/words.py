"""What templates call things, in English, French and Spanish; one TOML file for each language beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from gettext import translation
from importlib.resources import files
from typing import Any

import pycountry

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.values import KOSOVO
from muster_ingest.workbooks.columns import ACTION, REVISION, columns_of

LANGUAGES = ("en", "fr", "es")
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_STANDARDS = {"country": "iso3166-1", "currency": "iso4217"}


def title(kind: str, language: str) -> str:
    """A kind in plain words, in the plural: ``Funding requirements``."""
    return str(_words(language)["titles"][kind])


def header(kind: str, column: str, language: str) -> str:
    """A column in plain words, at most 32 characters; ``action`` and ``revision`` are columns of every kind."""
    return _column(kind, column, language)[0]


def writing(kind: str, column: str, language: str) -> str:
    """One short sentence: what to write in a cell of the column."""
    return _column(kind, column, language)[1]


def example(kind: str, column: str, language: str) -> str:
    """What a cell of the column may hold."""
    return _column(kind, column, language)[2]


def guidance(kind: str, column: str, language: str) -> str:
    """What to write in a cell of the column, with an example; at most 255 characters."""
    shown = say("example", language, example=example(kind, column, language))
    return f"{writing(kind, column, language)} {shown}"


def list_title(code_list: str, language: str) -> str:
    """A list of the sheet of codes in plain words."""
    return str(_words(language)["lists"][code_list])


def code_name(code_list: str, code: str, name: str, language: str) -> str:
    """What a code means; ``name`` (English, may be empty) where the language has no words of its own for it.

    Countries and currencies are named by the translations of ISO 3166 and ISO 4217 that come with pycountry.
    """
    own = _words(language)["codes"].get(code_list, {}).get(code)
    if own is None and language != "en" and code_list in _STANDARDS and code != KOSOVO:
        own = _standard(code_list, language).get(code)
    return str(own or name)


def say(key: str, language: str, **values: object) -> str:
    """A sentence of the template, its ``{places}`` filled in."""
    return str(_words(language)["sentences"][key]).format(**values)


@cache
def columns_by_header(kind: str) -> Mapping[str, str]:
    """Header in any language, as ``as_compared`` makes it, to column name; with typewriter apostrophes as well."""
    columns = [(column, language) for language in LANGUAGES for column in all_columns(kind)]
    headers = {as_compared(header(kind, column, language)): column for column, language in columns}
    return _typed_too(headers)


@cache
def kinds_by_title() -> Mapping[str, str]:
    """Title in any language, and the kind's own name, as ``as_compared`` makes them, to kind."""
    titles = {as_compared(title(kind, language)): kind for language in LANGUAGES for kind in KINDS}
    return _typed_too(titles) | {kind: kind for kind in KINDS}


@cache
def own_sheets() -> frozenset[str]:
    """Names in any language of the sheets of a template that hold no records, as ``as_compared`` makes them."""
    return frozenset(as_compared(say(f"sheet_{name}", at)) for name in ("instructions", "codes") for at in LANGUAGES)


def as_compared(text: str) -> str:
    """A header or title without case and superfluous space."""
    return " ".join(text.casefold().split())


@cache
def all_columns(kind: str) -> tuple[str, ...]:
    """Names of a kind's columns in the order of its sheet, ``action`` and ``revision`` last.

    A kind with a field ``action`` of its own has that one only, which takes ``withdraw`` too.
    """
    return tuple(dict.fromkeys((*(column.name for column in columns_of(kind)), ACTION, REVISION)))


def _typed_too(named: Mapping[str, str]) -> dict[str, str]:
    """The same texts as they come from a keyboard."""
    return {text.replace(_APOSTROPHE, "'"): name for text, name in named.items()} | dict(named)


def _column(kind: str, column: str, language: str) -> tuple[str, str, str]:
    columns = _words(language)["columns"]
    own, common = columns.get(kind, {}), columns["any"]
    named, told, shown = own[column] if column in own else common[column]
    return named, told, shown


@cache
def _words(language: str) -> Mapping[str, Any]:
    path = files(__package__) / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _standard(code_list: str, language: str) -> Mapping[str, str]:
    domain = _STANDARDS[code_list]
    spoken = translation(domain, pycountry.LOCALES_DIR, languages=[language])
    return {code: spoken.gettext(name) for code, name in _entries(code_list)}


def _entries(code_list: str) -> Iterator[tuple[str, str]]:
    for entry in pycountry.countries if code_list == "country" else pycountry.currencies:
        yield entry.alpha_3, entry.name
