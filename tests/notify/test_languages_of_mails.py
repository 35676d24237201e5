"""Every text that notify says is there in every language, and numbers and days are written as the language does."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural

from muster_notify.letters.language import KEYWORDS, LANGUAGES, catalogue_of, language_of
from muster_shared import language
from spoken_texts import said_by_a_language, spoken

TRANSLATED = [code for code in LANGUAGES if code != "en"]
SOURCE = Path(str(files("muster_notify")))


def messages(catalogue: Catalog) -> dict[tuple[str, ...], Message]:
    """By the English text, or by both forms of one that goes with a number."""
    return {in_forms(message.id): message for message in catalogue if message.id}


def in_forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_text_is_missing_and_none_is_left_over(code: str) -> None:
    said, translated = set(messages(spoken())), set(messages(catalogue_of(code)))
    of_all = set(messages(language.catalogue_of(code, "muster_shared")))
    assert sorted(map(str, said - translated - of_all)) == [], "say these in the catalogue too"
    assert sorted(map(str, translated - said)) == [], "nobody says these any more"


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_finished_in_every_form(code: str) -> None:
    catalogue = catalogue_of(code)
    assert catalogue.num_plurals == 2
    for message in messages(catalogue).values():
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in in_forms(message.string)), message.id
        assert len(in_forms(message.string)) == (2 if message.pluralizable else 1), message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_fills_in_what_the_english_does(code: str) -> None:
    for english, message in messages(catalogue_of(code)).items():
        wanted = set().union(*map(places, english))
        for form in in_forms(message.string):
            assert places(form) == wanted, f"{code}: {form}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_plural_forms_are_the_languages_own(code: str) -> None:
    language, known = language_of(code), get_plural(code)
    english = "{number} report owed", "{number} reports owed"
    said = {number: language.say_number(*english, number) for number in (0, 1, 2, 5, 21, 100)}
    singular = {number for number, words in said.items() if re.search(r"(rapport|informe)\b(?!s)", words)}
    assert singular == ({0, 1} if code == "fr" else {1}), known.plural_expr


def test_the_extractor_finds_texts_in_code_in_both_kinds_of_templates_and_in_tables() -> None:
    said = set(messages(spoken()))
    assert {("Dear {name},",), ("project manager",), ("Hand it in",), ("Hand it in: {url}",)} <= said
    assert ("due in {number} day", "due in {number} days") in said


def test_a_text_that_a_template_lets_a_language_say_is_found_too() -> None:
    template = '{{ language.say("one") }}{{ a.say_number("{number} day", "{number} days", n) }}{{ language.say(what) }}'
    assert list(said_by_a_language(template)) == [(1, "one"), (1, ("{number} day", "{number} days"))]


def test_code_says_only_texts_that_the_extractor_can_read() -> None:
    for path in SOURCE.glob("**/*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in {"noted", "say_number"} or (name == "say" and path.parent.name == "letters"):
                texts = call.args[: len(KEYWORDS[name] or (1,))]
                assert all(_is_literal_or_noted(text) for text in texts), f"{path.name}:{call.lineno}"


def _is_literal_or_noted(text: ast.expr) -> bool:
    """A text as it stands, or one taken out of a table of noted ones."""
    return isinstance(text, ast.Constant) or (isinstance(text, ast.Subscript) and isinstance(text.value, ast.Name))


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", ["1 December 2016", "30 Nov 2016", "1,234,567", "30 November 2016, 11:00"]),
        ("fr", ["1er décembre 2016", "30 nov. 2016", "1\u202f234\u202f567", "30 novembre 2016, 11:00"]),
        ("es", ["1 de diciembre de 2016", "30 nov 2016", "1.234.567", "30 de noviembre de 2016, 11:00"]),
    ],
)
def test_days_and_numbers_are_written_as_in_the_language(code: str, written: list[str]) -> None:
    language = language_of(code)
    assert written == [
        language.day(date(2016, 12, 1)),
        language.short_day(date(2016, 11, 30)),
        language.number(1234567),
        language.moment(datetime(2016, 11, 30, 8, tzinfo=UTC), "Africa/Nairobi"),
    ]


def test_a_list_reads_as_a_sentence() -> None:
    assert [language_of(code).listed(["a", "b", "c"]) for code in LANGUAGES] == ["a, b and c", "a, b et c", "a, b y c"]


def test_a_language_muster_does_not_speak_is_english() -> None:
    assert language_of("xx").say("Dear {name},", name="Amina") == "Dear Amina,"


def test_what_a_person_wrote_is_never_taken_for_a_place_to_fill() -> None:
    assert language_of("fr").say("Dear {name},", name="{number}") == "Bonjour {number},"
