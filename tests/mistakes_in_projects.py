"""Mistakes in projects: types of cells, code lists, what is missing, and what spreads over the rows of a record."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories
from mistakes_written import SAME, Shown, Slip

ONE_AREA: dict[str, Any] = {"areas": [{"code": "migration_health", "percent": 100}], "activities": []}
_TARGET = {"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}
ONE_ROW: dict[str, Any] = {**ONE_AREA, "targets": [_TARGET], "milestones": []}


def project(number: int, **changes: Any) -> dict[str, Any]:
    """A project of two rows."""
    code = changes.pop("project_code", f"KE-1{number:03}")
    usual: dict[str, Any] = {
        "activities": [{"code": "training", "percent": 25}, {"code": "research", "percent": 75}],
        "targets": [_TARGET, _TARGET | {"sex": "male", "count": 240}],
        "milestones": [{"name": "Kick-off", "due": "2015-02-01"}, {"name": "Review", "due": "2016-01-15"}],
    }
    return factories.project(code, **{**usual, **changes})


AMOUNTS = (
    Slip("words for an amount", "budget.amount", "half a million", "wrong_type", "write digits only, like 1250.50"),
    Slip("an amount with its currency", "budget.amount", "5 000 USD", "wrong_type", "write digits only"),
    Slip("an amount in an accountant's brackets", "budget.amount", "(500)", "wrong_type", "write digits only"),
    Slip("a comma that may be either", "budget.amount", "1,250", "ambiguous_number", "could be 1250 or 1.250"),
    Slip("a point that may be either", "budget.amount", "1.250", "ambiguous_number", "write it as a number"),
    Slip("an amount formatted as a date", "budget.amount", Shown(42704, "yyyy-mm-dd"), "date_for_number", "2016-11-30"),
    Slip(
        "an amount formatted as a time", "budget.amount", Shown(0.5, "h:mm"), "date_for_number", "format the cell as a"
    ),
    Slip("money as a percentage", "budget.amount", Shown(0.5, "0%"), "percent_for_number", "50% is 0.5 to Excel"),
    Slip("a negative amount", "budget.amount", -5, "out_of_range", "at least 0"),
    Slip("an amount with thousandths", "budget.amount", 1250.505, "too_precise", "2 decimal places: round it"),
    Slip(
        "an amount beyond all budgets",
        "budget.amount",
        10**15,
        "out_of_range",
        "1000000000000000 is too large: at most",
    ),
    Slip("a yes for an amount", "budget.amount", True, "wrong_type", "write it like 1250.50"),
    Slip(
        "an amount that was not found", "budget.amount", Shown("#N/A", data_type="e"), "error_cell", "write the value"
    ),
    Slip("a formula never calculated", "budget.amount", Shown("=1+1", data_type="f"), "formula_without_value", "=1+1"),
    Slip("a currency of four letters", "budget.currency", "USDD", "not_in_list", "did you mean US Dollar (USD)?"),
    Slip("an amount without its currency", "budget.currency", None, "required", "is required"),
)

DATES = (
    Slip("a date as Europe writes it", "start", "30/11/2014", "not_a_date", "write it like 2016-11-30"),
    Slip("the 31st of February", "start", "2015-02-31", "not_a_date", "write it like 2016-11-30"),
    Slip("a year for a day", "start", 2015, "not_a_date", "in a cell formatted as a date"),
    Slip("a year as text for a day", "start", "2015", "not_a_date", "write it like 2016-11-30"),
    Slip("digits run together", "start", 20150101, "not_a_date", "like 2016-11-30"),
    Slip("a time of day", "start", Shown(42005.604, "yyyy-mm-dd hh:mm"), "not_a_date", "date alone, like 2015-01-01"),
    Slip("a no for a date", "start", False, "not_a_date", "like 2016-11-30"),
    Slip("a date by a broken formula", "start", Shown("#VALUE!", data_type="e"), "error_cell", "mend it"),
    Slip("a date before all dates", "start", Shown(-5, "yyyy-mm-dd"), "unreadable_cell", "write the value again"),
    Slip("an end before the start", "end", date(2014, 6, 30), "dates_out_of_order", "give a later end"),
    Slip("a milestone due some day", "milestones.due", "in spring", "not_a_date", "like 2016-11-30", row=1),
)

TEXTS = (
    Slip("a code with a space", "project_code", "KE 900", "not_a_code", "use letters, digits", record=ONE_ROW),
    Slip("no code", "project_code", None, "required", "must not be empty", record=ONE_ROW),
    Slip("no title", "title", None, "required", "must not be empty"),
    Slip("a title longer than fits", "title", "x" * 501, "too_long", "at most 500"),
    Slip("a yes for a title", "title", True, "wrong_type", "format the cell as text"),
    Slip("a title whose source is gone", "title", Shown("#REF!", data_type="e"), "error_cell", "write the value"),
    Slip("a title with a NUL", "title", "Shelter_x0000_", "bad_character", "leave it out"),
    Slip("a percentage for a title", "title", Shown(0.5, "0%"), "number_for_text", "format the cell as text"),
    Slip("a target that lost its zero", "sdg_targets", 10.7, "number_for_text", "format the cell as text"),
    Slip("a target become a date", "sdg_targets", Shown(date(2016, 7, 10), "d-mmm"), "date_for_text", "as text"),
    Slip("no name of the manager", "manager.name", None, "required", "must not be empty"),
    Slip("no address of the alternate", "alternate_manager.email", None, "required", "must not be empty"),
    Slip("an address without its sign", "manager.email", "amina at example.org", "not_an_address", "name@example.org"),
)

LISTS = (
    Slip(
        "percentages over two rows that sum to 110",
        "areas.percent",
        70,
        "percent_sum",
        "sum to 110: they must sum to 100",
    ),
    Slip("an activity's percentage too small", "activities.percent", 24, "percent_sum", "they must sum to 100"),
    Slip("an area twice", "areas.code", "migration_health", "duplicate_code", "give each code once", row=1),
    Slip("a misspelt area", "areas.code", "Migraton health", "not_in_list", "Migration health (migration_health)?"),
    Slip("a misspelt activity", "activities.code", "trainning", "not_in_list", "did you mean Training (training)?"),
    Slip("a share without its area", "areas.code", None, "required", "must not be empty", row=1),
    Slip("more than all", "areas.percent", 140, "out_of_range", "more than 100 percent"),
    Slip("less than nothing", "areas.percent", -40, "out_of_range", "at least 0", row=1),
    Slip("a percentage too fine", "areas.percent", 59.99999, "too_precise", "4 decimal places: round it"),
    Slip("a misspelt sex", "targets.sex", "femal", "not_in_list", "did you mean female?"),
    Slip("ages the wrong way round", "targets.age_max", 12, "ages_out_of_order", "give an age of 18 or more", row=1),
    Slip("an age beyond all ages", "targets.age_max", 130, "out_of_range", "0 to 120"),
    Slip("half a person", "targets.count", 10.5, "not_whole", "a whole number of people"),
    Slip("fewer people than none", "targets.count", -1, "out_of_range", "0 to 1000000000"),
    Slip("about so many people", "targets.count", "about 200", "wrong_type", "write digits only"),
    Slip("people not counted", "targets.count", None, "required", "must not be empty", row=1),
    Slip("a gender marker beyond the scale", "gender_marker", 5, "out_of_range", "0 to 4"),
    Slip("a milestone that is never due", "milestones.due", None, "required", "must not be empty", row=1),
)

STANDING = (
    Slip("a status set by hand", "status", "active", "status_by_transition", "leave it out"),
    Slip("a misspelt status", "status", "endorced", "not_in_list", "did you mean endorsed?"),
    Slip("another office's project", "office", "UGA", "foreign_office", "leave it to UGA"),
    Slip("a misspelt office", "office", "Kenia", "unknown_reference", "did you mean Kenya (KEN)?"),
    Slip("a further row that names no project", "project_code", None, "required", "repeat it from row", row=1),
    Slip(
        "a code with a space in each row",
        "project_code",
        "KE 901",
        "not_a_code",
        "use letters, digits",
        then=(Slip("the same in a further row", "project_code", "KE 901", "not_a_code", "use letters", row=1),),
    ),
    Slip(
        "a date as Europe writes it in each row",
        "start",
        "30/11/2014",
        "not_a_date",
        "like 2016-11-30",
        then=(Slip("such a date in a further row", "start", "30/11/2014", "not_a_date", "2016-11-30", row=1),),
    ),
    Slip("a further row with another title", "title", "Other words", "differs_from_first_row", "say it once", row=1),
    Slip("a row torn from its record", "project_code", "KE-1002", "duplicate_key", "begins in row 2", record=ONE_ROW),
    Slip("a misspelt action", "action", "withdrow", "not_in_list", "write withdraw"),
    Slip("a word for a revision", "revision", "latest", "wrong_type", "leave the cell as the template has it"),
    Slip("a revision of what is not there", "revision", 3, "conflict", "leave the revision out to send it as new"),
    Slip(
        "a stale row with two changes",
        "revision",
        1,
        "conflict",
        "budget.amount: stored '500000', yours '650000'",
        at="budget.amount",
        record={
            **ONE_ROW,
            "project_code": "KE-010",
            "title": "Shelter",
            "budget": {"amount": "650000", "currency": "USD"},
        },
        cells={"revision": 2},
        then=(Slip("a stale row's second change", "title", SAME, "conflict", "stored 'Shelter and water'"),),
    ),
)

PROJECTS = (*AMOUNTS, *DATES, *TEXTS, *LISTS, *STANDING)
