"""What Muster words itself in a submission is recognized again and said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from muster_ingest import remarks
from muster_ingest.workbooks import reading
from muster_ingest.wrong_words import REFUSALS, coded, said_refused, said_wrong
from muster_shared.language import language_of
from muster_shared.problems import Problem

ENGLISH, FRENCH, SPANISH = (language_of(code, "muster_ingest") for code in ("en", "fr", "es"))
WORDED = (
    remarks.HIDDEN_SHEET,
    remarks.HIDDEN_ROWS,
    remarks.UNREAD_SHEET,
    remarks.BOTH_MANAGERS,
    remarks.HANDED_OVER,
    remarks.UNDOES,
)


@pytest.mark.parametrize("worded", WORDED)
def test_a_remark_is_said_with_the_values_it_was_worded_with(worded: str) -> None:
    values = {name: f"<{name} it's>" for _, name, _, _ in Formatter().parse(worded) if name}
    kept = worded.format(**values)
    assert remarks.said(ENGLISH, kept) == kept
    for language in (FRENCH, SPANISH):
        told = remarks.said(language, kept)
        assert told == language.say(worded, **values)
        assert told != kept


def test_a_step_that_stands_as_a_note_is_said_with_the_colon_of_the_language() -> None:
    assert remarks.said(FRENCH, "complete: KE-1") == "Achever\N{NO-BREAK SPACE}: KE-1"
    assert remarks.said(ENGLISH, "complete: KE-1") == "Complete: KE-1"


@pytest.mark.parametrize("note", ["", "complete: all of it is done", "Roofs: KE-1", "she undoes KEN-000012"])
def test_what_a_person_wrote_stays_as_it_was_written(note: str) -> None:
    assert remarks.said(FRENCH, note) == note


def test_a_code_has_words_for_who_does_not_read_english_and_none_for_who_does() -> None:
    (message,) = coded([{"code": "not_a_date", "message": "'x' is not a date"}])
    assert said_wrong(FRENCH, message.code).endswith("2016-11-30.")
    assert said_wrong(ENGLISH, message.code) == ""
    assert said_wrong(FRENCH, "nothing_like_it") == ""


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_has_the_same_words_as_it_is_raised_and_as_it_was_stored(code: str) -> None:
    problem = Problem(422, code, "detail")
    assert said_refused(SPANISH, problem) == said_refused(SPANISH, problem.document()) == SPANISH.say(REFUSALS[code])


def test_every_file_of_another_type_is_refused_in_the_readers_language() -> None:
    sources = "".join(path.read_text() for path in Path(reading.__path__[0]).rglob("*.py"))
    codes = set(re.findall(r'WRONG_TYPE, "([a-z_]+)"', sources))
    assert codes - REFUSALS.keys() == set(), "without words"
    assert {"encrypted", "macro_workbook", "open_document"} <= codes
    assert said_refused(FRENCH, Problem(415, "encrypted", "detail")).startswith("Le fichier est prot")
