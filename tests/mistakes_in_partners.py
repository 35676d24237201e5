"""Mistakes in partners, partnerships, field activities, indicators, and in what only analysts may send."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories
from every_kind import RECORDS
from mistakes_written import SAME, Shown, Slip


def partner(number: int, **changes: Any) -> dict[str, Any]:
    """A partner."""
    return factories.partner(changes.pop("partner_id", f"partner-{number}"), **{"country": "KEN", **changes})


def partnership(number: int, **changes: Any) -> dict[str, Any]:
    """A partnership with an amount."""
    usual = {"amount": "12000", "currency": "USD", "start": "2015", "end": "2016-05", "countries": ["KEN", "SOM"]}
    return factories.partnership(f"p-1{number:03}", **{**usual, **changes})


def field_activity(number: int, **changes: Any) -> dict[str, Any]:
    """An activity of two rows."""
    return RECORDS["field_activity"] | {"activity_id": f"fa-1{number:03}"} | changes


def indicator_value(number: int, **changes: Any) -> dict[str, Any]:
    """A value of a month."""
    return RECORDS["indicator_value"] | {"period": f"month {number}"} | changes


def initiative(number: int, **changes: Any) -> dict[str, Any]:
    """An initiative."""
    return RECORDS["initiative"] | {"slug": f"returns-{number}"} | changes


def exchange_rate(_number: int, **changes: Any) -> dict[str, Any]:
    """A rate of November 2016."""
    return RECORDS["exchange_rate"] | changes


def office(_number: int, **changes: Any) -> dict[str, Any]:
    """An office."""
    return RECORDS["office"] | changes


PARTNERS = (
    Slip("a misspelt type", "type", "ngo_nationl", "not_in_list", "did you mean National NGO (ngo_national)?"),
    Slip("a misspelt country", "country", "Kenia", "not_in_list", "did you mean Kenya (KEN)?"),
    Slip("merged by an office", "merged_into", "hayat", "not_yours", "merged by analysts"),
    Slip(
        "merged into itself",
        "merged_into",
        "self",
        "merge_circle",
        "name another",
        record={"partner_id": "self"},
        then=(Slip("merged by an office, into itself", "merged_into", SAME, "not_yours", "leave merged_into"),),
    ),
    Slip("a record that stands under another office", "partner_id", "nyota", "foreign_office", "leave it to UGA"),
    Slip(
        "withdrawn while it is named",
        "action",
        "withdraw",
        "still_referenced",
        "partnership p-1",
        at="partner_id",
        record={"partner_id": "rafiki"},
    ),
    Slip("a number longer than Excel keeps", "iati_id", 12345678901234567, "digits_lost", "format the cell as text"),
    Slip(
        "withdrawn from a stale row",
        "revision",
        1,
        "conflict",
        "give revision 2 to write it",
        at="action",
        record={"partner_id": "tumaini"},
        cells={"action": "withdraw", "revision": 2},
    ),
)

PARTNERSHIPS = (
    Slip("an unknown partner", "partner_id", "nobody", "unknown_reference", "there is no partner 'nobody'"),
    Slip("a misspelt country among others", "countries", "KEN; Somlia", "not_in_list", "did you mean Somalia (SOM)?"),
    Slip("a misspelt area", "area", "mass_infomation", "not_in_list", "Mass Information (mass_information)?"),
    Slip("a misspelt role", "role", "colaborator", "not_in_list", "did you mean collaborator?"),
    Slip("an amount without its currency", "currency", None, "required", "an amount needs its currency"),
    Slip("a month that no year has", "start", "2015-13", "not_a_date", "write it like 2002, 2002-05 or 2002-05-05"),
    Slip("an end before the start", "end", "2014-12", "dates_out_of_order", "give a later end"),
    Slip("people with their unit", "people_reached", "1200 listeners", "wrong_type", "write digits only"),
    Slip("an unknown project", "project_code", "KE-404", "unknown_reference", "there is no project"),
    Slip("another office's partnership", "office", "UGA", "foreign_office", "leave it to UGA"),
    Slip(
        "the code of another row", "partnership_id", "p-1002", "duplicate_key", "row 2 of 'partnership'; send it once"
    ),
    Slip("no source", "source", None, "required", "must not be empty"),
    Slip("a paragraph become a date", "paragraph", Shown(date(2016, 1, 12), "d-mmm"), "date_for_text", "as text"),
)

ACTIVITIES = (
    Slip("an unknown office among others", "offices", "KEN; Ugnda", "unknown_reference", "did you mean Uganda (UGA)?"),
    Slip("other offices' activity", "offices", "UGA", "foreign_office", "leave it to UGA"),
    Slip("a misspelt level", "level", "programe", "not_in_list", "did you mean programme?"),
    Slip("a component of nothing", "level", "component", "required", "a component needs", at="parent_activity_id"),
    Slip("part of the unknown", "parent_activity_id", "fa-404", "unknown_reference", "no field_activity 'fa-404'"),
    Slip(
        "a misspelt type among others", "types", "training; reserch", "not_in_list", "did you mean Research (research)?"
    ),
    Slip("fewer people than none", "people.target", -3, "out_of_range", "0 to 1000000000", row=1),
)

INDICATORS = (
    Slip("no number", "value", "n/a", "wrong_type", "write digits only"),
    Slip("no place", "place", None, "required", "must not be empty"),
    Slip(
        "a period become a date",
        "period",
        Shown(date(2016, 1, 1), "mmm-yy"),
        "date_for_text",
        "format the cell as text",
    ),
    Slip("a value too fine", "value", 1.12345678901, "too_precise", "round it"),
)

OFFICES = (
    Slip(
        "sent by an office",
        "office",
        SAME,
        "not_yours",
        "leave it out",
        alone=True,
        then=(
            Slip("a time zone nobody keeps", "time_zone", "East Africa", "not_in_list", "write it like Africa/Nairobi"),
            Slip(
                "a week without work", "weekend", "mon; tue; wed; thu; fri; sat; sun", "out_of_range", "one working day"
            ),
            Slip("a code of two digits", "m49", "83", "not_a_code", "three digits such as 404"),
        ),
    ),
)
