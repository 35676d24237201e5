"""Mistakes in grants, funding requirements, progress reports, extensions and follow-ups."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories
from every_kind import RECORDS
from mistakes_written import SAME, Shown, Slip

_DUE = {"type": "interim", "period_start": "2015-01-01", "period_end": "2015-06-30", "due": "2015-08-15"}
_REACHED = {"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}
TWO_ROWS: dict[str, Any] = {"reached": [_REACHED, _REACHED | {"sex": "male", "count": 240}]}
DUE_DATES = {"reporting_rules": [_DUE, _DUE | {"type": "final", "period_end": "2016-12-31", "due": "2017-03-31"}]}
PRM = {"reporting_rules": {"rules": "prm"}}
FEDERAL = {"reporting_rules": {"rules": "us-federal", "frequency": "annual"}}


def grant(number: int, **changes: Any) -> dict[str, Any]:
    """A grant to the project KE-010, by a rule set."""
    return factories.grant(f"G-1{number:03}", **{"project_code": "KE-010", **changes})


def requirement(number: int, **changes: Any) -> dict[str, Any]:
    """What is needed for migration health in a year of its own."""
    return factories.requirement(**{"year": 2016 + number, **changes})


def progress_report(number: int, **changes: Any) -> dict[str, Any]:
    """A report on a day of its own."""
    day = {"period_start": date.fromordinal(date(2015, 1, 1).toordinal() + number).isoformat()}
    return factories.progress_report(**{**day, **changes})


def extension(number: int, **changes: Any) -> dict[str, Any]:
    """An extension asked for on a day of its own, and approved."""
    day = date.fromordinal(date(2016, 1, 1).toordinal() + number).isoformat()
    decided = {"decision": "approved", "decided_by": "Grace Wanjiru", "decided_on": "2016-11-01"}
    record = RECORDS["extension"] | {"requested_on": day, "new_end": "2017-06-30"} | decided
    return record | changes


def follow_up(number: int, **changes: Any) -> dict[str, Any]:
    """A snooze at a minute of its own."""
    return RECORDS["follow_up"] | {"at": f"2016-02-{number:02}T08:00:00Z"} | changes


GRANTS = (
    Slip("an unknown donor", "donor_id", "nobody", "unknown_reference", "there is no donor 'nobody'"),
    Slip("an unknown project", "project_code", "KE-404", "unknown_reference", "there is no project 'KE-404'"),
    Slip("a misspelt status", "status", "recieved", "not_in_list", "did you mean received?"),
    Slip("another office's project", "project_code", "UG-001", "foreign_office", "leave it to UGA"),
    Slip("no date of signature", "signed", None, "required", "must not be empty"),
    Slip("no rules", "reporting_rules.rules", None, "required", "must not be empty"),
    Slip(
        "misspelt rules", "reporting_rules.rules", "developement-fund", "not_in_list", "did you mean development-fund?"
    ),
    Slip(
        "rules without their frequency",
        "reporting_rules.frequency",
        None,
        "required",
        "quarterly, semi-annual, annual",
        record=FEDERAL,
    ),
    Slip(
        "a frequency where the rules have one",
        "reporting_rules.frequency",
        "annual",
        "not_applicable",
        "leave frequency out",
        record=PRM,
    ),
    Slip(
        "rules and due dates as well",
        "reporting_rules.rules",
        "prm",
        "not_applicable",
        "not both",
        at="reporting_rules.type",
        record=DUE_DATES,
    ),
    Slip(
        "a report due before its period ends",
        "reporting_rules.due",
        date(2015, 5, 1),
        "dates_out_of_order",
        "give a later due",
        record=DUE_DATES,
    ),
    Slip(
        "a misspelt type of report",
        "reporting_rules.type",
        "finel",
        "not_in_list",
        "did you mean final?",
        row=1,
        record=DUE_DATES,
    ),
    Slip(
        "a due date without its period",
        "reporting_rules.period_end",
        None,
        "required",
        "must not be empty",
        row=1,
        record=DUE_DATES,
    ),
)

REQUIREMENTS = (
    Slip("a year before all plans", "year", 1950, "out_of_range", "1951 to 2100"),
    Slip("half a year", "year", 2016.5, "not_whole", "a year such as 2016"),
    Slip("a misspelt area", "area", "labour_mobillity", "not_in_list", "labour_mobility_human_development"),
    Slip("a misspelt regional office", "office", "Ugand", "unknown_reference", "did you mean Uganda (UGA)?"),
    Slip("a dash for nothing", "amount", "\N{EN DASH}", "wrong_type", "write digits only"),
    Slip("the same need twice", "year", 2018, "duplicate_key", "send it once", at="area"),
    Slip(
        "a stale row",
        "revision",
        1,
        "conflict",
        "stored '2000000', yours '3000000'",
        at="amount",
        record={"year": 2016, "amount": "3000000"},
        cells={"revision": 2},
    ),
)

REPORTS = (
    Slip("another project's grant", "grant_id", "G-UG", "not_of_project", "name one of its own"),
    Slip(
        "no grant where there are two",
        "grant_id",
        None,
        "required",
        "G-2a or G-2b",
        record={"project_code": "KE-002", "grant_id": "G-2a"},
    ),
    Slip("an unknown grant", "grant_id", "G-404", "unknown_reference", "there is no grant 'G-404'"),
    Slip("a misspelt type", "type", "interm", "not_in_list", "did you mean interim?"),
    Slip("a misspelt type above a further row", "type", "interm", "not_in_list", "interim?", record=TWO_ROWS),
    Slip("a misspelt type in a further row", "type", "interm", "not_in_list", "interim?", row=1, record=TWO_ROWS),
    Slip("a bad day above a further row", "period_end", "30/6/2015", "not_a_date", "2016-11-30", record=TWO_ROWS),
    Slip("a period that ends before it starts", "period_end", date(2014, 12, 31), "dates_out_of_order", "give a later"),
    Slip("no day of delivery", "submitted_on", None, "required", "must not be empty"),
    Slip("spent, but not how much", "expenditure.amount", None, "required", "must not be empty"),
    Slip("a misspelt answer of the donor", "donor_status", "acepted", "not_in_list", "did you mean accepted?"),
    Slip("a summary longer than fits", "summary", "x" * 20_001, "too_long", "at most 20000"),
)

EXTENSIONS = (
    Slip("a decision by nobody", "decided_by", None, "required", "a decision needs decided_by"),
    Slip("a decision before the request", "decided_on", date(2015, 12, 1), "dates_out_of_order", "give a later"),
    Slip("an end before the project's start", "new_end", date(2014, 12, 31), "dates_out_of_order", "give a later one"),
    Slip("a misspelt decision", "decision", "aproved", "not_in_list", "did you mean approved?"),
    Slip("a withdrawal of what is not there", "action", "withdraw", "not_found", "mend its key", at="project_code"),
)

FOLLOW_UPS = (
    Slip("a time without its zone", "at", "2016-02-01T08:00:00", "not_a_time", "like 2016-11-30T08:00:00Z"),
    Slip("a time in a cell of Excel", "at", Shown(42401.5, "yyyy-mm-dd hh:mm"), "not_a_time", "write it as text"),
    Slip("a snooze without its end", "until", None, "required", "a snooze needs the day it ends"),
    Slip("a name for an address", "by", "Amina Otieno", "not_an_address", "name@example.org"),
    Slip("a misspelt action", "action", "snoze", "not_in_list", "did you mean snooze?"),
)

RATES = (
    Slip(
        "sent by an office",
        "currency",
        SAME,
        "not_yours",
        "leave it out",
        alone=True,
        then=(
            Slip("a quarter for a month", "month", "2016-Q4", "not_a_month", "write it like 2016-11"),
            Slip("a rate of nothing", "usd_rate", 0, "out_of_range", "above zero"),
        ),
    ),
)
