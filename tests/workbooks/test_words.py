from __future__ import annotations

from collections import defaultdict

import pytest

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import words
from muster_ingest.workbooks.columns import columns_of
from muster_ingest.workbooks.templates.columns import sheet_columns
from muster_ingest.workbooks.templates.lists import Choices, lists_of
from template_examples import example_fields

EACH = [
    (kind, column, language) for kind in KINDS for column in words.all_columns(kind) for language in words.LANGUAGES
]
REFERENCES = ("office", "donor", "partner", "project", "grant", "field_activity")
# what two of the languages share
ALIKE = {
    "Action",
    "Association",
    "Code",
    "Codes",
    "Fin",
    "Programme",
    "Publication",
    "Source",
    "no",
}


def test_every_column_of_every_kind_has_words_in_every_language() -> None:
    for kind, column, language in EACH:
        for said in (words.header, words.writing, words.example, words.guidance):
            text = said(kind, column, language)
            assert text, (kind, column, language)
            assert text == " ".join(text.split()), (kind, column, language, text)


def test_words_fit_the_input_message_of_a_cell() -> None:
    for kind, column, language in EACH:
        assert len(words.header(kind, column, language)) <= 32, (kind, column, language)
        assert len(words.guidance(kind, column, language)) <= 255, (kind, column, language)


def test_what_to_write_is_a_sentence() -> None:
    for kind, column, language in EACH:
        writing = words.writing(kind, column, language)
        assert writing[0].isupper(), (kind, column, language, writing)
        assert writing.endswith("."), (kind, column, language, writing)


def test_a_header_names_one_column_whatever_the_language() -> None:
    for kind in KINDS:
        meant = defaultdict(set)
        for column in words.all_columns(kind):
            meant[words.as_compared(column)].add(column)
            for language in words.LANGUAGES:
                meant[words.as_compared(words.header(kind, column, language))].add(column)
        assert {text: names for text, names in meant.items() if len(names) > 1} == {}, kind


def test_two_languages_differ_in_what_to_write_and_mostly_in_headers() -> None:
    for kind in KINDS:
        for column in words.all_columns(kind):
            assert len({words.writing(kind, column, language) for language in words.LANGUAGES}) == 3, (kind, column)
            headers = [words.header(kind, column, language) for language in words.LANGUAGES]
            assert len(set(headers)) == 3 or headers[0] in ALIKE or headers[1] in ALIKE, (kind, column, headers)


def test_headers_are_found_in_any_language_case_and_spacing() -> None:
    found = words.columns_by_header("project")
    for typed in ("Funding area", "  FUNDING   area ", "Domaine de\u00a0financement", "Ámbito de financiación"):
        assert found[words.as_compared(typed)] == "areas.code"
    assert words.columns_by_header("grant")["rapport dû : échéance"] == "reporting_rules.due"


def test_a_typewriter_apostrophe_is_as_good() -> None:
    assert words.columns_by_header("project")["type d'activité"] == "activities.code"
    assert words.columns_by_header("project")["type d\N{RIGHT SINGLE QUOTATION MARK}activité"] == "activities.code"
    assert words.kinds_by_title()["rapports d'avancement"] == "progress_report"


def test_titles_name_one_kind_whatever_the_language() -> None:
    meant = defaultdict(set)
    for kind in KINDS:
        meant[kind].add(kind)
        for language in words.LANGUAGES:
            meant[words.as_compared(words.title(kind, language))].add(kind)
    assert {text: kinds for text, kinds in meant.items() if len(kinds) > 1} == {}
    assert dict(words.kinds_by_title()).items() >= {(text, *kinds) for text, kinds in meant.items()}


def test_the_templates_own_sheets_are_no_kinds() -> None:
    assert words.own_sheets().isdisjoint(words.kinds_by_title())
    assert {"instructions", "codes", "instrucciones"} <= words.own_sheets()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_has_a_name_and_every_list_a_title(language: str) -> None:
    choices = Choices({kind: {"X1": "A name"} for kind in REFERENCES})
    lists = lists_of(list(KINDS), choices, language)
    assert [codes.name for codes in lists if not codes.title] == []
    assert [(codes.name, code) for codes in lists for code, name in codes.entries if not name] == []
    assert len({codes.defined_name for codes in lists}) == len({codes.title for codes in lists}) == len(lists)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_code_lists_are_translated(language: str) -> None:
    english = {codes.name: dict(codes.entries) for codes in lists_of(list(KINDS), Choices({}), "en")}
    own = {codes.name: dict(codes.entries) for codes in lists_of(list(KINDS), Choices({}), language)}
    for name in english.keys() - {"country", "currency"}:
        same = {code for code, text in own[name].items() if text == english[name][code]}
        assert {code for code in same if own[name][code] not in ALIKE} == set(), name
    differing = [code for code, text in own["country"].items() if text != english["country"][code]]
    assert len(differing) > 100


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_are_what_the_kind_takes_in(kind: str, language: str) -> None:
    fields = example_fields(kind, language)
    blank = {name for name, value in fields.items() if value in (None, [], "")}
    assert blank == set()


def test_every_sentence_is_said_in_every_language_with_the_same_places() -> None:
    spoken = [words._words(language)["sentences"] for language in words.LANGUAGES]
    assert spoken[0].keys() == spoken[1].keys() == spoken[2].keys()
    for key, english in spoken[0].items():
        places = {part.split("}")[0] for part in english.split("{")[1:]}
        for other in spoken[1:]:
            assert {part.split("}")[0] for part in other[key].split("{")[1:]} == places, key
            assert other[key] != english or english in ALIKE, (key, english)


def test_no_words_are_left_over() -> None:
    for language in words.LANGUAGES:
        for kind, columns in words._words(language)["columns"].items():
            known = {name for each in KINDS for name in words.all_columns(each)} if kind == "any" else set()
            assert set(columns) <= (known or set(words.all_columns(kind))), (language, kind)


def test_every_drop_down_of_a_template_has_a_list() -> None:
    listed = {codes.name for codes in lists_of(list(KINDS), Choices({k: {"X": "x"} for k in REFERENCES}), "en")}
    for kind in KINDS:
        assert {column.code_list for column in sheet_columns(kind)} - {None} <= listed
    assert {column.name for column in columns_of("follow_up")} >= {"action"}
    follow_up = next(codes for codes in lists_of(["follow_up"], Choices({}), "en") if codes.name == "follow_up_action")
    assert [code for code, _ in follow_up.entries] == ["snooze", "acknowledge", "withdraw"]
