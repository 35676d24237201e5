"""What is wrong with a value, by the code of its error, in the reader's language; the English message tells more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from muster_shared.language import ENGLISH, Language, noted

WORDS: Final[Mapping[str, str]] = {
    "ages_out_of_order": noted("The youngest age is above the oldest."),
    "ambiguous_number": noted("This number can be read in two ways: write it as a number, not as text."),
    "bad_character": noted("There is a character here that text cannot hold: leave it out."),
    "conflict": noted("Somebody has changed this record since: take a new template, or look at what stands now."),
    "date_for_number": noted("This is a date, and a number belongs here."),
    "date_for_text": noted("Excel has made a date of this: write it again as text."),
    "dates_out_of_order": noted("The end is before the beginning."),
    "differs_from_first_row": noted(
        "This differs from the first row of the same record: leave it empty, or write the same."
    ),
    "digits_lost": noted("Excel has lost digits of this number: write it again as text."),
    "duplicate_code": noted("The same code stands twice: give each once."),
    "duplicate_column": noted("The same column stands twice: keep one."),
    "duplicate_key": noted("The same record stands twice: keep one."),
    "error_cell": noted("The formula of this cell gives an error: mend it, or write the value itself."),
    "foreign_office": noted("This record belongs to another office: leave the row out."),
    "formula_without_value": noted(
        "The formula has no stored value: open the file in Excel, let it calculate, and save it."
    ),
    "merge_circle": noted("This leads in a circle: name another partner."),
    "merged_cells": noted("Cells are merged here: undo that, and write the value into each."),
    "missing_column": noted("A column is missing that every record needs."),
    "no_header": noted("There are values under no heading: name the column, or empty it."),
    "no_headers": noted("The sheet has no row of headers that is known: take a template."),
    "not_a_code": noted("This is not a code of the form that is needed."),
    "not_a_date": noted("This is not a date: write it like 2016-11-30."),
    "not_a_month": noted("This is not a month: write it like 2016-11."),
    "not_a_time": noted("This is not a time with its zone: write it like 2016-11-30T08:00:00Z."),
    "not_an_address": noted("This is not an e-mail address: write it like name@example.org."),
    "not_applicable": noted("This does not apply here: leave it empty."),
    "not_found": noted("There is no such record to withdraw."),
    "not_in_list": noted("This is not one of the values of the list."),
    "not_of_project": noted("This grant belongs to another project."),
    "not_whole": noted("A whole number belongs here."),
    "not_yours": noted("Only analysts and administrators write this: leave it out."),
    "number_for_text": noted("Excel has made a number of this: write it again as text."),
    "old_template": noted("The template is older than the records: take a new one."),
    "other_office": noted("The workbook is of another office than the one chosen."),
    "out_of_range": noted("This number is outside of what is possible here."),
    "percent_for_number": noted("A number belongs here, not a percentage."),
    "percent_sum": noted("The percentages do not add up to 100."),
    "required": noted("A value is missing here."),
    "status_by_transition": noted("The status is not changed in a workbook, but by a step on the page of the project."),
    "still_referenced": noted("Other records still name this one."),
    "too_long": noted("This is longer than what fits here."),
    "too_precise": noted("This number has too many decimal places: round it."),
    "unknown_column": noted("This column is not known: rename it, or leave it out."),
    "unknown_field": noted("This field is not known: rename it, or leave it out."),
    "unknown_kind": noted("This kind of record is not known."),
    "unknown_reference": noted("What is named here does not exist: send it first, or correct its code."),
    "unknown_sheet": noted("This sheet is not known: give it the name of a template's sheet, or leave it out."),
    "unreadable_cell": noted("This cell does not hold what its format says: write the value again."),
    "wrong_type": noted("This is not the type of value that belongs here."),
}


def said_wrong(language: Language, error: Mapping[str, Any]) -> str:
    """A sentence for who does not read English; empty for who does, and for a code that has none."""
    words = WORDS.get(error.get("code", ""))
    return language.say(words) if words and language.code != ENGLISH else ""
