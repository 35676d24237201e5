"""What is wrong with a value, by the code of its error, in the reader's language; the English message tells more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from muster_ingest.kinds.refusals import Coded
from muster_shared.language import ENGLISH, Language, noted
from muster_shared.problems import Problem

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
    "changed_since": noted("A later submission has changed this record: undo that one first."),
    "duplicate_code": noted("The same code stands twice: give each once."),
    "duplicate_column": noted("The same column stands twice: keep one."),
    "duplicate_key": noted("The same record stands twice: keep one."),
    "either": noted("Choose a rule set, or write out each due report, not both."),
    "error_cell": noted("The formula of this cell gives an error: mend it, or write the value itself."),
    "foreign_office": noted("This record belongs to another office: leave the row out."),
    "formula_without_value": noted(
        "The formula has no stored value: open the file in Excel, let it calculate, and save it."
    ),
    "known_already": noted("This address is known already: change that entry."),
    "merge_circle": noted("This leads in a circle: name another partner."),
    "merged_cells": noted("Cells are merged here: undo that, and write the value into each."),
    "missing_column": noted("A column is missing that every record needs."),
    "no_header": noted("There are values under no heading: name the column, or empty it."),
    "no_headers": noted("The sheet has no row of headers that is known: take a template."),
    "not_a_code": noted("This is not a code of the form that is needed."),
    "not_a_date": noted("This is not a date: write it like 2016-11-30."),
    "not_a_number": noted("This is not a number that can be counted with."),
    "not_a_month": noted("This is not a month: write it like 2016-11."),
    "not_a_time": noted("This is not a time with its zone: write it like 2016-11-30T08:00:00Z."),
    "not_an_address": noted("This is not an e-mail address: write it like name@example.org."),
    "not_applicable": noted("This does not apply here: leave it empty."),
    "not_found": noted("There is no such record to withdraw."),
    "not_in_list": noted("This is not one of the values of the list."),
    "not_of_project": noted("This grant belongs to another project."),
    "not_whole": noted("A whole number belongs here."),
    "not_yours": noted("Only analysts and administrators write this: leave it out."),
    "nothing_to_hand_over": noted("Nobody with this address manages a project: look at the address again."),
    "number_for_text": noted("Excel has made a number of this: write it again as text."),
    "old_template": noted("The template is older than the records: take a new one."),
    "other_office": noted("The workbook is of another office than the one chosen."),
    "out_of_range": noted("This number is outside of what is possible here."),
    "percent_for_number": noted("A number belongs here, not a percentage."),
    "percent_sum": noted("The percentages do not add up to 100."),
    "required": noted("A value is missing here."),
    "same_person": noted("This is the same person twice: name somebody else."),
    "scope": noted(
        "The role needs what it is for: focal points and heads of office an office, reviewers a region, donors a donor."
    ),
    "status_by_transition": noted("The status is not changed in a workbook, but by a step on the page of the project."),
    "still_responsible": noted("The person still has this seat: name somebody else for it first."),
    "still_referenced": noted("Other records still name this one."),
    "time_zone": noted("This is no time zone: give a name such as Africa/Nairobi."),
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
FORMS: Final[Mapping[str, str]] = {
    "days": noted("Give a number of days from 1 to 3,650."),
    "donor": noted("Choose a donor of the list."),
    "email": noted("Give an e-mail address like name@example.org."),
    "language": noted("Choose a language of the list."),
    "name": noted("Give a name of at most 200 characters."),
    "offices": noted("Choose offices of the list."),
    "regions": noted("Choose regions of the list."),
    "role": noted("Choose a role of the list."),
    "title": noted("Give a title of at most 200 characters."),
}
REFUSALS: Final[Mapping[str, str]] = {
    "bad_name": noted("The name of the document cannot be used: give another one."),
    "changed_since": noted("It was changed in the meantime: look at it again, and decide anew."),
    "comment_missing": noted("Say why in the comment: the office and the reviewer read it."),
    "damaged": noted("The file is damaged: open it in Excel, save it again as .xlsx, and choose that file."),
    "empty": noted("The file is empty: choose another one."),
    "encrypted": noted("The file is protected by a password: save it without one, and choose it again."),
    "file_too_large": noted("The file is larger than what is taken at once: split it into several."),
    "forbidden": noted("This is not yours to do: your role or your offices do not include it."),
    "html": noted("This is a web page and no workbook: download the file itself, and choose that."),
    "macro_workbook": noted("The workbook holds macros: save it as .xlsx, which has none."),
    "no_file": noted("Choose a file first."),
    "no_such_step": noted("The project has another status by now, from which this step does not lead on."),
    "not_a_workbook": noted("This is no workbook: choose an Excel file (.xlsx) or a CSV file."),
    "not_checked": noted("Only a file that was checked and found to be right is submitted this way."),
    "not_ready": noted("Something that the step needs is missing: see what is listed at it."),
    "not_utf8": noted("The text of the file is not in UTF-8: save it again as .xlsx, or as “CSV UTF-8”."),
    "nothing_to_undo": noted("It changed nothing, so there is nothing to undo."),
    "numbers": noted("This is a file of Apple Numbers: export it to Excel (.xlsx)."),
    "old_excel": noted("This is the old Excel format (.xls): save it as .xlsx."),
    "open_document": noted("This is an OpenDocument file: save it as .xlsx."),
    "still_responsible": noted("The person still answers for projects or offices: hand them over first."),
    "takes_too_long": noted(
        "Reading the file took too long: delete unused sheets, rows and formats, or split it into several."
    ),
    "too_many_cells": noted("The file has too many cells: delete unused columns, or split it into several."),
    "too_many_columns": noted("The file has too many columns: delete those that are not used."),
    "too_many_rows": noted("The file has too many rows: split it into several."),
    "unsupported_type": noted("This type of file is not kept here."),
    "withdrawn": noted("The record was withdrawn: send it anew."),
    "word_document": noted("This is a Word document and no workbook: choose an Excel file (.xlsx)."),
    "xml_spreadsheet": noted("This is an XML file that Excel wrote: save it as .xlsx."),
}


def said_wrong(language: Language, code: str) -> str:
    """A sentence for who does not read English; empty for who does, and for a code that has none."""
    words = WORDS.get(code) or FORMS.get(code)
    return language.say(words) if words and language.code != ENGLISH else ""


def said_refused(language: Language, problem: Problem | Mapping[str, Any]) -> str:
    """The same of a refusal as a whole, or of the document that was made of it."""
    code = problem.code if isinstance(problem, Problem) else str(problem.get("type", "")).rpartition(":")[2]
    words = REFUSALS.get(code)
    return language.say(words) if words and language.code != ENGLISH else ""


def coded(errors: Iterable[Mapping[str, Any]]) -> list[Coded]:
    """The messages of errors, each with its code."""
    return [Coded(error["code"], error["message"]) for error in errors]
