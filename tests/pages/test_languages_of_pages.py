"""What the pages say is there in every language, whole, and nothing is left over."""

from __future__ import annotations

import string
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Message

from muster_shared.language import LANGUAGES, catalogue_of
from spoken_texts import said_on_pages

PACKAGES = ("muster_shared", "muster_ingest", "muster_report")
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def in_forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def messages(code: str, package: str) -> dict[tuple[str, ...], Message]:
    return {in_forms(message.id): message for message in catalogue_of(code, package) if message.id}


def places(texts: Sequence[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_missing_and_none_is_left_over(package: str, code: str) -> None:
    said, own = said_on_pages(package), set(messages(code, package))
    assert sorted(said - own - set(messages(code, "muster_shared"))) == [], "say these in the catalogue too"
    assert sorted(own - said) == [], "nobody says these any more"


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_is_finished_and_fills_in_what_the_english_does(package: str, code: str) -> None:
    for english, message in messages(code, package).items():
        said = in_forms(message.string)
        assert not message.fuzzy, english
        assert len(said) == len(english), english
        assert all(form.strip() for form in said), english
        assert all(places([form]) == places(english) for form in said), english
